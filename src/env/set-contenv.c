/* set-contenv: sets a variable of the container's environment.

   set-contenv NAME VALUE | -s NAME | -d NAME
   Writes: STATEDIR/container_environment/NAME, atomically. NAME is upper-cased, as the
   docker-alpine images have it. Programs that are started later through with-contenv see the
   change. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/contenv.h>
#include <cairn/statedir.h>

char const *PROG = "set-contenv";
#define USAGE      "set-contenv NAME VALUE | set-contenv -s NAME | set-contenv -d NAME"
#define dieusage() strerr_dieusage(100, USAGE)

enum action { SET, SET_FROM_STDIN, DELETE };

static void upper_case(char *to, size_t size, char const *from)
{
    size_t len = strlen(from);
    if (len >= size)
        strerr_dief3x(100, "the name ", from, " is too long");
    for (size_t i = 0; i <= len; i++)
        to[i] = (char)(from[i] >= 'a' && from[i] <= 'z' ? from[i] - 'a' + 'A' : from[i]);
}

/* All of standard input, less one newline at its end: echo and printf mean the same. */
static void read_value(stralloc *sa)
{
    enum { CHUNK = 4096 };
    size_t const max = 32 * (size_t)sysconf(_SC_PAGESIZE);
    for (;;) {
        if (!stralloc_readyplus(sa, CHUNK))
            strerr_diefu1sys(111, "read standard input");
        ssize_t r = fd_read(0, sa->s + sa->len, CHUNK);
        if (r < 0)
            strerr_diefu1sys(111, "read standard input");
        if (!r)
            break;
        sa->len += (size_t)r;
        if (sa->len > max)
            break; /* contenv_set refuses it */
    }
    if (memchr(sa->s, 0, sa->len))
        strerr_dief1x(100, "the value holds a NUL byte, which no variable can");
    if (sa->len && sa->s[sa->len - 1] == '\n')
        sa->len--;
}

static _Noreturn void die_failed(char const *dir, char const *name)
{
    switch (errno) {
    case EINVAL:
        strerr_dief3x(100, "not a name of a variable here: '", name,
                      "' (empty, with a dot first, or with = or / in it)");
    case E2BIG:
        strerr_dief3x(100, "the value of ", name,
                      " is too long: with it no program could be started any more");
    case ENOENT:
        strerr_dief3x(111, "no container environment: there is no directory ", dir,
                      " (is /init the entry point of this container, and has it started? With "
                      "S6_KEEP_ENV there is none)");
    case EACCES:
    case EPERM:
        strerr_diefu4sys(111, "set ", name, " in ", dir);
    default:
        strerr_diefu4sys(111, "write ", dir, "/", name);
    }
}

int main(int argc, char const *const *argv)
{
    char path[STATEDIR_MAX + sizeof CONTENV_DIR];
    char name[256];
    stralloc sa = STRALLOC_ZERO;
    subgetopt l = SUBGETOPT_ZERO;
    enum action action = SET;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "sd", &l);
        if (opt < 0)
            break;
        if ((opt != 's' && opt != 'd') || action != SET)
            dieusage();
        action = opt == 's' ? SET_FROM_STDIN : DELETE;
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc != (action == SET ? 2 : 1))
        dieusage();
    upper_case(name, sizeof name, argv[0]);
    if (action == SET_FROM_STDIN)
        read_value(&sa);
    else if (action == SET && !stralloc_cats(&sa, argv[1]))
        strerr_diefu1sys(111, "copy the value");
    /* an empty value is a value: never NULL */
    if (!stralloc_0(&sa))
        strerr_diefu1sys(111, "copy the value");
    char const *dir = contenv_locate(path, sizeof path);
    if (!dir || contenv_set(dir, name, action == DELETE ? NULL : sa.s, sa.len - 1) < 0)
        die_failed(dir ? dir : STATEDIR_PUBLIC "/" CONTENV_DIR, name);
    stralloc_free(&sa);
    return 0;
}
