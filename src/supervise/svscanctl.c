/* svscanctl: sends commands to the svscan of a scan directory.

   svscanctl [-zabhitqnN] SCANDIR

   Writes the letters to SCANDIR/.s6-svscan/control in one write, in their order; no letters: only
   asks whether a svscan listens. Exits 0; 100 wrong usage or no svscan; 111 system call failed.

   On the live scan directory of a container the letters t i q b, and 6 7 8 0 of older versions, all
   mean one orderly stop, which init carries out: they are sent as a single t, because svscan alone
   would obey b by leaving the services behind. Init holds the FIFO open until the end, so a second
   request is silent. On any other scan directory 6 7 8 0 are wrong usage. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/ctlfifo.h>
#include <cairn/statedir.h>

#define USAGE   "svscanctl [ -zabhitqnN ] scandir"
#define LETTERS "zabhitqnN"
#define STOP    "tiqb6780" /* on the live scan directory, an orderly stop */
#define LEGACY  "6780"

enum { MAX_LETTERS = 64 };

char const *PROG = "svscanctl";

/* Is fd the scan directory of the container we are in? */
static int is_live(int fd)
{
    char dir[STATEDIR_MAX + sizeof "/services"];
    struct stat a, b;
    if (!statedir_find(dir, STATEDIR_MAX))
        return 0;
    strcat(dir, "/services");
    return !stat(dir, &a) && !fstat(fd, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int has_any(char const *letters, size_t n, char const *set)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(set, letters[i]))
            return 1;
    return 0;
}

/* Puts one t in the place of the first letter of STOP and drops the others. */
static size_t merge_stops(char *letters, size_t n)
{
    size_t m = 0;
    int stop = 0;
    for (size_t i = 0; i < n; i++)
        if (!strchr(STOP, letters[i]))
            letters[m++] = letters[i];
        else if (!stop)
            letters[m++] = 't', stop = 1;
    return m;
}

static size_t options(int *argc, char const *const **argv, char *letters)
{
    size_t n = 0;
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(*argc, *argv, LETTERS LEGACY, &l)) != -1;) {
        if (opt == '?')
            strerr_dieusage(100, USAGE);
        if (n >= MAX_LETTERS)
            strerr_dief(100, "too many commands");
        letters[n++] = (char)opt;
    }
    *argc -= l.ind;
    *argv += l.ind;
    return n;
}

static void send(int fd, char const *dir, char const *letters, size_t n)
{
    switch (ctlfifo_send(fd, CTLFIFO_SCAN, letters, n)) {
    case CTLFIFO_OK:
        return;
    case CTLFIFO_NOT_LISTENING:
        strerr_dief(100, "unable to control ", dir, ": supervisor not listening");
    case CTLFIFO_BROKEN:
        if (errno == EEXIST)
            strerr_dief(100, dir, "/.s6-svscan/control is not a FIFO");
        strerr_diefsys(100, "something is wrong with the ", dir,
                       "/.s6-svscan directory. errno reported");
    case CTLFIFO_ERROR:
        strerr_diefusys(111, "control ", dir);
    }
}

int main(int argc, char const *const *argv)
{
    char letters[MAX_LETTERS];
    char buf[PATH_MAX];
    size_t n = options(&argc, &argv, letters);
    if (!argc)
        strerr_dieusage(100, USAGE);
    int fd =
        openat(AT_FDCWD, statedir_map(argv[0], buf, sizeof buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefusys(111, "control ", argv[0]);
    if (has_any(letters, n, STOP)) {
        if (is_live(fd)) {
            n = merge_stops(letters, n);
            /* init's signals to everybody may be faster than our exit code */
            signal(SIGHUP, SIG_IGN);
            signal(SIGTERM, SIG_IGN);
        } else if (has_any(letters, n, LEGACY))
            strerr_dieusage(100, USAGE);
    }
    send(fd, argv[0], letters, n);
    return 0;
}
