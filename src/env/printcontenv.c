/* printcontenv: prints a variable of the container's environment.

   printcontenv [NAME]
   Reads: STATEDIR/container_environment, or with S6_KEEP_ENV its own environment. Value and
   newline; exits 1 if it is not set. Without NAME: all variables, NAME=VALUE, one a line. */

#include <errno.h>
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

static _Noreturn void die_unreadable(char const *dir, char const *file)
{
    if (!dir || (!*file && errno == ENOENT))
        strerr_dief1x(111, "no container environment: there is no directory " STATEDIR_PUBLIC
                           "/" CONTENV_DIR " (is /init the entry point of this container, "
                           "and has it started?)");
    strerr_diefu4sys(111, "read ", dir, *file ? "/" : "", file);
}

/* Writes n bytes at s, the NULs as newlines. */
static void print(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!s[i])
            s[i] = '\n';
    if (allwrite(1, s, n) < n)
        strerr_diefu1sys(111, "write to standard output");
}

static void append(stralloc *sa, char const *s)
{
    if (!stralloc_catb(sa, s, strlen(s) + 1))
        strerr_diefu1sys(111, "read the environment");
}

/* One variable, or with name NULL all. Returns 0 if there is none of this name. */
static int get_kept(stralloc *sa, char const *name)
{
    size_t len = name ? strlen(name) : 0;
    for (char **e = environ; *e; e++) {
        if (!name)
            append(sa, *e);
        else if (!strncmp(*e, name, len) && (*e)[len] == '=' && !strchr(name, '=')) {
            append(sa, *e + len + 1);
            return 1;
        }
    }
    return !name;
}

static int get(stralloc *sa, char const *name)
{
    char path[STATEDIR_MAX + sizeof CONTENV_DIR];
    char const *culprit = "";
    size_t n = 0;
    char const *dir = contenv_locate(path, sizeof path);
    int r = !dir   ? -1
            : name ? contenv_value(dir, name, sa)
                   : contenv_read(dir, sa, &n, NULL, &culprit);
    if (r < 0)
        die_unreadable(dir, name && errno != ENOENT && errno != ENOTDIR ? name : culprit);
    return r || !name;
}

int main(int argc, char const *const *argv)
{
    stralloc sa = STRALLOC_ZERO;
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) >= 0)
        dieusage();
    argc -= l.ind;
    argv += l.ind;
    if (argc > 1)
        dieusage();
    int found = contenv_is_kept() ? get_kept(&sa, argv[0]) : get(&sa, argv[0]);
    if (found)
        print(sa.s, sa.len);
    stralloc_free(&sa);
    return !found;
}
