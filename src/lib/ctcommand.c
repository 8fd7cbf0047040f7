#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>

#include <cairn/ctcommand.h>

static int const usual[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGPIPE,
                            SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM};

/* A word alone needs no shell: the signals that we send reach it, and nobody stands between. */
static int is_word(char const *line)
{
    return !line[strcspn(line, " \t\n'\"\\$`;&|<>()*?[]#~=%!{}")] && *line;
}

pid_t ctcommand_start(struct ctcommand const *c)
{
    char const *const by_shell[] = {"/bin/sh", "-c", c->shell, NULL};
    char const *const alone[] = {c->shell, NULL};
    char const *const *argv = !c->shell ? c->argv : is_word(c->shell) ? alone : by_shell;
    posix_spawnattr_t attr;
    sigset_t set;
    pid_t pid;
    int e = posix_spawnattr_init(&attr);
    if (!e) {
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attr, &set);
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            sigaddset(&set, usual[i]);
        posix_spawnattr_setsigdefault(&attr, &set);
        posix_spawnattr_setpgroup(&attr, 0);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETPGROUP);
        e = posix_spawnp(&pid, *argv, NULL, &attr, (char *const *)(uintptr_t)argv,
                         (char *const *)(uintptr_t)c->env);
        posix_spawnattr_destroy(&attr);
    }
    if (!e)
        return pid;
    errno = e;
    return -1;
}

char const *ctcommand_name(struct ctcommand const *c)
{
    return c->shell ? c->shell : c->argv[0];
}
