/* tai64n: puts a time stamp before each line.

   tai64n

   Standard input to standard output; each line gets an external TAI64N label (25 characters) and a
   space. The time is that at which the end of the line was read; a line longer than the buffer of
   linefilter is stamped when that is full. A last line without a newline gets one.

   Exits 0 at the end of the input, 100 wrong usage, 111 system call failed. */

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include <cairn/linefilter.h>

#define USAGE "tai64n"

char const *PROG = "tai64n";

static size_t stamp(struct linefilter *f, char const *line, size_t len)
{
    char buf[TIMESTAMP + 1];
    tain now;
    (void)line;
    (void)len;
    if (!tain_wallclock_read(&now))
        strerr_diefu1sys(111, "read the clock");
    timestamp_fmt(buf, &now);
    buf[TIMESTAMP] = ' ';
    linefilter_put(f, buf, sizeof buf);
    return 0;
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    struct linefilter f = {.terminates = 1, .head = stamp};
    char const *what;
    if (subgetopt_r(argc, argv, "", &l) >= 0)
        strerr_dieusage(100, USAGE);
    if (argc > l.ind)
        strerr_warnw(argv[l.ind], ": files are not read, only standard input: ignored");
    if (linefilter_run(&f, &what) < 0)
        strerr_diefu1sys(111, what);
    return 0;
}
