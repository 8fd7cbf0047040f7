/* userdb: users and groups from /etc/passwd and /etc/group, read by bounded code of our own.

   Static programs have no NSS; containers have files. Lines longer than LINES_MAX are skipped, as
   are those whose numbers are none. The functions ending in _in read the named file; the plain
   names read the system's. */

#ifndef CAIRN_USERDB_H
#define CAIRN_USERDB_H

#include <stddef.h>
#include <sys/types.h>

#define USERDB_PASSWD "/etc/passwd"
#define USERDB_GROUP  "/etc/group"
#define USERDB_GROUPS 256 /* supplementary groups kept at most */

struct userdb_user {
    uid_t uid;
    gid_t gid;
    char home[1024]; /* "" when longer or absent */
    char shell[1024];
};

/* Finds the user name. Returns 1 found, 0 no such user (also when there is no file), -1 with errno.
 */
extern int userdb_user_in(char const *passwd, char const *name, struct userdb_user *);
#define userdb_user(name, user) userdb_user_in(USERDB_PASSWD, name, user)

/* Finds the user with this uid: the first one listed. name (size bytes) gets its name; a longer one
   does not fit and is passed over. Returns as above. */
extern int userdb_user_by_uid_in(char const *passwd, uid_t uid, char *name, size_t size,
                                 struct userdb_user *);
#define userdb_user_by_uid(uid, name, size, user)                                                  \
    userdb_user_by_uid_in(USERDB_PASSWD, uid, name, size, user)

/* Finds the group name. Returns as above. */
extern int userdb_group_in(char const *group, char const *name, gid_t *gid);
#define userdb_group(name, gid) userdb_group_in(USERDB_GROUP, name, gid)

/* Finds the group with this gid: the first one listed whose name fits into name (size bytes).
   Returns as above. */
extern int userdb_group_by_gid_in(char const *group, gid_t gid, char *name, size_t size);
#define userdb_group_by_gid(gid, name, size) userdb_group_by_gid_in(USERDB_GROUP, gid, name, size)

/* The groups that list name as a member, at most max, each once. Returns their number (0 also when
   there is no file), or -1 with errno. */
extern int userdb_grouplist_in(char const *group, char const *name, gid_t *gids, size_t max);
#define userdb_grouplist(name, gids, max) userdb_grouplist_in(USERDB_GROUP, name, gids, max)

/* Reads a whole decimal number, 0 to 4294967294 (the next one means "unchanged" to the kernel).
   Returns 1, or 0 if s is anything else. */
extern int userdb_number(char const *s, unsigned int *n);

#endif
