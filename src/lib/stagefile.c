#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/random.h>

#include <cairn/stagefile.h>

enum { LETTERS = 9, TRIES = 100, CHUNK = 16384 };

/* Sets s->path to dest's directory and a name of its own there. */
static int name(struct stagefile *s)
{
    char const *slash = strrchr(s->dest, '/');
    char const *base = slash ? slash + 1 : s->dest;
    size_t n = strlen(base);
    if (n > NAME_MAX - LETTERS - 1)
        n = NAME_MAX - LETTERS - 1;
    s->path.len = 0;
    if (!stralloc_catb(&s->path, s->dest, (size_t)(base - s->dest)) ||
        !stralloc_cats(&s->path, ".") || !stralloc_catb(&s->path, base, n) ||
        !stralloc_readyplus(&s->path, LETTERS + 1))
        return 0;
    random_name(s->path.s + s->path.len, LETTERS);
    s->path.len += LETTERS;
    return stralloc_0(&s->path);
}

/* Opens a file that was not there before; -1 with errno. */
static int create(struct stagefile *s)
{
    for (int i = 0; i < TRIES; i++) {
        if (!name(s))
            return -1;
        int fd = open(s->path.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static int fill(int fd, char const *bytes, size_t n, struct stagefile_like const *like)
{
    if (allwrite(fd, bytes, n) < n)
        return 0;
    /* before the mode, since it takes setuid bits away */
    if ((like->uid != (uid_t)-1 || like->gid != (gid_t)-1) &&
        fchown(fd, like->uid, like->gid) < 0 && errno != EPERM && errno != EINVAL)
        return 0;
    return fchmod(fd, like->mode) == 0;
}

int stagefile_make(struct stagefile *s, char const *dest, char const *bytes, size_t n,
                   struct stagefile_like const *like)
{
    s->dest = dest;
    int fd = create(s);
    if (fd < 0) {
        stagefile_keep(s);
        return 0;
    }
    int ok = fill(fd, bytes, n, like);
    int e = errno;
    if (close(fd) < 0 && ok) {
        ok = 0;
        e = errno;
    }
    if (!ok)
        stagefile_drop(s);
    errno = e;
    return ok;
}

/* Reads up to CHUNK bytes; -1 with errno. */
static ssize_t chunk(int fd, char *buf)
{
    errno = 0;
    size_t n = allread(fd, buf, CHUNK);
    return n < CHUNK && errno && errno != EPIPE ? -1 : (ssize_t)n;
}

/* Have the two files the same bytes? -1 with errno. */
static int same_bytes(int a, int b)
{
    char x[CHUNK];
    char y[CHUNK];
    for (;;) {
        ssize_t n = chunk(a, x);
        ssize_t m = chunk(b, y);
        if (n < 0 || m < 0)
            return -1;
        if (n != m || memcmp(x, y, (size_t)n) != 0)
            return 0;
        if (!n)
            return 1;
    }
}

int stagefile_differs(struct stagefile const *s)
{
    struct stat a;
    struct stat b;
    int result = -1;
    int old = open(s->dest, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (old < 0)
        return errno == ENOENT ? 1 : -1;
    int new = open(s->path.s, O_RDONLY | O_CLOEXEC);
    if (new >= 0 && fstat(old, &a) == 0 && fstat(new, &b) == 0) {
        if (a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid ||
            a.st_size != b.st_size) {
            result = 1;
        } else {
            int same = same_bytes(old, new);
            result = same < 0 ? -1 : !same;
        }
    }
    int e = errno;
    close(old);
    if (new >= 0)
        close(new);
    errno = e;
    return result;
}

/* Gives dest the owner and mode of the staged file, as far as we may, and room for its bytes: a
   full disk must be found before the first of them is written. Returns 0 with errno if it is full.
 */
static int prepare(int to, int from)
{
    struct stat st;
    if (fstat(from, &st) < 0)
        return 0;
    int refused = fchown(to, st.st_uid, st.st_gid);
    refused |= fchmod(to, st.st_mode & 07777);
    (void)refused; /* as a mount may: the bytes count */
    return !st.st_size || fallocate(to, FALLOC_FL_KEEP_SIZE, 0, st.st_size) == 0 ||
           (errno != ENOSPC && errno != EDQUOT && errno != EFBIG);
}

/* Copies the staged bytes into dest, which is shortened after that, not before: who reads it
   meanwhile never sees it empty. */
static int write_into(struct stagefile const *s)
{
    char buf[CHUNK];
    off_t size = 0;
    ssize_t n = -1;
    int from = open(s->path.s, O_RDONLY | O_CLOEXEC);
    int to = from < 0 ? -1 : open(s->dest, O_WRONLY | O_CLOEXEC);
    int ok = 0;
    if (to >= 0 && prepare(to, from)) {
        while ((n = chunk(from, buf)) > 0 && allwrite(to, buf, (size_t)n) == (size_t)n)
            size += n;
        ok = n == 0 && ftruncate(to, size) == 0;
    }
    int e = errno;
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) < 0 && ok) {
        ok = 0;
        e = errno;
    }
    errno = e;
    return ok;
}

int stagefile_commit(struct stagefile *s)
{
    if (rename(s->path.s, s->dest) < 0) {
        if (errno != EBUSY || !write_into(s))
            return 0;
        unlink(s->path.s);
    }
    stagefile_keep(s);
    return 1;
}

void stagefile_drop(struct stagefile *s)
{
    if (s->path.len)
        unlink(s->path.s);
    stagefile_keep(s);
}

void stagefile_keep(struct stagefile *s)
{
    stralloc_free(&s->path);
}
