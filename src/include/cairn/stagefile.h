/* stagefile: a file that is written beside the one it will replace, so that the other is there as a
   whole at every moment. */

#ifndef CAIRN_STAGEFILE_H
#define CAIRN_STAGEFILE_H

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

struct stagefile {
    stralloc path; /* of the staged file, in dest's directory: .NAME and random letters; with a 0 */
    char const *dest;
};

#define STAGEFILE_ZERO                                                                             \
    {                                                                                              \
        .path = STRALLOC_ZERO, .dest = NULL                                                        \
    }

/* What a new file should be like. */
struct stagefile_like {
    mode_t mode;
    uid_t uid; /* (uid_t)-1: whoever makes it */
    gid_t gid;
};

/* Makes the staged file for dest, which must outlive it, with these n bytes. That its owner cannot
   be changed is no failure, as in confd. Returns 1, or 0 with errno; nothing is left then. */
extern int stagefile_make(struct stagefile *s, char const *dest, char const *bytes, size_t n,
                          struct stagefile_like const *like);

/* How dest and the staged file differ: 0 not at all, 1 in bytes, mode or owner, or there is no
   dest; -1 with errno where that cannot be told. */
extern int stagefile_differs(struct stagefile const *s);

/* Puts the staged file in dest's place; where that cannot be done because dest is a mount (EBUSY),
   its bytes, mode and owner (as far as we may) are given to dest. Returns 1, or 0 with errno; the
   staged file remains then. */
extern int stagefile_commit(struct stagefile *s);

/* Removes the staged file, if there is one still, and frees its name. */
extern void stagefile_drop(struct stagefile *s);

/* The same, but leaves the file. */
extern void stagefile_keep(struct stagefile *s);

#endif
