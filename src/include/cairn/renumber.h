/* renumber: gives a user and its group other numbers, in the files that have them. */

#ifndef CAIRN_RENUMBER_H
#define CAIRN_RENUMBER_H

#include <sys/types.h>

#include <cairn/userdb.h>

#define RENUMBER_MAX (1 << 20) /* bytes of a file at most */

/* Gives the user name the numbers *uid and *gid (NULL: as it is) in the files passwd and group. The
   group is the first of group that has the user's gid; where there is none, the user alone has the
   new one. All else in the files stays, byte by byte, and a file that is right is not opened for
   writing. They are written in place, since both may be mounts, and keep their owners and modes:
   not for files that somebody else reads meanwhile. What can be changed is, whatever else fails.
   Returns 1, 0 if there is no such user, -1 with the errno of the last failure. */
extern int renumber_in(char const *passwd, char const *group, char const *name, uid_t const *uid,
                       gid_t const *gid);
#define renumber(name, uid, gid) renumber_in(USERDB_PASSWD, USERDB_GROUP, name, uid, gid)

#endif
