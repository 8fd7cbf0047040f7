/* setsid: runs a program in a new session or process group.

   setsid [-s | -b | -f | -g] [-i | -I | -q] [-d FD] PROG ARG...
   Nothing is forked: the process itself becomes the leader and then PROG. util-linux and busybox
   have a setsid of their own, so this one is linked as s6-setsid only. */

#include <signal.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

char const *PROG = "setsid";
#define USAGE      "setsid [ -s | -b | -f | -g ] [ -i | -I | -q ] [ -d fd ] prog..."
#define dieusage() strerr_dieusage(100, USAGE)

enum policy { STRICT, LOOSE, SILENT };

static void failed(enum policy policy, char const *what)
{
    if (policy == STRICT)
        strerr_diefu1sys(111, what);
    if (policy == LOOSE)
        strerr_warnwu1sys(what);
}

/* Gives the terminal to our group. From the background that stops us, unless TTOU is blocked. */
static int take_terminal(int fd, int grab)
{
    sigset_t ttou, mask;
    if (!grab)
        return tcsetpgrp(fd, getpid());
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    sigprocmask(SIG_BLOCK, &ttou, &mask);
    int r = tcsetpgrp(fd, getpid());
    sigprocmask(SIG_SETMASK, &mask, NULL); /* keeps errno when it succeeds */
    return r;
}

static void lead(int mode, enum policy policy, int fd)
{
    if (mode == 's') {
        if (setsid() < 0)
            failed(policy, "begin a session (already leader of a process group)");
        return;
    }
    if (setpgid(0, 0) < 0)
        failed(policy, "begin a process group");
    if (mode != 'b' && take_terminal(fd, mode == 'g') < 0)
        failed(policy, "get the terminal");
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    enum policy policy = LOOSE;
    unsigned int fd = 0;
    int mode = 's';
    for (;;) {
        int opt = subgetopt_r(argc, argv, "sbfgiIqd:", &l);
        if (opt < 0)
            break;
        if (opt == 's' || opt == 'b' || opt == 'f' || opt == 'g')
            mode = opt;
        else if (opt == 'i' || opt == 'I' || opt == 'q')
            policy = opt == 'i' ? STRICT : opt == 'I' ? LOOSE : SILENT;
        else if (opt != 'd' || !uint0_scan(l.arg, &fd) || fd > 0x7fffffff)
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (!argc)
        dieusage();
    lead(mode, policy, (int)fd);
    xexec(argv);
}
