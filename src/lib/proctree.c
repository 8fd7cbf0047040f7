#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/closing.h>
#include <cairn/dents.h>
#include <cairn/proctree.h>

enum {
    ENTRIES = 4096, /* bytes of directory entries per system call */
    DEPTH = 64      /* generations; parents that change under us must not keep us climbing */
};

/* Reads the parent of the process named by its decimal pid. Returns -1 if there is no such process.
 */
static pid_t parent_of(int procfd, char const *pid)
{
    char path[PID_FMT + 6];
    char buf[512];
    size_t len = strlen(pid);
    if (len >= PID_FMT)
        return -1;
    memcpy(path, pid, len);
    memcpy(path + len, "/stat", 6);
    int fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t r = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (r <= 0)
        return -1;
    buf[r] = 0;
    /* "pid (name) state ppid ...": the name may hold anything, so the last ')' counts */
    char const *p = strrchr(buf, ')');
    unsigned int ppid;
    if (!p || strlen(p) < 5 || !uint_scan(p + 4, &ppid))
        return -1;
    return (pid_t)ppid;
}

enum kin { FOREIGN, DESCENDANT, OUTSIDER };

static enum kin kin_of(int procfd, char const *pid, pid_t self)
{
    char fmt[PID_FMT];
    pid_t ppid = parent_of(procfd, pid);
    if (!ppid)
        return OUTSIDER;
    for (int i = 0; i < DEPTH && ppid > 0; i++) {
        if (ppid == self)
            return DESCENDANT;
        fmt[pid_fmt(fmt, ppid)] = 0;
        ppid = parent_of(procfd, fmt);
    }
    return FOREIGN;
}

static int signal_one(int procfd, char const *name, pid_t self, int sig, int outsider)
{
    unsigned int pid;
    if (!uint0_scan(name, &pid) || pid == (unsigned int)self || pid == 1)
        return 0;
    switch (kin_of(procfd, name, self)) {
    case DESCENDANT:
        return !kill((pid_t)pid, sig);
    case OUTSIDER:
        if (outsider) {
            kill((pid_t)pid, outsider);
            kill((pid_t)pid, sig);
        }
        return 0;
    default:
        return 0;
    }
}

int proctree_kill(int sig, int outsider)
{
    _Alignas(struct dent) char buf[ENTRIES];
    pid_t self = getpid();
    int n = 0;
    int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    for (;;) {
        long len = dents_read(fd, buf, sizeof buf);
        if (len <= 0) {
            close_keeping_errno(fd);
            return len < 0 ? -1 : n;
        }
        for (long at = 0; at < len;) {
            char const *name = dents_next(buf, &at)->name;
            if (name[0] > '0' && name[0] <= '9')
                n += signal_one(fd, name, self, sig, outsider);
        }
    }
}
