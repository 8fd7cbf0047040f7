/* owner: a user, and the group that goes with it, by name or by numbers. */

#ifndef CAIRN_OWNER_H
#define CAIRN_OWNER_H

#include <sys/types.h>

#include <cairn/userdb.h>

/* s is a name in passwd, or UID:GID in decimal. Returns 1 and sets uid and gid, 0 if it is neither,
   -1 with errno if passwd cannot be read. */
extern int owner_find_in(char const *passwd, char const *s, uid_t *uid, gid_t *gid);
#define owner_find(s, uid, gid) owner_find_in(USERDB_PASSWD, s, uid, gid)

/* s is the name of a user (a group), or a number. Each returns 1 and sets it, 0 if it is neither,
   -1 with errno. */
extern int owner_user_in(char const *passwd, char const *s, uid_t *uid);
extern int owner_group_in(char const *group, char const *s, gid_t *gid);
#define owner_user(s, uid)  owner_user_in(USERDB_PASSWD, s, uid)
#define owner_group(s, gid) owner_group_in(USERDB_GROUP, s, gid)

#endif
