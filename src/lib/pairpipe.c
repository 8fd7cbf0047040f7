#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/pairpipe.h>
#include <cairn/svlock.h>
#include <cairn/svrecord.h>

static int is_an_own_one(struct stat const *st)
{
    struct stat own;
    for (int i = 0; i < 3; i++)
        if (!fstat(i, &own) && own.st_dev == st->st_dev && own.st_ino == st->st_ino)
            return 1;
    return 0;
}

static int has_inode(int fd, ino_t ino)
{
    struct stat st;
    return fd >= 0 && !fstat(fd, &st) && st.st_ino == ino;
}

int pairpipe_open(pid_t pid, int n, int pair[2])
{
    char path[sizeof "/proc//fd/0" + PID_FMT];
    struct stat st;
    memcpy(path, "/proc/", 6);
    size_t len = 6 + pid_fmt(path + 6, pid);
    memcpy(path + len, "/fd/", 4);
    path[len + 4] = (char)('0' + n);
    path[len + 5] = 0;
    if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode) || is_an_own_one(&st))
        return -1;
    /* a reader first: without one a writer cannot open it */
    int in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (has_inode(in, st.st_ino) && has_inode(out, st.st_ino)) {
        fcntl(in, F_SETFL, 0);
        fcntl(out, F_SETFL, 0);
        pair[0] = in;
        pair[1] = out;
        return 0;
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return -1;
}

void pairpipe_path(char *path, char const *name, int logger, char const *file)
{
    strcpy(path, name);
    strcat(path, logger ? "/log/" : "/");
    strcat(path, file);
}

static int from_supervisor(char const *name, int logger, int pair[2])
{
    char path[PAIRPIPE_NAMEMAX + 6 + sizeof SVLOCK_SERVICE];
    pairpipe_path(path, name, logger, SVLOCK_SERVICE);
    pid_t owner = svlock_owner(AT_FDCWD, path);
    return owner > 1 ? pairpipe_open(owner, !logger, pair) : -1;
}

static int from_service(char const *name, int logger, int pair[2])
{
    char path[PAIRPIPE_NAMEMAX + 6 + sizeof SVRECORD_FILE];
    char boot[SVRECORD_BOOT + 1];
    struct svrecord r;
    struct stat st;
    pairpipe_path(path, name, logger, SVLOCK_SERVICE);
    if (stat(path, &st) < 0)
        return -1;
    pairpipe_path(path, name, logger, SVRECORD_FILE);
    int pidfd =
        svrecord_read(AT_FDCWD, path, &r, boot) < 0 ? -1 : svrecord_pidfd(&r, boot, st.st_ino);
    if (pidfd < 0)
        return -1;
    close(pidfd);
    return pairpipe_open(r.pid, !logger, pair);
}

int pairpipe_find(char const *name, int pair[2])
{
    if (strlen(name) > PAIRPIPE_NAMEMAX)
        return -1;
    for (int logger = 0; logger < 2; logger++)
        if (!from_supervisor(name, logger, pair))
            return 0;
    for (int logger = 1; logger >= 0; logger--)
        if (!from_service(name, logger, pair))
            return 0;
    return -1;
}

int pairpipe_is_same(int const a[2], int const b[2])
{
    struct stat s, t;
    return !fstat(a[0], &s) && !fstat(b[0], &t) && s.st_ino == t.st_ino;
}
