/* envuidgid: puts the ids of an account into the environment of a program.

   envuidgid [-i | -D UID:GID:LIST] [-u | -g | -B] [-n] ACCOUNT PROG ARG...
   Reads: /etc/passwd and /etc/group. Sets UID, GID and GIDLIST, or some of them. Changes no id. */

#include <stdlib.h>
#include <string.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/identity.h>
#include <cairn/userdb.h>

char const *PROG = "envuidgid";
#define USAGE      "envuidgid [ -i | -D uid:gid:gidlist ] [ -u | -g | -B ] [ -n ] account prog..."
#define dieusage() strerr_dieusage(100, USAGE)

static struct {
    int has_defaults;
    int numbers; /* -n: what is no name may be a number */
    struct identity defaults;
} o;

static void put_number(char const *name, unsigned int n)
{
    char fmt[UINT_FMT];
    fmt[uint_fmt(fmt, n)] = 0;
    if (setenv(name, fmt, 1) < 0)
        strerr_diefu2sys(111, "set ", name);
}

static void put_list(struct identity const *id)
{
    static char list[IDENTITY_LIST_MAX];
    identity_list(id, list);
    if (setenv("GIDLIST", list, 1) < 0)
        strerr_diefu1sys(111, "set GIDLIST");
}

/* Reads UID:GID or UID:GID:LIST. */
static void parse_defaults(char const *s)
{
    char ids[32];
    char const *end = strchr(s, ':');
    end = end ? end + 1 + strcspn(end + 1, ":") : s + strlen(s);
    size_t len = (size_t)(end - s);
    if (len >= sizeof ids)
        dieusage();
    memcpy(ids, s, len);
    ids[len] = 0;
    o.defaults.n = 0;
    if (!identity_numbers(&o.defaults, ids) ||
        identity_add_list(&o.defaults, *end ? end + 1 : "") <= 0)
        dieusage();
    o.has_defaults = 1;
}

/* The user's entry: false if defaults are to be taken instead. */
static int find_user(char const *name, struct userdb_user *user)
{
    int r = userdb_user(name, user);
    if (r < 0)
        strerr_diefu1sys(111, "read " USERDB_PASSWD);
    if (!r && !o.has_defaults)
        strerr_dief2x(1, "unknown user: ", name);
    return r;
}

static unsigned int uid_of(char const *name)
{
    struct userdb_user user;
    unsigned int uid;
    int r = userdb_user(name, &user);
    if (r < 0)
        strerr_diefu1sys(111, "read " USERDB_PASSWD);
    if (r)
        return user.uid;
    if (o.numbers && userdb_number(name, &uid))
        return uid;
    if (!o.has_defaults)
        strerr_dief2x(1, "unknown user: ", name);
    return o.defaults.uid;
}

static unsigned int gid_of(char const *name)
{
    gid_t gid;
    unsigned int number;
    int r = userdb_group(name, &gid);
    if (r < 0)
        strerr_diefu1sys(111, "read " USERDB_GROUP);
    if (r)
        return gid;
    if (o.numbers && userdb_number(name, &number))
        return number;
    if (!o.has_defaults)
        strerr_dief2x(1, "unknown group: ", name);
    return o.defaults.gid;
}

/* USER:GROUP. An empty half is that of -D, or 0. */
static void both(char const *account)
{
    char user[256];
    size_t len = strcspn(account, ":");
    char const *group = account[len] ? account + len + 1 : "";
    if (len >= sizeof user)
        strerr_dief2x(1, "unknown user: ", account);
    memcpy(user, account, len);
    user[len] = 0;
    unsigned int gid = group[0] ? gid_of(group) : o.defaults.gid;
    put_number("UID", len ? uid_of(user) : o.defaults.uid);
    put_number("GID", gid);
}

/* All three. The user's own group is not in the list. */
static void whole(char const *account)
{
    static struct identity id;
    struct userdb_user user;
    gid_t groups[USERDB_GROUPS];
    if (find_user(account, &user)) {
        int n = userdb_grouplist(account, groups, USERDB_GROUPS);
        if (n < 0)
            strerr_diefu1sys(111, "read " USERDB_GROUP);
        id.uid = user.uid;
        id.gid = user.gid;
        for (int i = 0; i < n; i++)
            identity_add(&id, groups[i]);
    } else
        id = o.defaults;
    put_number("UID", id.uid);
    put_number("GID", id.gid);
    put_list(&id);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    int what = 0;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "iD:ugBn", &l);
        if (opt < 0)
            break;
        if (opt == 'u' || opt == 'g' || opt == 'B')
            what = opt;
        else if (opt == 'n')
            o.numbers = 1;
        else if (opt == 'D')
            parse_defaults(l.arg);
        else if (opt == 'i') {
            o.has_defaults = 0;
            o.defaults = (struct identity){.n = 0};
        } else
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc < 2)
        dieusage();
    if (what == 'u')
        put_number("UID", uid_of(argv[0]));
    else if (what == 'g')
        put_number("GID", gid_of(argv[0]));
    else if (what == 'B' || o.numbers)
        both(argv[0]);
    else
        whole(argv[0]);
    xexec(argv + 1);
}
