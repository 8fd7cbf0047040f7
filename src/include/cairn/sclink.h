/* sclink: puts service directories into a scan directory by symbolic links, and takes them out.

   What svlink, svunlink and the instance programs have in common. A link is made, svscan is told,
   and the supervisors of the service and of its logger are waited for: by their announcements and
   by the pidfds of the processes, never by polling. While it waits, HUP, INT and TERM are held
   back, so that what was begun is undone first; then they do what they always do.

   Nothing is printed. */

#ifndef CAIRN_SCLINK_H
#define CAIRN_SCLINK_H

#include <stddef.h>
#include <stdint.h>

enum sclink_result {
    SCLINK_OK,
    SCLINK_SUPERVISED, /* linked, but servicedir had a supervisor already: nothing was waited for */
    SCLINK_NO_SVSCAN,  /* none runs on scandir, or it ended */
    SCLINK_UNSTARTABLE, /* run cannot be started (errno) */
    SCLINK_TIMEOUT,
    SCLINK_INTERRUPTED, /* a signal came: the process ends soon */
    SCLINK_ERROR        /* errno; what says what could not be done to which file */
};

enum sclink_down {
    SCLINK_AS_IS,
    SCLINK_DOWN,     /* the service stays down, its file down is removed */
    SCLINK_STAY_DOWN /* the service stays down, a file down is left there */
};

struct sclink {
    int scanfd;       /* the scan directory */
    char const *name; /* of the link */
    int64_t deadline; /* of svwatch_deadline */

    /* for sclink_add */
    char const *servicedir;
    char const *target; /* text of the link */
    enum sclink_down down;
    unsigned int public_events : 1; /* event is made for everybody, else for the caller's group */
    unsigned int force : 1;         /* so is an event that exists already */

    unsigned int hasty : 1; /* for sclink_remove: nothing is waited for */

    char const *what; /* out, with SCLINK_ERROR: "make ", ... */
    char file[64];    /* out, with SCLINK_ERROR: below servicedir, or "" */
};

/* May a link have that name? Not empty, no slash, no dot in front, at most NAME_MAX bytes. */
extern int sclink_is_name(char const *name);

/* Ends a message that shows one that may not, in quotes: "invalid name: '", name, it. */
#define SCLINK_NO_NAME "' (empty, with a dot first, with a slash in it, or too long)"

/* Does an svscan run on scanfd? Returns 1 or 0, or -1 with errno. */
extern int sclink_is_scanned(int scanfd);

/* Links and waits until the supervisors are there. On every failure the link is removed again, and
   so are files named down that it made. An existing link to the same directory is as good as a new
   one. */
extern enum sclink_result sclink_add(struct sclink *);

/* Removes the link, if there is one, and waits until its supervisors have ended, unless hasty.
   SCLINK_ERROR with ENOTSUP: name is no symbolic link. SCLINK_NO_SVSCAN: the link is removed all
   the same. */
extern enum sclink_result sclink_remove(struct sclink *);

#endif
