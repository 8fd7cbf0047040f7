/* filewatch: have files changed that others write, such as /etc/hosts and /etc/resolv.conf?

   Watched are the file, because Docker mounts these and writes them in place, and its directory,
   because others write a new file and rename it. A file need not exist yet. What is written counts
   when the writer closes it. No allocation. */

#ifndef CAIRN_FILEWATCH_H
#define CAIRN_FILEWATCH_H

enum { FILEWATCH_FILES = 4 };

struct filewatch {
    int fd; /* readable when something has happened; the caller polls it */
    unsigned int n;
    struct filewatch_file {
        char const *path; /* the caller's, absolute */
        int file;         /* inotify's numbers, or -1 */
        int dir;
    } file[FILEWATCH_FILES];
};

/* Begins. Returns 0, or -1 with errno. */
extern int filewatch_init(struct filewatch *);

/* Watches path, which stays the caller's. Returns its index, or -1 with errno if neither the file
   nor its directory can be watched. */
extern int filewatch_add(struct filewatch *, char const *path);

/* Reads what has happened, without waiting. Returns the files that may have changed, as bits 1 <<
   index. */
extern unsigned int filewatch_read(struct filewatch *);

/* errno is kept. */
extern void filewatch_end(struct filewatch *);

#endif
