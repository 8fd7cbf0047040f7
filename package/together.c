/* together: several programs in one file, each under its own name (configure --enable-together).

   A static program is mostly what all have in common. The Makefile gives main and PROG of
   each of these a name of its own, and makes MEMBERS, which lists them. Which one is meant: the
   last part of the name it was started by, without "s6-". Where that says nothing (a user's own
   link, a name made up by exec), the links are followed from the file that was executed to one that
   is known. Exits 100 when there is none. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#define TOGETHER(name, id)                                                                         \
    extern char const *id##_PROG;                                                                  \
    extern int id##_main(int, char const *const *, char const *const *);
#include MEMBERS
#undef TOGETHER

/* what our library and skalibs print; the programs have their own */
char const *PROG = "cairn";

struct member {
    char const *name;
    char const **prog;
    int (*main)(int, char const *const *, char const *const *);
};

#define TOGETHER(name, id) {name, &id##_PROG, id##_main},
static struct member const members[] = {
#include MEMBERS
};
enum { MEMBERS_N = sizeof members / sizeof *members, LINKS = 8 };

static char const *last_part(char const *path)
{
    char const *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static struct member const *find(char const *path)
{
    char const *name = last_part(path);
    for (int i = 0; i < MEMBERS_N; i++) {
        char const *known = members[i].name;
        if (!strcmp(name, known) || (!strncmp(name, "s6-", 3) && !strcmp(name + 3, known)))
            return members + i;
    }
    return NULL;
}

/* The file that was executed is a link, or the first of several. */
static struct member const *follow(char const *executed)
{
    char path[PATH_MAX], target[PATH_MAX];
    if (!executed || strlen(executed) >= sizeof path)
        return NULL;
    strcpy(path, executed);
    for (int n = 0; n < LINKS; n++) {
        struct member const *m = find(path);
        if (m)
            return m;
        ssize_t len = readlink(path, target, sizeof target - 1);
        if (len < 0)
            return NULL;
        target[len] = 0;
        size_t dir = target[0] == '/' ? 0 : (size_t)(last_part(path) - path);
        if (dir + (size_t)len >= sizeof path)
            return NULL;
        memcpy(path + dir, target, (size_t)len + 1);
    }
    return NULL;
}

int main(int argc, char const *const *argv, char const *const *envp)
{
    struct member const *m = argc ? find(argv[0]) : NULL;
    if (!m && argc && strchr(argv[0], '/')) // of a script's interpreter, only this tells
        m = follow(argv[0]);
    if (!m)
        m = follow((char const *)getauxval(AT_EXECFN)); // NOLINT: the kernel's pointer
    if (!m)
        strerr_dief(100, "no program of this file is called ", argc ? argv[0] : "(nothing)");
    PROG = *m->prog;
    return m->main(argc, argv, envp);
}
