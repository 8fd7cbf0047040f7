/* fakeroot: a unit test in a process of its own whose root directory is one of the test's. Included
   after scratch.h. */

#ifndef FAKEROOT_H
#define FAKEROOT_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* In such a process: says what is not as it should be, and gives up. */
#define check(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "# %s:%d: not so: %s (errno %d)\n", __FILE__, __LINE__, #condition,    \
                    errno);                                                                        \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static inline int fakeroot_write(char const *file, char const *text)
{
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    int r = fd == -1 || write(fd, text, strlen(text)) != (ssize_t)strlen(text);
    close(fd);
    return r ? -1 : 0;
}

/* unshare; an ordinary user needs a user namespace for it, and is root there. */
static inline int fakeroot_unshare(int flags)
{
    char uid[32], gid[32];
    int is_user = geteuid() != 0;
    snprintf(uid, sizeof uid, "0 %u 1", (unsigned int)geteuid());
    snprintf(gid, sizeof gid, "0 %u 1", (unsigned int)getegid());
    if (is_user)
        flags |= CLONE_NEWUSER;
    if (flags && unshare(flags) == -1)
        return -1;
    if (is_user && (fakeroot_write("/proc/self/setgroups", "deny") == -1 ||
                    fakeroot_write("/proc/self/uid_map", uid) == -1 ||
                    fakeroot_write("/proc/self/gid_map", gid) == -1))
        return -1;
    return flags & CLONE_NEWNS ? mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) : 0;
}

/* In such a process: becomes somebody who owns nothing, until as_before. Root only: an ordinary
   user is one. */
static inline void as_other(void)
{
    if (!geteuid() && seteuid(12345) == -1)
        _exit(1);
}
static inline void as_before(void)
{
    if (geteuid() == 12345 && seteuid(0) == -1)
        _exit(1);
}

enum { FAKEROOT_CANNOT = 77 };

/* The end of the process's part in a test: skipped, or well. */
static inline void fakeroot_result(pid_t pid)
{
    int wstat;
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    if (wstat == FAKEROOT_CANNOT << 8)
        skip();
    assert_int_equal(wstat, 0);
}

/* Calls f in a process and in namespaces of its own (flags of unshare). Skips the test where these
   cannot be had. */
static inline void in_process(int flags, int (*f)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (!pid)
        _exit(flags && fakeroot_unshare(flags) == -1 ? FAKEROOT_CANNOT : f());
    fakeroot_result(pid);
}

/* The same, with the directory root of the scratch directory as /, which an ordinary user needs a
   namespace for. */
static inline void in_root(char const *root, int flags, int (*f)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        int real = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fakeroot_unshare(flags) == -1 || chroot(in(root)) == -1 || chdir("/") == -1)
            _exit(FAKEROOT_CANNOT);
        int r = f();
        /* back, for what is written at the end of a process (tests/coverage) */
        if (fchdir(real) == -1 || chroot(".") == -1)
            r = 1;
        _exit(r);
    }
    fakeroot_result(pid);
}

/* In such a process: makes these system calls fail, as on an old kernel or behind a filter. Returns
   0, or what f is to return. */
static inline int refuse_calls(unsigned int a, unsigned int b)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, a, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, b, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog p = {.len = sizeof f / sizeof *f, .filter = f};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p)
               ? FAKEROOT_CANNOT
               : 0;
}

#endif
