#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <skalibs/sig.h>

#include <cairn/closing.h>
#include <cairn/logproc.h>
#include <cairn/script.h>

struct role {
    char const *name;
    int fd; /* what the processor knows it by */
    int flags;
};

static struct role const roles[] = {
    {"previous", 0, O_RDONLY},
    {"processed", 1, O_WRONLY | O_CREAT | O_TRUNC},
    {"state", 4, O_RDONLY | O_CREAT},
    {"newstate", 5, O_WRONLY | O_CREAT | O_TRUNC},
};
enum { ROLES = sizeof roles / sizeof *roles };
enum { ABOVE = 16 }; /* descriptors that cannot be in each other's way */

static int open_role(int dirfd, struct role const *r)
{
    int low = openat(dirfd, r->name, r->flags | O_NONBLOCK | O_CLOEXEC, 0666);
    if (low < 0)
        return -1;
    int fd = fcntl(low, F_DUPFD_CLOEXEC, ABOVE);
    close_keeping_errno(low);
    return fd;
}

static void child(int dirfd, int const *fds, char const *command, int shell)
{
    char const *const argv[] = {shell ? "/bin/sh" : "execlineb", shell ? "-c" : "-Pc", command, 0};
    for (int sig = 1; sig < NSIG; sig++)
        if (sig == SIGHUP || sig == SIGTERM || sig == SIGALRM || sig == SIGCHLD || sig == SIGPIPE)
            signal(sig, SIG_DFL);
    sig_blocknone();
    if (fchdir(dirfd) < 0)
        _exit(111);
    for (int i = 0; i < ROLES; i++)
        if (dup2(fds[i], roles[i].fd) < 0)
            _exit(111);
    execvp(argv[0], (char *const *)argv);
    _exit(script_exitcode(errno));
}

pid_t logproc_start(int dirfd, char const *command, int shell)
{
    int fds[ROLES], n = 0;
    pid_t pid = -1;
    while (n < ROLES && (fds[n] = open_role(dirfd, roles + n)) >= 0)
        n++;
    if (n == ROLES) {
        pid = fork();
        if (!pid)
            child(dirfd, fds, command, shell);
    }
    while (n--)
        close_keeping_errno(fds[n]);
    return pid;
}
