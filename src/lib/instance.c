#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>

#include <cairn/instance.h>
#include <cairn/join.h>
#include <cairn/sibling.h>
#include <cairn/statedir.h>

char *instance_path(char *buf, size_t size, char const *servicedir, char const *name)
{
    char mapped[PATH_MAX];
    char const *dir = statedir_map(servicedir, mapped, sizeof mapped);
    if (join(buf, size, dir, "/" INSTANCE_SCANDIR "/", name) < size)
        return buf;
    errno = ENAMETOOLONG;
    return NULL;
}

int instance_options(int argc, char const *const *argv, char const *letters)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, letters, &l)) != -1;)
        if (opt == '?')
            return -1;
    return argc - l.ind < 2 ? -1 : l.ind;
}

int instance_exec(char const *program, char const *const *argv, int ind, char *file,
                  char const **what, char const **object)
{
    char path[PATH_MAX];
    char const *args[ind + 3]; /* with -- and the end */
    *what = "find ";
    *object = argv[ind];
    if (!instance_path(path, sizeof path, argv[ind], argv[ind + 1]))
        return 111;
    *object = program;
    if (!sibling_path(file, PATH_MAX, program))
        return 111;
    *object = file;
    /* the options as they stand, then -- lest the directory look like one */
    memcpy(args, argv, (size_t)ind * sizeof *args);
    args[0] = file;
    int n = ind;
    if (n < 2 || strcmp(args[n - 1], "--"))
        args[n++] = "--";
    args[n++] = path;
    args[n] = NULL;
    *what = "exec ";
    execv(file, (char *const *)args);
    return errno == ENOENT ? 127 : 126;
}
