/* s6-echo: prints its arguments, without the guesswork of echo.

   s6-echo [-n] [-s SEP] [--] [ARG...]
   The arguments, SEP (a space) between them and a newline (not with -n) behind; nothing in them is
   special. One write as long as it fits, so that lines of several writers do not mix. */

#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

char const *PROG = "s6-echo";
#define USAGE      "s6-echo [-n] [-s SEP] [ARG...]"
#define dieusage() strerr_dieusage(100, USAGE)

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    stralloc sa = STRALLOC_ZERO;
    char const *sep = " ";
    int newline = 1;
    int good = 1;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "ns:", &l);
        if (opt < 0)
            break;
        if (opt == 'n')
            newline = 0;
        else if (opt == 's')
            sep = l.arg;
        else
            dieusage();
    }
    argv += l.ind;
    for (size_t i = 0; argv[i]; i++)
        good = good && (!i || stralloc_cats(&sa, sep)) && stralloc_cats(&sa, argv[i]);
    if (!good || (newline && !stralloc_catb(&sa, "\n", 1)))
        strerr_diefu1sys(111, "join the arguments");
    if (allwrite(1, sa.s, sa.len) < sa.len)
        strerr_diefu1sys(111, "write to standard output");
    stralloc_free(&sa);
    return 0;
}
