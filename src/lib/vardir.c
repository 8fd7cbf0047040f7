#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include <cairn/dents.h>
#include <cairn/vardir.h>

enum {
    ENTRIES = 8192, /* bytes of directory entries per system call */
    CHUNK = 1024    /* room for the least that one read asks for */
};

static int by_name(void const *a, void const *b)
{
    return strcmp(*(char const *const *)a + 1, *(char const *const *)b + 1);
}

int vardir_list(int dirfd, stralloc *sa, size_t *n)
{
    _Alignas(struct dent) char buf[ENTRIES];
    for (;;) {
        long len = dents_read(dirfd, buf, sizeof buf);
        if (len <= 0)
            return (int)len;
        for (long at = 0; at < len;) {
            struct dent const *e = dents_next(buf, &at);
            if (e->name[0] == '.' || strchr(e->name, '='))
                continue;
            if (!stralloc_catb(sa, (char const *)&e->type, 1) ||
                !stralloc_catb(sa, e->name, strlen(e->name) + 1))
                return -1;
            ++*n;
        }
    }
}

char const **vardir_sort(char const *names, size_t n)
{
    char const **sorted = malloc((n + 1) * sizeof *sorted);
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = names;
        names += 1 + strlen(names + 1) + 1;
    }
    qsort(sorted, n, sizeof *sorted, by_name);
    return sorted;
}

int vardir_slurp(int dirfd, char const *name, stralloc *sa, size_t max)
{
    size_t start = sa->len;
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    for (;;) {
        if (sa->a - sa->len < CHUNK && !stralloc_readyplus(sa, sa->a + CHUNK))
            goto err;
        /* one byte is kept for the final NUL */
        size_t room = sa->a - sa->len - 1;
        ssize_t r = read(fd, sa->s + sa->len, room);
        if (r < 0) {
            if (errno == EINTR)
                continue;
            goto err;
        }
        sa->len += (size_t)r;
        if (sa->len - start > max) {
            errno = E2BIG;
            goto err;
        }
        if ((size_t)r < room) /* of a regular file: its end */
            break;
    }
    close(fd);
    return 1;
err:;
    int e = errno;
    close(fd);
    errno = e;
    return -1;
}
