/* setuidgid: runs a program as another user.

   setuidgid [-e] [-k] ACCOUNT PROG ARG...
   Reads: /etc/passwd and /etc/group. ACCOUNT is a user's name, UID:GID, or empty: no change. What
   already is as wanted is not asked of the kernel, so it also works for the user himself. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/identity.h>
#include <cairn/userdb.h>

char const *PROG = "setuidgid";
#define USAGE      "setuidgid [ -e ] [ -k ] ACCOUNT PROG..."
#define dieusage() strerr_dieusage(100, USAGE)

struct account {
    struct identity id;
    struct userdb_user user; /* home and shell */
    char name[256];
};

static void look_up(char const *name, struct account *a)
{
    gid_t groups[USERDB_GROUPS];
    unsigned int number;
    int r = userdb_user(name, &a->user);
    if (r < 0)
        strerr_diefu1sys(111, "read " USERDB_PASSWD);
    if (!r)
        strerr_dief4x(1, "unknown user: ", name,
                      userdb_number(name, &number) ? " (numbers are written UID:GID)"
                                                   : " (not in " USERDB_PASSWD ")",
                      "");
    a->id.uid = a->user.uid;
    a->id.gid = a->user.gid;
    identity_add(&a->id, a->id.gid);
    int n = userdb_grouplist(name, groups, USERDB_GROUPS);
    if (n < 0)
        strerr_diefu1sys(111, "read " USERDB_GROUP);
    for (int i = 0; i < n; i++)
        identity_add(&a->id, groups[i]);
}

static void find_account(char const *s, struct account *a)
{
    if (!strchr(s, ':')) {
        look_up(s, a);
        return;
    }
    if (!identity_numbers(&a->id, s))
        strerr_dief3x(100, "not UID:GID in numbers: ", s, " (a user's name stands alone)");
    identity_add(&a->id, a->id.gid);
}

static void become(struct identity const *id, char const *name)
{
    char const *what = NULL;
    if (identity_set_groups(id) < 0)
        what = "set the supplementary groups of ";
    else if (identity_set_gid(id->gid) < 0)
        what = "set the group of ";
    else if (identity_set_uid(id->uid) < 0)
        what = "become ";
    if (what && errno == EPERM)
        strerr_diefu4sys(
            111, what, name,
            geteuid() ? " (only root can)" : " (root lacks CAP_SETUID or CAP_SETGID here)", "");
    if (what)
        strerr_diefu2sys(111, what, name);
}

static void put(char const *name, char const *value)
{
    if (setenv(name, value, 1) < 0)
        strerr_diefu2sys(111, "set ", name);
}

/* HOME, USER, LOGNAME and SHELL as a login has them. */
static void set_variables(char const *account, struct account *a)
{
    char fmt[UINT_FMT];
    char const *name = account;
    if (strchr(account, ':')) {
        int r = userdb_user_by_uid(a->id.uid, a->name, sizeof a->name, &a->user);
        if (r < 0)
            strerr_diefu1sys(111, "read " USERDB_PASSWD);
        fmt[uint_fmt(fmt, a->id.uid)] = 0;
        name = r ? a->name : fmt;
    }
    put("HOME", a->user.home[0] ? a->user.home : "/");
    put("SHELL", a->user.shell[0] ? a->user.shell : "/bin/sh");
    put("USER", name);
    put("LOGNAME", name);
}

static void change(char const *name, int keep, int variables)
{
    static struct account a;
    find_account(name, &a);
    if (variables)
        set_variables(name, &a);
    /* a container that already runs as this user: nothing to do, and nothing it could do */
    if (!geteuid() || getuid() != a.id.uid || geteuid() != a.id.uid) {
        if (keep && identity_keep(&a.id) < 0)
            strerr_diefu1sys(111, "find the groups of the container");
        become(&a.id, name);
    }
    /* as s6: what its helpers leave behind does not reach the program */
    unsetenv("UID");
    unsetenv("GID");
    unsetenv("GIDLIST");
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    int keep = 0, variables = 0;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "ek", &l);
        if (opt < 0)
            break;
        if (opt == 'e')
            variables = 1;
        else if (opt == 'k')
            keep = 1;
        else
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc < 2)
        dieusage();
    if (argv[0][0])
        change(argv[0], keep, variables);
    xexec(argv + 1);
}
