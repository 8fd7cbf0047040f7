#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include <cairn/closing.h>
#include <cairn/svtally.h>

_Static_assert(SVTALLY_RECORD == TAIN_PACK + 2, "a stamp, an exit code, a signal");

/* Records copied at a time: small, because supervise's stack is most of its memory. */
enum { CHUNK = 36 };
enum { SMALLEST_PAGE = 4096 };

void svtally_pack(char *buf, struct svdeath const *d)
{
    tain_pack(buf, &d->stamp);
    buf[TAIN_PACK] = (char)d->exitcode;
    buf[TAIN_PACK + 1] = (char)d->sig;
}

void svtally_unpack(char const *buf, struct svdeath *d)
{
    tain_unpack(buf, &d->stamp);
    d->exitcode = (unsigned char)buf[TAIN_PACK];
    d->sig = (unsigned char)buf[TAIN_PACK + 1];
}

void svdeath_from_wstat(struct svdeath *d, tain const *stamp, int wstat)
{
    d->stamp = *stamp;
    d->sig = WIFSIGNALED(wstat) ? (unsigned char)WTERMSIG(wstat) : 0;
    d->exitcode = (unsigned char)(WIFSIGNALED(wstat) ? 128 + d->sig : WEXITSTATUS(wstat));
}

/* The number of records in the file, or -1 with errno. */
static off_t count(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == -1)
        return -1;
    if (!S_ISREG(st.st_mode) || st.st_size % SVTALLY_RECORD) {
        errno = EPROTO;
        return -1;
    }
    return st.st_size / SVTALLY_RECORD;
}

static ssize_t read_records(int fd, struct svdeath *deaths, size_t max)
{
    char buf[CHUNK * SVTALLY_RECORD];
    size_t n = 0;
    off_t total = count(fd);
    if (total == -1)
        return -1;
    off_t skip = total > (off_t)max ? total - (off_t)max : 0;
    if (lseek(fd, skip * SVTALLY_RECORD, SEEK_SET) == -1)
        return -1;
    while (n < max) {
        size_t want = max - n < CHUNK ? max - n : CHUNK;
        errno = 0;
        size_t got = allread(fd, buf, want * SVTALLY_RECORD);
        if (!got && errno && errno != EPIPE)
            return -1;
        for (size_t i = 0; i < got / SVTALLY_RECORD; i++)
            svtally_unpack(buf + i * SVTALLY_RECORD, deaths + n++);
        if (got < want * SVTALLY_RECORD)
            break;
    }
    return (ssize_t)n;
}

static int open_tally(int dirfd, char const *servicedir)
{
    int dir = openat(dirfd, servicedir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir == -1)
        return -1;
    int fd = openat(dir, SVTALLY_FILE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    close_keeping_errno(dir);
    return fd;
}

ssize_t svtally_read(int dirfd, char const *servicedir, struct svdeath *deaths, size_t max)
{
    int fd = open_tally(dirfd, servicedir);
    if (fd == -1)
        return -1;
    ssize_t r = read_records(fd, deaths, max);
    close_keeping_errno(fd);
    return r;
}

int svtally_read_back(int dirfd, char const *servicedir, size_t back, struct svdeath *d)
{
    char buf[SVTALLY_RECORD];
    int fd = open_tally(dirfd, servicedir);
    if (fd == -1)
        return -1;
    off_t total = count(fd);
    int r = total == -1 ? -1 : 0;
    if (total > (off_t)back) {
        ssize_t n = pread(fd, buf, sizeof buf, (total - 1 - (off_t)back) * SVTALLY_RECORD);
        r = n == -1 ? -1 : n == sizeof buf;
    }
    if (r == 1)
        svtally_unpack(buf, d);
    close_keeping_errno(fd);
    return r;
}

/* Copies the newest keep records of the old file. One that cannot be read, or is corrupt, counts as
 * empty. */
static int copy_newest(int dirfd, int to, unsigned int keep)
{
    char buf[CHUNK * SVTALLY_RECORD];
    int from = openat(dirfd, SVTALLY_FILE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (from == -1)
        return 0;
    int r = 0;
    off_t total = count(from);
    if (total > (off_t)keep)
        lseek(from, (total - (off_t)keep) * SVTALLY_RECORD, SEEK_SET);
    for (off_t left = total > (off_t)keep ? (off_t)keep : total; left > 0; left -= CHUNK) {
        size_t want = (left < CHUNK ? (size_t)left : CHUNK) * SVTALLY_RECORD;
        if (allread(from, buf, want) < want)
            break;
        if (allwrite(to, buf, want) < want) {
            r = -1;
            break;
        }
    }
    int e = errno;
    close(from);
    errno = e;
    return r;
}

/* Writes the record behind the others, if that is as good as a new file: one write below a page's
   end is there for readers as a whole or not at all, also when we are killed or the disk is full.
   Returns 1, or 0: the file is to be replaced (it is full, corrupt, absent, or not ours alone). */
static int add_in_place(int dirfd, char const *record, unsigned int max)
{
    struct stat st;
    int fd = openat(dirfd, SVTALLY_FILE,
                    O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1)
        return 0;
    int done = 0;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
        !(st.st_size % SVTALLY_RECORD) && st.st_size / SVTALLY_RECORD < (off_t)max &&
        st.st_size % SMALLEST_PAGE <= SMALLEST_PAGE - SVTALLY_RECORD) {
        ssize_t w = write(fd, record, SVTALLY_RECORD);
        done = w == SVTALLY_RECORD;
        if (w > 0 && !done && ftruncate(fd, st.st_size) == -1)
            done = 0; /* then it is corrupt, and replaced */
    }
    close(fd);
    return done;
}

int svtally_append(int dirfd, struct svdeath const *d, unsigned int max)
{
    char buf[SVTALLY_RECORD];
    svtally_pack(buf, d);
    if (add_in_place(dirfd, buf, max))
        return 0;
    int fd = openat(dirfd, SVTALLY_FILE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd == -1)
        return -1;
    int ok = copy_newest(dirfd, fd, max > 0 ? max - 1 : 0) == 0 &&
             allwrite(fd, buf, sizeof buf) == sizeof buf;
    int e = errno;
    if (close(fd) == -1 && ok && errno != EINTR)
        ok = 0, e = errno;
    if (ok && renameat(dirfd, SVTALLY_FILE ".new", dirfd, SVTALLY_FILE) == 0)
        return 0;
    if (ok)
        e = errno;
    unlinkat(dirfd, SVTALLY_FILE ".new", 0);
    errno = e;
    return -1;
}

int svtally_clear(int dirfd)
{
    /* makes an empty file in one call, which is all that a first start needs */
    if (mknodat(dirfd, SVTALLY_FILE, S_IFREG | 0644, 0) == 0)
        return 0;
    int fd = openat(dirfd, SVTALLY_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd == -1)
        return -1;
    close(fd);
    return 0;
}
