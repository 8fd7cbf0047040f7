/* setuidgid: runs a program as another user.

   setuidgid ACCOUNT PROG ARG...
   Reads: /etc/passwd and /etc/group. ACCOUNT is a user's name, UID:GID, or empty: no change. What
   already is as wanted is not asked of the kernel, so it also works for the user himself. */

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/userdb.h>

char const *PROG = "setuidgid";
#define USAGE      "setuidgid ACCOUNT PROG..."
#define dieusage() strerr_dieusage(100, USAGE)

struct account {
    uid_t uid;
    gid_t gid;
    gid_t groups[USERDB_GROUPS];
    size_t n;
};

static void add_group(struct account *a, gid_t gid)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->groups[i] == gid)
            return;
    if (a->n < USERDB_GROUPS)
        a->groups[a->n++] = gid;
}

/* Reads UID:GID. */
static void parse_numbers(char const *s, struct account *a)
{
    char uid[16];
    unsigned int u, g;
    size_t len = strcspn(s, ":");
    if (len >= sizeof uid)
        dieusage();
    memcpy(uid, s, len);
    uid[len] = 0;
    if (!userdb_number(uid, &u) || !userdb_number(s + len + 1, &g))
        strerr_dief3x(100, "not UID:GID in numbers: ", s, " (a user's name stands alone)");
    a->uid = u;
    a->gid = g;
    add_group(a, g);
}

static void look_up(char const *name, struct account *a)
{
    struct userdb_user user;
    gid_t groups[USERDB_GROUPS];
    unsigned int number;
    int r = userdb_user(name, &user);
    if (r < 0)
        strerr_diefu1sys(111, "read " USERDB_PASSWD);
    if (!r)
        strerr_dief4x(1, "unknown user: ", name,
                      userdb_number(name, &number) ? " (numbers are written UID:GID)"
                                                   : " (not in " USERDB_PASSWD ")",
                      "");
    a->uid = user.uid;
    a->gid = user.gid;
    add_group(a, user.gid);
    int n = userdb_grouplist(name, groups, USERDB_GROUPS);
    if (n < 0)
        strerr_diefu1sys(111, "read " USERDB_GROUP);
    for (int i = 0; i < n; i++)
        add_group(a, groups[i]);
}

/* Are these the process's groups, in any order? */
static int has_groups(struct account const *a)
{
    gid_t own[USERDB_GROUPS];
    int n = getgroups(0, NULL);
    if (n < 0 || (size_t)n != a->n || getgroups(USERDB_GROUPS, own) != n)
        return 0;
    for (size_t i = 0; i < a->n; i++) {
        int found = 0;
        for (int j = 0; j < n; j++)
            found |= own[j] == a->groups[i];
        if (!found)
            return 0;
    }
    return 1;
}

static void become(struct account const *a, char const *name)
{
    char const *what = NULL;
    if (!has_groups(a) && setgroups(a->n, a->groups) < 0)
        what = "set the supplementary groups of ";
    else if ((getgid() != a->gid || getegid() != a->gid) && setgid(a->gid) < 0)
        what = "set the group of ";
    else if ((getuid() != a->uid || geteuid() != a->uid) && setuid(a->uid) < 0)
        what = "become ";
    if (what && errno == EPERM)
        strerr_diefu4sys(
            111, what, name,
            geteuid() ? " (only root can)" : " (root lacks CAP_SETUID or CAP_SETGID here)", "");
    if (what)
        strerr_diefu2sys(111, what, name);
}

int main(int argc, char const *const *argv)
{
    struct account a = {.n = 0};
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) >= 0)
        dieusage();
    argc -= l.ind;
    argv += l.ind;
    if (argc < 2)
        dieusage();
    if (argv[0][0]) {
        if (strchr(argv[0], ':'))
            parse_numbers(argv[0], &a);
        else
            look_up(argv[0], &a);
        /* a container that already runs as this user: nothing to do, and nothing it could do */
        if (!geteuid() || getuid() != a.uid || geteuid() != a.uid)
            become(&a, argv[0]);
        /* as s6: what its helpers leave behind does not reach the program */
        unsetenv("UID");
        unsetenv("GID");
        unsetenv("GIDLIST");
    }
    xexec(argv + 1);
}
