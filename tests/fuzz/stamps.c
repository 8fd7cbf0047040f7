/* Any bytes as the lines that tai64nlocal and ucspilogd make readable: no more of a line is taken
   than there is, and only what was understood. */

#define PROG tai64nlocal_PROG
#define main tai64nlocal_main
extern int tai64nlocal_main(int argc, char const *const *argv);
#include "../../src/log/tai64nlocal.c"
#undef main
#undef PROG
#undef USAGE
#define PROG ucspilogd_PROG
#define main ucspilogd_main
extern int ucspilogd_main(int argc, char const *const *argv);
#include "../../src/log/ucspilogd.c"
#undef main
#undef PROG

#include "fuzz.h"

char const *PROG = "stamps";

static void line(char *s)
{
    static stralloc prefix = STRALLOC_ZERO;
    static struct converter c;
    size_t len = strlen(s);
    char *exact = malloc(len + !len);
    HOLDS(exact);
    memcpy(exact, s, len);
    struct linefilter f = {.data = &c};
    size_t n = localize(&f, exact, len);
    HOLDS(c.len <= sizeof c.text);
    HOLDS((!n && !f.outlen) || (n == TIMESTAMP && *s == '@' && f.outlen >= 29));
    f = (struct linefilter){.data = &prefix};
    n = name_priority(&f, exact, len);
    HOLDS(n <= len && (!n == !f.outlen) && (!n || (*s == '<' && s[n - 1] == '>')));
    free(exact);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    setenv("TZ", "UTC", 1);
    fuzz_lines(data, size, line);
    return 0;
}
