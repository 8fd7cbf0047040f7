/* identity: who a process is, uid, gid and supplementary groups, and how it becomes somebody else.

   What already is as wanted is not asked of the kernel, so a process without privilege can become
   what it is. Names come from userdb. */

#ifndef CAIRN_IDENTITY_H
#define CAIRN_IDENTITY_H

#include <stddef.h>
#include <sys/types.h>

#include <cairn/userdb.h>

#define IDENTITY_GROUPS   (USERDB_GROUPS + 1)    /* a list of the longest, and the own one */
#define IDENTITY_LIST_MAX (IDENTITY_GROUPS * 11) /* bytes of a list as text, with its NUL */

struct identity {
    uid_t uid;
    gid_t gid;
    gid_t groups[IDENTITY_GROUPS]; /* the supplementary ones, each once */
    size_t n;
};

/* Adds a supplementary group if it is not there and there is room. */
extern void identity_add(struct identity *, gid_t gid);

/* Adds the groups of a list in decimal, with commas between them; empty items do not count. Returns
   1, 0 if it is no such list, or -1 if there are more than USERDB_GROUPS of them then. */
extern int identity_add_list(struct identity *, char const *list);

/* Writes the supplementary groups as such a list into buf, IDENTITY_LIST_MAX bytes. */
extern void identity_list(struct identity const *, char *buf);

/* Reads UID:GID into the ids; no group is added. Returns 1, or 0 if it is not that. */
extern int identity_numbers(struct identity *, char const *s);

/* Adds to groups what the process has and /etc/group does not give to its user: what the container
   was given from outside. Neither group 0 nor the process's own gid is added.
   Returns 0, or -1 with errno. */
extern int identity_keep(struct identity *);

/* The three steps, in the order they have to be done in. Each returns 0, or -1 with errno. */
extern int identity_set_groups(struct identity const *);
extern int identity_set_gid(gid_t gid);
extern int identity_set_uid(uid_t uid);

#endif
