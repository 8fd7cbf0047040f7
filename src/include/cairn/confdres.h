/* confdres: a template resource of confd: the file that says what template becomes what file. */

#ifndef CAIRN_CONFDRES_H
#define CAIRN_CONFDRES_H

#include <stddef.h>
#include <sys/types.h>

#include <cairn/pool.h>

enum { CONFDRES_WHY = 512 };

struct confdres {
    char const *src; /* relative to the directory of the templates */
    char const *dest;
    char const *prefix;    /* "" */
    char const *check_cmd; /* "" */
    char const *reload_cmd;
    char const **key;
    size_t keys;
    int has_mode;
    mode_t mode;
    int is_decimal; /* the mode, which its writer may not have meant */
    uid_t uid;      /* (uid_t)-1: not given */
    gid_t gid;
};

/* Reads the n bytes of the file at path (for messages) into *r, in the pool. Names of keys may be
   in any case; those that are not known are passed over. Returns 1, or 0 with why. */
extern int confdres_read(struct confdres *r, char const *path, char const *text, size_t n,
                         struct pool *p, char why[CONFDRES_WHY]);

#endif
