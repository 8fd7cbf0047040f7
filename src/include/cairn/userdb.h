/* userdb: users and groups from /etc/passwd and /etc/group, read by bounded code of our own.

   Static programs have no NSS; containers have files. Lines longer than USERDB_LINE are skipped. */

#ifndef CAIRN_USERDB_H
#define CAIRN_USERDB_H

#include <stddef.h>
#include <sys/types.h>

#define USERDB_LINE 4096  /* bytes */
#define USERDB_GROUPS 256 /* supplementary groups kept at most */

struct userdb_user {
    uid_t uid;
    gid_t gid;
    char home[1024]; /* "" when longer or absent */
    char shell[1024];
};

/* Finds the user name. Returns 1 found, 0 no such user (also when there is no file), -1 with errno. */
extern int userdb_user(char const *name, struct userdb_user *);

/* Finds the user with this uid. name gets its name. Returns as above. */
extern int userdb_user_by_uid(uid_t uid, char *name, size_t size, struct userdb_user *);

/* Finds the group name. Returns as above. */
extern int userdb_group(char const *name, gid_t *gid);

/* The groups that list name as a member, at most max. Returns their number, or -1 with errno. */
extern int userdb_grouplist(char const *name, gid_t *gids, size_t max);

/* Reads a whole decimal number, 0 to 4294967294. Returns 1, or 0 if s is anything else. */
extern int userdb_number(char const *s, unsigned int *n);

#endif
