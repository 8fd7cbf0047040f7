/* bootplaces: the directories, links and FIFOs that init makes at boot. See doc/design.md, "Places
 * and names". */

#ifndef CAIRN_BOOTPLACES_H
#define CAIRN_BOOTPLACES_H

#include <cairn/statedir.h>

#define BOOTPLACES_OVERRIDES "/etc/s6/init" /* executables here replace the built-in stages */

struct bootplaces {
    char state[STATEDIR_MAX]; /* the state directory, as statedir_make returned it */
    int fd;                   /* the same, open */
    int is_public;            /* it is /run/s6 */
    int is_private;           /* CAIRN_STATEDIR named it: nothing outside of it is made or used */
    int control; /* control FIFO of the live scan directory: kept open both ways, so that writers
                    always succeed and bytes survive the death of svscan */
    char const *etc; /* links to the user's directories, the path under which hooks are run */
    char etcbuf[STATEDIR_MAX + 8];
};

/* state is set; input is the directory that holds fix-attrs.d, cont-init.d, services.d and
   cont-finish.d. Makes what lies in the state directory; fails only if that cannot be made. Returns
   0, or -1 with errno; then *culprit names the object. */
extern int bootplaces_make(struct bootplaces *, char const *input, char const **culprit);

/* The boot stages are over: whoever asks whether all is well need not wait for them any more. */
extern void bootplaces_booted(struct bootplaces const *);

/* Makes the links outside: /var/run/s6, /run/service, /usr/bin/execlineb, and the exit code file of
   v3. What cannot be made (read-only, no permission, name taken) is left out silently: nothing of
   ours needs it. Decides etc. */
extern void bootplaces_public(struct bootplaces *);

#endif
