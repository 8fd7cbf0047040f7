/* svperms: shows, or sets, who may see, control and listen to services.

   svperms [-v] [-u | -g GROUP | -G GROUP | -o | -O GROUP] [-e | -E GROUP] SERVICEDIR...

   Without options, or with -v alone, prints three lines for each SERVICEDIR: status (who may read
   supervise/), control (who may write to supervise/control), events (who may listen in event/).
   What has other permissions than these tools give gets a warning instead of its line.

   With other options first looks whether everything that is to be changed is there, then changes
   it: nothing is changed when one SERVICEDIR is missing. The group is left alone where its
   permissions are no others than everybody's or nobody's. With -v the result is printed.

   GROUP is a name in /etc/group, or a colon and a number. Exits 0; 1 something is wrong with the
   permissions; 100 wrong usage, no such group; 111 system call failed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/servicedir.h>
#include <cairn/statedir.h>
#include <cairn/userdb.h>

#define USAGE                                                                                      \
    "svperms [ -v ] [ -u | -g group | -G group | -o | -O group ] [ -e | -E group ] servicedir..."

enum {
    SUPERVISE_OWNER = 0700,
    SUPERVISE_GROUP = 0710,
    SUPERVISE_PUBLIC = 0711,
    CONTROL_OWNER = 0600,
    CONTROL_GROUP = 0620,
    NAME_BYTES = 64
};

#define KEEP ((gid_t)-1)

/* what one file gets: mode 0 leaves it alone, group KEEP its group */
struct change {
    char const *file;
    mode_t mode;
    gid_t gid;
};

enum { SUPERVISE, CONTROL, EVENT, FILES };

struct request {
    struct change changes[FILES];
    int verbose;
};

char const *PROG = "svperms";

static gid_t group(char const *name)
{
    unsigned int n;
    gid_t gid;
    if (name[0] == ':') {
        if (!userdb_number(name + 1, &n))
            strerr_dieusage(100, USAGE);
        return n;
    }
    int r = userdb_group(name, &gid);
    if (r < 0)
        strerr_diefusys(111, "read " USERDB_GROUP);
    if (!r)
        strerr_diefu(100, "find group ", name, " in " USERDB_GROUP,
                     userdb_number(name, &n) ? " (numbers are written :GID)" : "");
    return gid;
}

static void set(struct change *c, mode_t mode, gid_t gid)
{
    c->mode = mode;
    c->gid = gid;
}

static void choose(struct request *r, int opt, char const *arg)
{
    struct change *supervise = r->changes + SUPERVISE, *control = r->changes + CONTROL;
    gid_t gid = opt == 'u' || opt == 'o' || opt == 'e' ? KEEP : group(arg);
    switch (opt) {
    case 'u':
        set(supervise, SUPERVISE_OWNER, KEEP);
        set(control, CONTROL_OWNER, KEEP);
        break;
    case 'g':
        set(supervise, SUPERVISE_GROUP, gid);
        set(control, CONTROL_OWNER, KEEP);
        break;
    case 'G':
        set(supervise, SUPERVISE_GROUP, gid);
        set(control, CONTROL_GROUP, gid);
        break;
    case 'o':
        set(supervise, SUPERVISE_PUBLIC, KEEP);
        set(control, CONTROL_OWNER, KEEP);
        break;
    case 'O':
        set(supervise, SUPERVISE_PUBLIC, KEEP);
        set(control, CONTROL_GROUP, gid);
        break;
    case 'e':
        set(r->changes + EVENT, FIFODIR_PUBLIC, KEEP);
        break;
    case 'E':
        set(r->changes + EVENT, FIFODIR_RESTRICTED, gid);
        break;
    }
}

static int options(int argc, char const *const *argv, struct request *r)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "vug:G:oO:eE:", &l)) != -1;)
        if (opt == '?')
            strerr_dieusage(100, USAGE);
        else if (opt == 'v')
            r->verbose = 1;
        else
            choose(r, opt, l.arg);
    if (l.ind >= argc)
        strerr_dieusage(100, USAGE);
    return l.ind;
}

