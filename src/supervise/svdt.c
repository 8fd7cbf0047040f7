/* svdt: prints the last deaths of a service.

   svdt [-s | -S] [-n MAX] SERVICEDIR

   One line a death, oldest first, at most the MAX newest: TIMESTAMP exitcode N, or TIMESTAMP signal
   NAME (-s: its number). Reads SERVICEDIR/supervise/death_tally, also without a supervisor, and
   never changes it. Exits 0; 100 wrong usage; 111 system call failed, or the file is damaged. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include <cairn/statedir.h>
#include <cairn/svtally.h>

#define USAGE "svdt [ -S | -s ] [ -n maxentries ] servicedir"

char const *PROG = "svdt";

static struct svdeath deaths[SVTALLY_MAX];

struct options {
    unsigned int max;
    int numeric;
};

static char const *options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "sSn:", &l)) != -1;)
        switch (opt) {
        case 's':
            o->numeric = 1;
            break;
        case 'S':
            o->numeric = 0;
            break;
        case 'n':
            if (!uint0_scan(l.arg, &o->max))
                strerr_dieusage(100, USAGE);
            break;
        default:
            strerr_dieusage(100, USAGE);
        }
    if (l.ind >= argc)
        strerr_dieusage(100, USAGE);
    if (o->max > SVTALLY_MAX)
        o->max = SVTALLY_MAX;
    return argv[l.ind];
}

/* Has the service a supervise directory? Then no tally means no death. */
static int is_supervised(char const *dir)
{
    int fd = openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && !faccessat(fd, "supervise", F_OK, 0);
    if (fd >= 0)
        close(fd);
    return r;
}

static size_t look(char const *dir, unsigned int max)
{
    char buf[PATH_MAX];
    char const *path = statedir_map(dir, buf, sizeof buf);
    ssize_t n = svtally_read(AT_FDCWD, path, deaths, max);
    if (n >= 0)
        return (size_t)n;
    if (errno == ENOENT && is_supervised(path))
        return 0;
    if (errno == EPROTO)
        strerr_diefu(111, "read death tally for service ", dir,
                     ": supervise/death_tally is damaged (svdt-clear empties it)");
    strerr_diefusys(111, "read death tally for service ", dir);
}

static void put(struct svdeath const *d, int numeric)
{
    char line[TIMESTAMP + sizeof " signal SIG" + 32];
    size_t n = timestamp_fmt(line, &d->stamp);
    if (!d->sig) {
        memcpy(line + n, " exitcode ", 10);
        n += 10;
        n += uint_fmt(line + n, d->exitcode);
    } else {
        memcpy(line + n, " signal ", 8);
        n += 8;
        if (numeric)
            n += uint_fmt(line + n, d->sig);
        else {
            char const *name = sig_name(d->sig);
            size_t len = strlen(name);
            memcpy(line + n, "SIG", 3);
            memcpy(line + n + 3, name, len);
            n += 3 + len;
        }
    }
    line[n++] = '\n';
    if (buffer_put(buffer_1, line, n) < 0)
        strerr_diefusys(111, "write to standard output");
}

int main(int argc, char const *const *argv)
{
    struct options o = {.max = SVTALLY_MAX};
    char const *dir = options(argc, argv, &o);
    size_t n = look(dir, o.max);
    for (size_t i = 0; i < n; i++)
        put(deaths + i, o.numeric);
    if (!buffer_flush(buffer_1))
        strerr_diefusys(111, "write to standard output");
    return 0;
}
