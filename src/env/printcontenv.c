/* printcontenv: prints a variable of the container's environment.

   printcontenv [NAME]
   Reads: STATEDIR/container_environment, or with S6_KEEP_ENV its own environment. Value and
   newline; exits 1 if it is not set. Without NAME: all variables, NAME=VALUE, one a line. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/contenv.h>
#include <cairn/statedir.h>

char const *PROG = "printcontenv";
#define USAGE      "printcontenv [NAME]"
#define dieusage() strerr_dieusage(100, USAGE)

static void load(stralloc *sa, size_t *n)
{
    char path[STATEDIR_MAX + sizeof CONTENV_DIR];
    char const *culprit = "";
    char const *dir = contenv_locate(path, sizeof path);
    if (!dir || contenv_read(dir, sa, n, NULL, &culprit) < 0) {
        if (!*culprit && errno == ENOENT)
            strerr_dief1x(111, "no container environment: there is no directory " STATEDIR_PUBLIC
                               "/" CONTENV_DIR " (is /init the entry point of this container, "
                               "and has it started?)");
        strerr_diefu4sys(111, "read ", dir, *culprit ? "/" : "", culprit);
    }
}

static void load_own(stralloc *sa, size_t *n)
{
    for (char **e = environ; *e; e++, ++*n)
        if (!stralloc_catb(sa, *e, strlen(*e) + 1))
            strerr_diefu1sys(111, "read the environment");
}

int main(int argc, char const *const *argv)
{
    stralloc sa = STRALLOC_ZERO;
    subgetopt l = SUBGETOPT_ZERO;
    size_t n = 0;
    if (subgetopt_r(argc, argv, "", &l) >= 0)
        dieusage();
    argc -= l.ind;
    argv += l.ind;
    if (argc > 1)
        dieusage();
    if (contenv_is_kept())
        load_own(&sa, &n);
    else
        load(&sa, &n);
    char *s = sa.s;
    size_t len = sa.len;
    if (argc) {
        char const *value = strchr(argv[0], '=') ? NULL : contenv_get(sa.s, n, argv[0]);
        if (!value) {
            stralloc_free(&sa);
            return 1;
        }
        s = sa.s + (value - sa.s);
        len = strlen(s) + 1;
    }
    for (size_t i = 0; i < len; i++)
        if (!s[i])
            s[i] = '\n';
    if (allwrite(1, s, len) < len)
        strerr_diefu1sys(111, "write to standard output");
    stralloc_free(&sa);
    return 0;
}
