/* dents: the entries of a directory, without the allocation that opendir makes.

   The kernel's getdents64: the C libraries disagree on its name and on the type.

       _Alignas(struct dent) char buf[4096];
       long len;
       while ((len = dents_read(fd, buf, sizeof buf)) > 0)
           for (long at = 0; at < len;) {
               struct dent const *d = dents_next(buf, &at);
               ...
           }

   "." and ".." are among them. */

#ifndef CAIRN_DENTS_H
#define CAIRN_DENTS_H

#include <stddef.h>
#include <stdint.h>

struct dent {
    uint64_t ino;
    int64_t off;
    unsigned short reclen;
    unsigned char type; /* DT_DIR, ..., DT_UNKNOWN of dirent.h */
    char name[];
};

/* Reads the next entries of the directory fd to buf, which is aligned for a struct dent.
   Returns the bytes in buf, 0 at the end, or -1 with errno. */
extern long dents_read(int fd, char *buf, size_t size);

/* The entry at buf + *at; *at becomes the place of the next one. */
extern struct dent const *dents_next(char const *buf, long *at);

#endif
