/* tai64nlocal: makes the time stamps at the start of lines readable.

   tai64nlocal [-g]

   Standard input to standard output. A line that begins with an external TAI64N label gets the
   local date and time (-g: UTC) in its place, "2026-11-25 10:27:43.123456789"; all else stays as it
   is. Stamps before 1970, and those with more nanoseconds than a second has, are left alone. Leap
   seconds are shown as second 60.

   Exits 0 at the end of the input, 100 wrong usage, 111 system call failed. */

#include <time.h>

#include <skalibs/djbtime.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include <cairn/linefilter.h>

#define USAGE "tai64nlocal [ -g ]"

/* LOCALTM_FMT is for years of a few digits, and a stamp may say any that an int holds. */
enum { NANO_MAX = 999999999, TEXT_MAX = LOCALTM_FMT + 16 };

char const *PROG = "tai64nlocal";

struct converter {
    int local;
    uint64_t second; /* of TAI, the last one converted */
    size_t len;      /* of text; 0: none was */
    char text[TEXT_MAX];
};

/* Time zones are slow, and lines of one second come together. */
static int convert(struct converter *c, tai const *t)
{
    struct tm tm;
    if (c->len && c->second == tai_sec(t))
        return 1;
    if (!localtm_from_tai(&tm, t, c->local))
        return 0;
    c->len = localtm_fmt(c->text, &tm);
    c->text[c->len++] = '.';
    c->second = tai_sec(t);
    return 1;
}

static size_t localize(struct linefilter *f, char const *line, size_t len)
{
    struct converter *c = f->data;
    char nano[UINT32_FMT + 9];
    tain t;
    if (len < TIMESTAMP || line[0] != '@' || !timestamp_scan(line, &t) ||
        tain_nano(&t) > NANO_MAX || !convert(c, tain_secp(&t)))
        return 0;
    linefilter_put(f, c->text, c->len);
    linefilter_put(f, nano, uint320_fmt(nano, tain_nano(&t), 9));
    return TIMESTAMP;
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    struct converter c = {.local = 1};
    struct linefilter f = {.data = &c, .head = localize};
    char const *what;
    for (int opt; (opt = subgetopt_r(argc, argv, "g", &l)) != -1;) {
        if (opt != 'g')
            strerr_dieusage(100, USAGE);
        c.local = 0;
    }
    if (argc > l.ind)
        strerr_warnw(argv[l.ind], ": files are not read, only standard input: ignored");
    tzset();
    if (linefilter_run(&f, &what) < 0)
        strerr_diefu1sys(111, what);
    return 0;
}
