#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/uint16.h>
#include <skalibs/uint64.h>

#include <cairn/svstatus.h>

enum { OFFSET_STAMP = 0, OFFSET_READY = 12, OFFSET_PID = 24, OFFSET_WSTAT = 32, OFFSET_FLAGS = 34 };
enum { FLAG_PAUSED = 1, FLAG_FINISHING = 2, FLAG_WANTUP = 4, FLAG_READY = 8, FLAG_GIVENUP = 16 };

_Static_assert(OFFSET_READY == TAIN_PACK, "two time stamps come first");
_Static_assert(OFFSET_FLAGS + 1 == SVSTATUS_SIZE, "the flags are the last byte");

void svstatus_pack(char *buf, struct svstatus const *s)
{
    tain_pack(buf + OFFSET_STAMP, &s->stamp);
    tain_pack(buf + OFFSET_READY, &s->readystamp);
    uint64_pack_big(buf + OFFSET_PID, (uint64_t)s->pid);
    uint16_pack_big(buf + OFFSET_WSTAT, s->wstat);
    buf[OFFSET_FLAGS] = (char)((s->paused ? FLAG_PAUSED : 0) | (s->finishing ? FLAG_FINISHING : 0) |
                               (s->wantup ? FLAG_WANTUP : 0) | (s->ready ? FLAG_READY : 0) |
                               (s->givenup ? FLAG_GIVENUP : 0));
}

void svstatus_unpack(char const *buf, struct svstatus *s)
{
    uint64_t pid;
    unsigned char flags = (unsigned char)buf[OFFSET_FLAGS];
    tain_unpack(buf + OFFSET_STAMP, &s->stamp);
    tain_unpack(buf + OFFSET_READY, &s->readystamp);
    uint64_unpack_big(buf + OFFSET_PID, &pid);
    s->pid = (pid_t)pid;
    uint16_unpack_big(buf + OFFSET_WSTAT, &s->wstat);
    s->paused = !!(flags & FLAG_PAUSED);
    s->finishing = !!(flags & FLAG_FINISHING);
    s->wantup = !!(flags & FLAG_WANTUP);
    s->ready = !!(flags & FLAG_READY);
    s->givenup = !!(flags & FLAG_GIVENUP);
}

/* One byte more than the format has is asked for, so that a longer file is noticed. */
static int read_status(int fd, struct svstatus *s)
{
    char buf[SVSTATUS_SIZE + 1];
    ssize_t n = fd_read(fd, buf, sizeof buf);
    if (n != SVSTATUS_SIZE) {
        if (n != -1)
            errno = EPROTO;
        return -1;
    }
    svstatus_unpack(buf, s);
    return 0;
}

int svstatus_read_file(int dirfd, char const *file, struct svstatus *s)
{
    int fd = openat(dirfd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1)
        return -1;
    int r = read_status(fd, s);
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

int svstatus_read(int dirfd, char const *servicedir, struct svstatus *s)
{
    int dir = openat(dirfd, servicedir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* a directory that may be searched but not read is enough (svperms -o) */
    if (dir == -1 && errno == EACCES)
        dir = openat(dirfd, servicedir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir == -1)
        return -1;
    int r = svstatus_read_file(dir, SVSTATUS_FILE, s);
    int e = errno;
    close(dir);
    errno = e;
    return r;
}

int svstatus_write(int dirfd, struct svstatus const *s)
{
    char buf[SVSTATUS_SIZE];
    int fd = openat(dirfd, SVSTATUS_FILE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd == -1)
        return -1;
    svstatus_pack(buf, s);
    errno = ENOSPC; /* what a short write means */
    int ok = fd_write(fd, buf, sizeof buf) == sizeof buf;
    int e = errno;
    /* some file systems report a full disk or quota only here */
    if (close(fd) == -1 && ok && errno != EINTR)
        ok = 0, e = errno;
    if (ok && renameat(dirfd, SVSTATUS_FILE ".new", dirfd, SVSTATUS_FILE) == 0)
        return 0;
    if (ok)
        e = errno;
    unlinkat(dirfd, SVSTATUS_FILE ".new", 0);
    errno = e;
    return -1;
}