static int open_dir(char const *dir)
{
    char buf[PATH_MAX];
    return openat(AT_FDCWD, statedir_map(dir, buf, sizeof buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* -- changing -- */

static void check(char const *dir, int fd, struct change const *c)
{
    struct stat st;
    if (!c->mode)
        return;
    if (fd < 0 || fstatat(fd, c->file, &st, 0) < 0)
        strerr_diefusys(111, "stat ", dir, "/", c->file);
    if ((c->mode == CONTROL_OWNER || c->mode == CONTROL_GROUP) && !S_ISFIFO(st.st_mode))
        strerr_dief(111, dir, "/", c->file, " is not a FIFO");
}

static void change(char const *dir, int fd, struct change const *c)
{
    if (!c->mode)
        return;
    /* the group first: nobody of the old one shall get the new permissions */
    if (c->gid != KEEP && fchownat(fd, c->file, (uid_t)-1, c->gid, 0) < 0)
        strerr_diefusys(111, "change the group of ", dir, "/", c->file);
    if (fchmodat(fd, c->file, c->mode, 0) < 0)
        strerr_diefusys(111, "change the mode of ", dir, "/", c->file);
}

static void for_files(char const *dir, struct request const *r,
                      void (*step)(char const *, int, struct change const *))
{
    int fd = open_dir(dir);
    for (size_t i = 0; i < FILES; i++)
        step(dir, fd, r->changes + i);
    if (fd >= 0)
        close(fd);
}

/* -- showing -- */

static void put(char const *s)
{
    if (buffer_puts(buffer_1, s) < 0)
        strerr_diefusys(111, "write to standard output");
}

/* gid KEEP: no group of its own, so who says it all */
static void put_line(char const *dir, char const *what, char const *who, gid_t gid)
{
    char name[NAME_BYTES];
    put(dir);
    put(what);
    put(who);
    if (gid != KEEP) {
        int r = userdb_group_by_gid(gid, name, sizeof name);
        if (r < 0)
            strerr_diefusys(111, "read " USERDB_GROUP);
        if (!r)
            name[gid_fmt(name, gid)] = 0;
        put(name);
    }
    put("\n");
}

/* Returns 1, or 0 after a warning. */
static int look(char const *dir, int fd, char const *file, struct stat *st)
{
    if (fd >= 0 && !fstatat(fd, file, st, 0))
        return 1;
    strerr_warnwusys("stat ", dir, "/", file);
    return 0;
}

static int is_wrong(char const *dir, char const *file, struct stat const *st)
{
    char mode[UINT_OFMT];
    mode[uint_ofmt(mode, st->st_mode & 07777)] = 0;
    strerr_warnw(dir, "/", file, " has incorrect permissions: ", mode);
    return 1;
}

/* Each of the next prints its lines, and returns 1 if something is wrong. */

static int show_control(char const *dir, int fd)
{
    struct stat st;
    if (!look(dir, fd, CTLFIFO_SERVICE, &st))
        return 1;
    switch (st.st_mode & 07777) {
    case CONTROL_OWNER:
        put_line(dir, " control: ", "owner", KEEP);
        return 0;
    case CONTROL_GROUP:
        put_line(dir, " control: ", "group ", st.st_gid);
        return 0;
    default:
        return is_wrong(dir, CTLFIFO_SERVICE, &st);
    }
}

static int show_status(char const *dir, int fd)
{
    struct stat st;
    if (!look(dir, fd, SERVICEDIR_SUPERVISE, &st))
        return 1;
    switch (st.st_mode & 07777) {
    case SUPERVISE_OWNER:
        put_line(dir, " status: ", "owner", KEEP);
        break;
    case SUPERVISE_GROUP:
        put_line(dir, " status: ", "group ", st.st_gid);
        break;
    case SUPERVISE_PUBLIC:
        put_line(dir, " status: ", "public", KEEP);
        break;
    default:
        return is_wrong(dir, SERVICEDIR_SUPERVISE, &st);
    }
    return show_control(dir, fd);
}

static int show_events(char const *dir, int fd)
{
    struct stat st;
    if (!look(dir, fd, SERVICEDIR_EVENT, &st))
        return 1;
    switch (st.st_mode & 07777) {
    case FIFODIR_RESTRICTED:
        put_line(dir, " events: ", "group ", st.st_gid);
        return 0;
    case FIFODIR_PUBLIC:
        put_line(dir, " events: ", "public", KEEP);
        return 0;
    default:
        return is_wrong(dir, SERVICEDIR_EVENT, &st);
    }
}

static int show(char const *dir)
{
    int fd = open_dir(dir);
    int e = errno;
    int wrong = show_status(dir, fd);
    errno = e; /* where there is no directory, look tells why */
    wrong |= show_events(dir, fd);
    if (fd >= 0)
        close(fd);
    return wrong;
}

int main(int argc, char const *const *argv)
{
    struct request r = {.changes = {{.file = SERVICEDIR_SUPERVISE},
                                    {.file = CTLFIFO_SERVICE},
                                    {.file = SERVICEDIR_EVENT}}};
    int wrong = 0;
    argv += options(argc, argv, &r);
    int changes = r.changes[SUPERVISE].mode || r.changes[EVENT].mode;
    for (size_t i = 0; changes && argv[i]; i++)
        for_files(argv[i], &r, check);
    for (size_t i = 0; changes && argv[i]; i++)
        for_files(argv[i], &r, change);
    for (size_t i = 0; (!changes || r.verbose) && argv[i]; i++)
        wrong |= show(argv[i]);
    if (!buffer_flush(buffer_1))
        strerr_diefusys(111, "write to standard output");
    return wrong;
}
