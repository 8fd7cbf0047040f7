/* downfile: the file "down" of a live service directory, and who made it.

   supervise does not start a service that has one, whatever is in it. services-up makes one with
   one of the contents below; any other content, or none, is the user's. */

#ifndef CAIRN_DOWNFILE_H
#define CAIRN_DOWNFILE_H

enum downfile {
    DOWNFILE_NONE,
    DOWNFILE_USER,
    DOWNFILE_WAITS,    /* "dependencies": to be started when those it needs are there */
    DOWNFILE_DISABLED, /* "S6_SERVICES_DISABLE": switched off by that */
    DOWNFILE_UNMET     /* "enable-if-env": switched off by that file */
};

/* Which one does the service directory dirfd (O_PATH will do) have? What cannot be read is the
   user's. */
extern enum downfile downfile_read(int dirfd);

/* What is in one of ours, with its newline; "" for DOWNFILE_NONE and DOWNFILE_USER. */
extern char const *downfile_text(enum downfile);

/* Is it one of the two that switch a service off? */
extern int downfile_is_off(enum downfile);

/* Makes one of ours, complete at once, or with DOWNFILE_NONE removes it. Returns 0, or -1 with
   errno. */
extern int downfile_write(int dirfd, enum downfile);

#endif
