/* envdir: runs a program with the variables that a directory holds.

   envdir [-I | -i] [-n] [-f] [-L] [-c CHAR] DIR PROG ARG...
   Reads: the files of DIR, one per variable, whose names begin with no dot and hold no '='. An
   empty file unsets its variable. Otherwise the value is the first line without the blanks at its
   end (-n: with them), or all but one final newline (-f; -fn: really all). NUL bytes become
   newlines, or CHAR. Only the first 4095 bytes of a file count, without -L. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

#include <cairn/statedir.h>
#include <cairn/vardir.h>

char const *PROG = "envdir";
#define USAGE      "envdir [ -I | -i ] [ -n ] [ -f ] [ -L ] [ -c nullchar ] dir prog..."
#define dieusage() strerr_dieusage(100, USAGE)

enum { CLAMP = 4095 };

static struct {
    int loose;
    int keep;  /* -n: blanks, or with whole the final newline */
    int whole; /* -f */
    int unclamped;
    char nul;
} o = {.nul = '\n'};

/* The length of the value in the len > 0 bytes of a file. */
static size_t value_length(char const *s, size_t len)
{
    if (o.whole)
        return !o.keep && s[len - 1] == '\n' ? len - 1 : len;
    char const *end = memchr(s, '\n', len);
    if (end)
        len = (size_t)(end - s);
    while (!o.keep && len && s[len - 1] && strchr(" \t\r", s[len - 1]))
        len--;
    return len;
}

/* Nothing but a file is opened: opening has effects on FIFOs and devices. */
static void check_kind(int dirfd, char const *dir, char const *name)
{
    struct stat st;
    if (fstatat(dirfd, name, &st, 0) < 0)
        strerr_diefu4sys(111, "read ", dir, "/", name);
    if (!S_ISREG(st.st_mode))
        strerr_dief4x(111, dir, "/", name,
                      S_ISDIR(st.st_mode) ? " is a directory" : " is not a regular file");
}

static void read_variable(int dirfd, char const *dir, char const *entry, stralloc *sa)
{
    char const *name = entry + 1;
    size_t const max = o.unclamped ? 32 * (size_t)sysconf(_SC_PAGESIZE) : CLAMP;
    if (entry[0] != DT_REG)
        check_kind(dirfd, dir, name);
    sa->len = 0;
    int r = vardir_slurp(dirfd, name, sa, max);
    if (r < 0 && errno == E2BIG && !o.unclamped)
        sa->len = CLAMP;
    else if (r <= 0)
        strerr_diefu4sys(111, "read ", dir, "/", name);
    if (!sa->len) {
        unsetenv(name);
        return;
    }
    sa->len = value_length(sa->s, sa->len);
    for (size_t i = 0; i < sa->len; i++)
        if (!sa->s[i])
            sa->s[i] = o.nul;
    if (!stralloc_0(sa) || setenv(name, sa->s, 1) < 0)
        strerr_diefu2sys(111, "set ", name);
}

static void read_directory(char const *dir)
{
    char buf[PATH_MAX];
    stralloc names = STRALLOC_ZERO, sa = STRALLOC_ZERO;
    size_t n = 0;
    int dirfd = open(statedir_map(dir, buf, sizeof buf), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0 && errno == ENOENT && o.loose)
        return;
    if (dirfd < 0)
        strerr_diefu2sys(111, "open ", dir);
    if (vardir_list(dirfd, &names, &n) < 0)
        strerr_diefu2sys(111, "read ", dir);
    char const **sorted = vardir_sort(names.s, n);
    if (!sorted)
        strerr_diefu2sys(111, "read ", dir);
    for (size_t i = 0; i < n; i++)
        read_variable(dirfd, dir, sorted[i], &sa);
    free(sorted);
    stralloc_free(&names);
    stralloc_free(&sa);
    close(dirfd);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "IinfLc:", &l);
        if (opt < 0)
            break;
        if (opt == 'I' || opt == 'i')
            o.loose = opt == 'I';
        else if (opt == 'n')
            o.keep = 1;
        else if (opt == 'f')
            o.whole = 1;
        else if (opt == 'L')
            o.unclamped = 1;
        else if (opt == 'c' && l.arg[0])
            o.nul = l.arg[0];
        else
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc < 2)
        dieusage();
    read_directory(argv[0]);
    xexec(argv + 1);
}
