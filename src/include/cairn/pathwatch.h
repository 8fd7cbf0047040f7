/* pathwatch: has anything changed that a program has read, be it files or what lies in directories?

   By inotify, on the file, because Docker mounts these and writes them in place, and on its
   directory, because editors put a new file in the old one's place. In a directory only the names
   count that were asked for: the program itself may write beside them. filewatch does the same for
   the few files of a program that allocates nothing, and tells which. */

#ifndef CAIRN_PATHWATCH_H
#define CAIRN_PATHWATCH_H

#include <skalibs/genalloc.h>

struct pathwatch {
    int fd;         /* readable when something has happened; the caller polls it */
    genalloc marks; /* what counts, of which watch */
};

/* Begins. Returns 1, or 0 with errno. */
extern int pathwatch_open(struct pathwatch *w);

/* Each watches one thing more, and returns 1, or 0 with errno. */

/* The file (or whatever it is) at path, through symbolic links. */
extern int pathwatch_file(struct pathwatch *w, char const *path);

/* The name of path in its directory, whether it is there or not. path must outlive w. */
extern int pathwatch_name(struct pathwatch *w, char const *path);

/* The names in the directory at path that match the pattern (gopath_match), and all that are
   directories. pattern must outlive w. */
extern int pathwatch_dir(struct pathwatch *w, char const *path, char const *pattern);

/* Takes what has happened, without waiting. Returns whether anything of it counts. */
extern int pathwatch_read(struct pathwatch *w);

extern void pathwatch_close(struct pathwatch *w);

#endif
