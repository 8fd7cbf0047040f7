/* attrwalk: gives a file, or a tree, an owner and modes.

   The path itself may be a symbolic link, which is followed; below it no link is: it gets the owner
   and nothing else. Nor is a file of another owner than uid changed that has several names, unless
   the kernel keeps users from giving it one (fs.protected_hardlinks): EMLINK is told then. What is
   right already costs one stat. However deep the tree is, one descriptor is used. Errors do not end
   the walk. */

#ifndef CAIRN_ATTRWALK_H
#define CAIRN_ATTRWALK_H

#include <sys/types.h>

#define ATTRWALK_UNCHANGED ((unsigned int)-1)

struct attrwalk {
    uid_t uid;          /* (uid_t)-1: leave it */
    gid_t gid;          /* (gid_t)-1: leave it */
    unsigned int fmode; /* of everything but directories; ATTRWALK_UNCHANGED: leave it */
    unsigned int dmode; /* of directories */
    int recurse;
    int hidden; /* below path, also what begins with a dot */
    /* what (such as "change the owner of") could not be done with path, for the reason e */
    void (*failed)(void *data, char const *what, char const *path, int e);
    /* called for each entry, with the directory it is in */
    void (*passed)(void *data, char const *dir);
    void *data;
};

/* Applies it to path and, with recurse, to all that is below. An entry that disappears meanwhile is
   no failure. */
extern void attrwalk(struct attrwalk const *, char const *path);

#endif
