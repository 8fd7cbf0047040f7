/* applyuidgid: runs a program with other ids, given as numbers.

   applyuidgid [-z] [-u UID] [-g GID] [-G LIST] [-U] PROG ARG...
   Options are done in their order, the last word on each id counts; 0 leaves an id as it is. The
   group list is set only if one is given; the group itself is always in it, as in s6. What already
   is as wanted is not asked of the kernel. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/identity.h>
#include <cairn/userdb.h>

char const *PROG = "applyuidgid";
#define USAGE      "applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog..."
#define dieusage() strerr_dieusage(100, USAGE)

struct wanted {
    struct identity id;
    int has_groups;
};

/* Returns whether it is a list. */
static int set_list(struct wanted *w, char const *list)
{
    char max[UINT_FMT];
    w->id.n = 0;
    w->has_groups = 1;
    int r = identity_add_list(&w->id, list);
    max[uint_fmt(max, USERDB_GROUPS)] = 0;
    if (r < 0)
        strerr_dief(100, "more than ", max, " groups in the list");
    return r;
}

static char const *variable(char const *name)
{
    char const *value = getenv(name);
    if (!value)
        strerr_dief3x(100, "the variable ", name, " is not set");
    return value;
}

static void from_environment(struct wanted *w)
{
    static char const *const names[] = {"UID", "GID", "GIDLIST"};
    unsigned int n[2];
    for (int i = 0; i < 2; i++)
        if (!userdb_number(variable(names[i]), &n[i]))
            strerr_dief4x(100, "the variable ", names[i], " is not a number: ", getenv(names[i]));
    w->id.uid = n[0];
    w->id.gid = n[1];
    if (!set_list(w, variable(names[2])))
        strerr_dief2x(100, "the variable GIDLIST is not a list of numbers: ", getenv(names[2]));
}

static void check(int r, char const *what)
{
    if (r >= 0)
        return;
    if (errno == EPERM)
        strerr_diefu2sys(111, what,
                         geteuid() ? " (only root can)"
                                   : " (root lacks CAP_SETUID or CAP_SETGID here)");
    strerr_diefu1sys(111, what);
}

static void apply(struct wanted *w)
{
    if (w->has_groups) {
        identity_add(&w->id, w->id.gid ? w->id.gid : getegid());
        check(identity_set_groups(&w->id), "set the supplementary groups");
    }
    if (w->id.gid)
        check(identity_set_gid(w->id.gid), "set the group");
    if (w->id.uid)
        check(identity_set_uid(w->id.uid), "set the user");
}

int main(int argc, char const *const *argv)
{
    static struct wanted w;
    subgetopt l = SUBGETOPT_ZERO;
    int unexport = 0;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "zUu:g:G:", &l);
        if (opt < 0)
            break;
        if (opt == 'z')
            unexport = 1;
        else if (opt == 'U')
            from_environment(&w);
        else if (!(opt == 'u' && userdb_number(l.arg, &w.id.uid)) &&
                 !(opt == 'g' && userdb_number(l.arg, &w.id.gid)) &&
                 !(opt == 'G' && set_list(&w, l.arg)))
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (!argc)
        dieusage();
    apply(&w);
    if (unexport) {
        unsetenv("UID");
        unsetenv("GID");
        unsetenv("GIDLIST");
    }
    xexec(argv);
}
