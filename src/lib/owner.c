#include <string.h>

#include <cairn/owner.h>
#include <cairn/userdb.h>

int owner_find_in(char const *passwd, char const *s, uid_t *uid, gid_t *gid)
{
    char number[16];
    unsigned int u, g;
    struct userdb_user user;
    size_t len = strcspn(s, ":");
    if (s[len]) {
        if (len >= sizeof number)
            return 0;
        memcpy(number, s, len);
        number[len] = 0;
        if (!userdb_number(number, &u) || !userdb_number(s + len + 1, &g))
            return 0;
        *uid = u;
        *gid = g;
        return 1;
    }
    int r = userdb_user_in(passwd, s, &user);
    if (r > 0) {
        *uid = user.uid;
        *gid = user.gid;
    }
    return r;
}

int owner_user_in(char const *passwd, char const *s, uid_t *uid)
{
    struct userdb_user user;
    unsigned int number;
    if (userdb_number(s, &number)) {
        *uid = number;
        return 1;
    }
    int r = userdb_user_in(passwd, s, &user);
    if (r > 0)
        *uid = user.uid;
    return r;
}

int owner_group_in(char const *group, char const *s, gid_t *gid)
{
    unsigned int number;
    if (userdb_number(s, &number)) {
        *gid = number;
        return 1;
    }
    return userdb_group_in(group, s, gid);
}
