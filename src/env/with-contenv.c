/* with-contenv: runs a program in the container's environment.

   with-contenv [PROG ARG...]
   with-contenv -S 'PROG ARG...' [ARG...]
   Reads: STATEDIR/container_environment. Writes nothing, and is one exec: no interpreter between.
   The environment it was started with is dropped but for PATH, where the container has none, and
   the variables by which the suite finds itself. S6_KEEP_ENV: all is left as it is.
   With -S, in its word or the next one, the first word is cut at blanks: an interpreter line is one
   word for the kernel. Without PROG: a shell if standard input is a terminal, else the environment
   is printed. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include <cairn/contenv.h>
#include <cairn/lines.h>
#include <cairn/statedir.h>

char const *PROG = "with-contenv";
#define USAGE "with-contenv [ prog arg... ] or with-contenv -S 'prog arg...' [ arg... ]"

/* kept from the caller unless the container environment has them */
static char const *const kept[] = {"PATH", STATEDIR_VARIABLE, "CAIRN_BINDIR"};
enum { KEPT = sizeof kept / sizeof *kept };

static char const *directory;

static void on_skipped(char const *name, char const *why)
{
    strerr_warnw5x(directory, "/", name, " is no variable, it ", why);
}

static _Noreturn void die_unlocated(void)
{
    strerr_dief1x(111, "no container environment: there is no directory " STATEDIR_PUBLIC
                       "/" CONTENV_DIR " (is /init the entry point of this container, and has "
                       "it started? With S6_KEEP_ENV=1 set for the container there is none, "
                       "and it must be set here too)");
}

/* Returns VAR=VALUE of the caller's environment, or NULL. */
static char *own(char const *var)
{
    size_t len = strlen(var);
    for (char **e = environ; *e; e++)
        if (!strncmp(*e, var, len) && (*e)[len] == '=')
            return *e;
    return NULL;
}

/* Makes the environment from the n strings at s. */
static void replace_environment(char *s, size_t n)
{
    char **env = malloc((n + KEPT + 1) * sizeof *env);
    if (!env)
        strerr_diefu1sys(111, "make the environment");
    size_t count = 0;
    char *mine[KEPT];
    for (size_t i = 0; i < KEPT; i++)
        mine[i] = contenv_get(s, n, kept[i]) ? NULL : own(kept[i]);
    for (; n; n--, s += strlen(s) + 1)
        env[count++] = s;
    for (size_t i = 0; i < KEPT; i++)
        if (mine[i])
            env[count++] = mine[i];
    env[count] = NULL;
    environ = env;
}

static void load(void)
{
    char path[STATEDIR_MAX + sizeof CONTENV_DIR];
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0;
    char const *culprit;
    directory = contenv_locate(path, sizeof path);
    if (!directory)
        die_unlocated();
    if (contenv_read(directory, &sa, &n, on_skipped, &culprit) < 0) {
        if (!*culprit && errno == ENOENT)
            die_unlocated();
        strerr_diefu4sys(111, "read ", directory, *culprit ? "/" : "", culprit);
    }
    replace_environment(sa.s, n);
}

static void print_environment(void)
{
    for (char **e = environ; *e; e++) {
        size_t len = strlen(*e);
        char *line = malloc(len + 1);
        if (!line)
            strerr_diefu1sys(111, "print the environment");
        memcpy(line, *e, len);
        line[len] = '\n';
        if (allwrite(1, line, len + 1) < len + 1)
            strerr_diefu1sys(111, "write to standard output");
        free(line);
    }
}

static void run_shell(void)
{
    char const *shell = getenv("SHELL");
    if (shell && *shell) {
        char const *argv[] = {shell, NULL};
        exec_ae(shell, argv, (char const *const *)environ);
        strerr_warnwu3sys("exec ", shell, " (from SHELL), starting sh instead");
    }
    char const *argv[] = {"sh", NULL};
    xexec(argv);
}

/* Executes the words of line, which is cut at its blanks, and args after them. */
static void run_line(char *line, int argc, char const *const *args)
{
    size_t n = 0;
    /* no more than every second byte begins a word */
    char const **argv = malloc((strlen(line) / 2 + 2 + (size_t)argc) * sizeof *argv);
    if (!argv)
        strerr_diefu1sys(111, "make the arguments");
    for (char *word; (word = lines_word(&line));)
        argv[n++] = word;
    if (!n)
        strerr_dieusage(100, USAGE);
    for (int i = 0; i < argc; i++)
        argv[n++] = args[i];
    argv[n] = NULL;
    xexec(argv);
}

int main(int argc, char **argv)
{
    if (!contenv_is_kept())
        load();
    if (argc > 1 && !strncmp(argv[1], "-S", 2)) {
        int first = argv[1][2] ? 1 : 2;
        if (first >= argc)
            strerr_dieusage(100, USAGE);
        run_line(argv[first] + (first == 1 ? 2 : 0), argc - first - 1,
                 (char const *const *)argv + first + 1);
    }
    if (argc > 1)
        xexec((char const *const *)argv + 1);
    if (isatty(0))
        run_shell();
    print_environment();
    return 0;
}
