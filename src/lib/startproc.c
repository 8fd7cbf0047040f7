#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/script.h>
#include <cairn/servicedir.h>
#include <cairn/startproc.h>

/* AddressSanitizer keeps a shadow of the stack. A child that leaves by exec never clears its frames
 * from it. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define forget_frames(top) __asan_unpoison_memory_region((top)-32768, 32768)
#else
#define forget_frames(top) ((void)0)
#endif

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif
#ifndef SYS_close_range
#define SYS_close_range 436 /* the same on every architecture */
#endif

extern char **environ;

/* Opens the service's lock as descriptor fd and takes it. The lock is the process's: it would be
   lost by closing another descriptor of the file later, so the number is settled first. */
static int take_service_lock(int fd, int wait)
{
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int f = open(SERVICEDIR_SERVICE_LOCK, O_WRONLY | O_CREAT | O_NONBLOCK, 0644);
    if (f == -1)
        return -1;
    if (f != fd) {
        if (dup2(f, fd) == -1)
            return -1;
        close(f);
    }
    while (fcntl(fd, wait ? F_SETLKW : F_SETLK, &fl) == -1) {
        if (errno == EACCES || errno == EAGAIN)
            errno = EBUSY;
        if (errno != EINTR)
            return -1;
    }
    return 0;
}

/* What a child needs of the host's descriptors: they become 0, 1, 2 and the notification's number.
 */
static void list_needed(struct startproc const *c, int *fds)
{
    for (int i = 0; i < 3; i++)
        fds[i] = c->io[i];
    fds[3] = c->pipe;
}

/* In a child, which may still share the host's table: what it needs goes to the pads, and then it
   has a table of its own without the rest. */
static int drop_host(struct startproc_host const *host, int *fds)
{
    for (int i = 0; i < STARTPROC_PADS; i++) {
        int pad = host->own - STARTPROC_PADS + i;
        if (fds[i] < host->own)
            continue;
        if (dup3(fds[i], pad, O_CLOEXEC) == -1)
            return -1;
        fds[i] = pad;
    }
    return (int)syscall(SYS_close_range, host->own, ~0u, CLOSE_RANGE_UNSHARE);
}

/* A pipe that stayed on a pad would never end. */
static void clear_pads(struct startproc const *c)
{
    struct startproc_host const *host = c->host;
    int fds[STARTPROC_PADS];
    list_needed(c, fds);
    for (int i = 0; i < STARTPROC_PADS; i++)
        if (fds[i] >= host->own)
            dup3(host->null, host->own - STARTPROC_PADS + i, O_CLOEXEC);
}

/* What lies between fork and exec. All descriptors of ours are close-on-exec. */
static int become_service(struct startproc const *c)
{
    sigset_t none;
    int fds[STARTPROC_PADS];
    list_needed(c, fds);
    setsid();
    if (c->dirfd != AT_FDCWD && fchdir(c->dirfd) == -1)
        return -1;
    if (c->host->own && drop_host(c->host, fds) == -1)
        return -1;
    for (int i = 0; i < 3; i++)
        if (fds[i] < 0)
            close(i);
        else if (fds[i] != i && dup2(fds[i], i) == -1)
            return -1;
    if (fds[3] >= 0 &&
        (fds[3] == c->notify_fd ? fcntl(fds[3], F_SETFD, 0) : dup2(fds[3], c->notify_fd)) == -1)
        return -1;
    /* before the lock, so that d and k can end a process that waits for it */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (c->lock_fd >= 0 && take_service_lock(c->lock_fd, c->wait) == -1)
        return -1;
    return c->host->nofile ? setrlimit(RLIMIT_NOFILE, c->host->nofile) : 0;
}

/* Runs in the parent's memory while the parent waits: changes nothing there but c->error. */
static int child_main(void *p)
{
    struct startproc *c = p;
    c->first(c->arg, c->pid);
    if (become_service(c) == 0)
        script_exec(c->file, c->argv, environ);
    c->error = errno;
    _exit(script_exitcode(c->error));
}

/* Where the child's stack begins: below our caller's frame and what clone itself may use. The
   caller waits meanwhile, so this is free. A stack of its own would cost a page that is never given
   back. */
static char *__attribute__((noinline)) free_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return (char *)((here - 128) & ~(uintptr_t)15);
}

pid_t __attribute__((noinline)) startproc(struct startproc *c, int flags, int *failed)
{
    char *top = free_stack();
    c->error = 0;
    c->wait = 0;
    if (c->host->own)
        flags |= CLONE_FILES;
    pid_t pid = clone(child_main, top,
                      CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD | flags, c, &c->pid);
    forget_frames(top);
    if (c->host->own)
        clear_pads(c);
    *failed = pid != -1 && c->error;
    if (!*failed)
        return pid;
    while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
        ;
    errno = c->error;
    return -1;
}

pid_t startproc_waiting(struct startproc *c)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    c->first(c->arg, getpid());
    if (!c->host->own)
        c->leave(c->arg);
    c->wait = 1;
    if (become_service(c) == 0)
        script_exec(c->file, c->argv, environ);
    int e = errno;
    c->failed(c->arg, e);
    _exit(script_exitcode(e));
}
