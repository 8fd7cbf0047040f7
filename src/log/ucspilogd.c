/* ucspilogd: makes the priorities of syslog messages readable.

   ucspilogd [-D default] [VARIABLE...]

   Standard input to standard output; newline and NUL both end a message. "<13>text" becomes
   "user.notice: text"; a line without such a number stays as it is. In front of each goes the value
   of every VARIABLE of the environment (default: "<undefined>") with a colon and a space.

   Exits 0 at the end of the input, 100 wrong usage, 111 system call failed. */

#include <stdlib.h>
#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/linefilter.h>

#define USAGE "ucspilogd [ -D default ] [ var... ]"

char const *PROG = "ucspilogd";

/* RFC 5424, section 6.2.1; the names of syslog.conf(5). 12 to 15 have none there. */
static char const *const facilities[] = {
    "kern",   "user",     "mail",   "daemon", "auth",   "syslog", "lpr", "news",   "uucp",
    "cron",   "authpriv", "ftp",    NULL,     NULL,     NULL,     NULL,  "local0", "local1",
    "local2", "local3",   "local4", "local5", "local6", "local7", "mark"};
static char const *const levels[] = {"emerg", "alert",  "crit", "err",
                                     "warn",  "notice", "info", "debug"};

/* Reads "<number>" from the len bytes at s. Returns how many bytes it takes, or 0. */
static size_t scan_priority(char const *s, size_t len, uint32_t *n)
{
    uint64_t value = 0;
    size_t i = 1;
    if (len < 3 || s[0] != '<')
        return 0;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        value = value * 10 + (uint64_t)(s[i] - '0');
        if (value > UINT32_MAX)
            return 0;
    }
    if (i == 1 || i == len || s[i] != '>')
        return 0;
    *n = (uint32_t)value;
    return i + 1;
}

static size_t name_priority(struct linefilter *f, char const *line, size_t len)
{
    stralloc const *prefix = f->data;
    uint32_t n;
    linefilter_put(f, prefix->s, prefix->len);
    size_t used = scan_priority(line, len, &n);
    if (!used)
        return 0;
    uint32_t facility = n / 8;
    char const *name =
        facility < sizeof facilities / sizeof *facilities ? facilities[facility] : NULL;
    if (!name)
        name = "unknown";
    linefilter_put(f, name, strlen(name));
    linefilter_put(f, ".", 1);
    linefilter_put(f, levels[n % 8], strlen(levels[n % 8]));
    linefilter_put(f, ": ", 2);
    return used;
}

static void add_prefix(stralloc *prefix, char const *name, char const *undefined)
{
    char const *value = getenv(name);
    if (!stralloc_cats(prefix, value ? value : undefined) || !stralloc_catb(prefix, ": ", 2))
        strerr_diefu1sys(111, "allocate memory");
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    char const *undefined = "<undefined>";
    stralloc prefix = STRALLOC_ZERO;
    struct linefilter f = {.nul_ends = 1, .terminates = 1, .data = &prefix, .head = name_priority};
    char const *what;
    for (int opt; (opt = subgetopt_r(argc, argv, "D:", &l)) != -1;) {
        if (opt != 'D')
            strerr_dieusage(100, USAGE);
        undefined = l.arg;
    }
    for (argv += l.ind; *argv; argv++)
        add_prefix(&prefix, *argv, undefined);
    if (linefilter_run(&f, &what) < 0)
        strerr_diefu1sys(111, what);
    return 0;
}
