#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/logarchive.h>
#include <cairn/logrecover.h>

/* Is the file there and marked as complete? -1 with errno. */
static int is_clean(int dirfd, char const *file, int *there)
{
    struct stat st;
    *there = 0;
    if (fstatat(dirfd, file, &st, 0) < 0)
        return errno == ENOENT ? 0 : -1;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    *there = 1;
    return !!(st.st_mode & S_IXUSR);
}

static int drop(int dirfd, char const *file)
{
    return unlinkat(dirfd, file, 0) < 0 && errno != ENOENT ? -1 : 0;
}

/* A file whose last line was cut short gets a newline, unless the disk is full: that is no reason
   not to begin. One that already has a second name is an archive, and as it should be. */
static int complete_line(int dirfd, char const *file)
{
    struct stat st;
    char c = '\n';
    int r = 0;
    int fd = openat(dirfd, file, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (fstat(fd, &st) < 0)
        r = -1;
    else if (st.st_size && st.st_nlink == 1 &&
             (pread(fd, &c, 1, st.st_size - 1) < 1 ||
              (c != '\n' && write(fd, "\n", 1) < 1 && errno != ENOSPC && errno != EDQUOT)))
        r = -1;
    close_keeping_errno(fd);
    return r;
}

static int empty_state(int dirfd)
{
    int fd = openat(dirfd, "state",
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    return close(fd);
}

/* We make no symbolic links: who else may write here would have us write to where they lead. */
static int drop_links(int dirfd, char const **file)
{
    static char const *const ours[] = {"current", "previous", "processed", "newstate", "state"};
    struct stat st;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        *file = ours[i];
        if (fstatat(dirfd, ours[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
            drop(dirfd, ours[i]) < 0)
            return -1;
    }
    return 0;
}

/* A rotation that was under way. */
static int finish_rotation(int dirfd, tain *last, char const **file)
{
    int there, clean;
    if (drop(dirfd, *file = "newstate") < 0 ||
        (clean = is_clean(dirfd, *file = "processed", &there)) < 0)
        return -1;
    if (clean)
        return drop(dirfd, *file = "previous") < 0 ||
                       logarchive_make(dirfd, *file = "processed", ".s", last) < 0
                   ? -1
                   : 0;
    return drop(dirfd, *file) < 0 || complete_line(dirfd, *file = "previous") < 0 ||
                   logarchive_make(dirfd, *file, ".u", last) < 0
               ? -1
               : 0;
}

int logrecover(int dirfd, tain *last, char const **file)
{
    int previous, processed, current;
    if (drop_links(dirfd, file) < 0)
        return -1;
    if (is_clean(dirfd, *file = "previous", &previous) < 0 ||
        is_clean(dirfd, *file = "processed", &processed) < 0)
        return -1;
    int clean = is_clean(dirfd, *file = "current", &current);
    if (clean < 0)
        return -1;
    if (clean && !previous && !processed)
        return 0;
    if (finish_rotation(dirfd, last, file) < 0)
        return -1;
    if (!clean && current &&
        (complete_line(dirfd, *file = "current") < 0 ||
         logarchive_make(dirfd, *file, ".u", last) < 0))
        return -1;
    return empty_state(dirfd) < 0 ? (*file = "state", -1) : 0;
}
