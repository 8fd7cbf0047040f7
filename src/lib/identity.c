#include <grp.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/identity.h>

enum { KERNEL_GROUPS = 65536 }; /* what Linux allows a process */

static int has(gid_t const *gids, size_t n, gid_t gid)
{
    while (n--)
        if (gids[n] == gid)
            return 1;
    return 0;
}

void identity_add(struct identity *id, gid_t gid)
{
    if (id->n < IDENTITY_GROUPS && !has(id->groups, id->n, gid))
        id->groups[id->n++] = gid;
}

int identity_add_list(struct identity *id, char const *list)
{
    char word[16];
    unsigned int gid;
    int is_full = 0;
    for (;;) {
        size_t len = strcspn(list, ",");
        if (len >= sizeof word)
            return 0;
        memcpy(word, list, len);
        word[len] = 0;
        if (len && !userdb_number(word, &gid))
            return 0;
        if (len && id->n >= USERDB_GROUPS && !has(id->groups, id->n, gid))
            is_full = 1;
        else if (len)
            identity_add(id, gid);
        if (!list[len])
            return is_full ? -1 : 1;
        list += len + 1;
    }
}

void identity_list(struct identity const *id, char *buf)
{
    for (size_t i = 0; i < id->n; i++) {
        if (i)
            *buf++ = ',';
        buf += uint_fmt(buf, id->groups[i]);
    }
    *buf = 0;
}

int identity_numbers(struct identity *id, char const *s)
{
    char word[16];
    unsigned int uid, gid;
    size_t len = strcspn(s, ":");
    if (!s[len] || len >= sizeof word)
        return 0;
    memcpy(word, s, len);
    word[len] = 0;
    if (!userdb_number(word, &uid) || !userdb_number(s + len + 1, &gid))
        return 0;
    id->uid = uid;
    id->gid = gid;
    return 1;
}

int identity_keep(struct identity *id)
{
    static gid_t own[KERNEL_GROUPS];
    gid_t known[USERDB_GROUPS];
    char name[256];
    struct userdb_user user = {.gid = 0};
    int nknown = 0;
    int n = getgroups(KERNEL_GROUPS, own);
    if (n < 0)
        return -1;
    int r = userdb_user_by_uid(geteuid(), name, sizeof name, &user);
    if (r > 0)
        nknown = userdb_grouplist(name, known, USERDB_GROUPS);
    if (r < 0 || nknown < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (own[i] && own[i] != getegid() && !(r && own[i] == user.gid) &&
            !has(known, (size_t)nknown, own[i]))
            identity_add(id, own[i]);
    return 0;
}

int identity_set_groups(struct identity const *id)
{
    gid_t own[IDENTITY_GROUPS];
    int n = getgroups(0, NULL);
    int same = n >= 0 && (size_t)n == id->n && getgroups(IDENTITY_GROUPS, own) == n;
    for (size_t i = 0; same && i < id->n; i++)
        same = has(own, id->n, id->groups[i]);
    return same ? 0 : setgroups(id->n, id->groups);
}

int identity_set_gid(gid_t gid)
{
    return getgid() == gid && getegid() == gid ? 0 : setgid(gid);
}

int identity_set_uid(uid_t uid)
{
    return getuid() == uid && geteuid() == uid ? 0 : setuid(uid);
}
