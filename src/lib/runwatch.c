#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/runwatch.h>
#include <cairn/script.h>
#include <cairn/servicedir.h>

enum { PATH_LIMIT = 512 }; /* targets of links */

/* Returns 0, or -1 with errno. */
static int watch_directory_of(int fd, char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return 0; /* in the service directory */
    *slash = 0;
    return inotify_add_watch(fd, slash == path ? "/" : path,
                             IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_CREATE | IN_ONLYDIR) < 0
               ? -1
               : 0;
}

/* Where path (below the service directory unless absolute) can be found by calls that take no
 * descriptor. */
static char *reachable(int dirfd, char *buf, size_t size, char const *path)
{
    size_t n = 0;
    if (path[0] != '/' && dirfd != AT_FDCWD) {
        memcpy(buf, "/proc/self/fd/", 14);
        n = 14 + uint_fmt(buf + 14, (unsigned int)dirfd);
        buf[n++] = '/';
    }
    if (n + strlen(path) >= size)
        return NULL;
    strcpy(buf + n, path);
    return buf;
}

int runwatch_begin(int *fd, int dirfd)
{
    char path[PATH_LIMIT];
    char full[PATH_LIMIT + 32];
    if (*fd < 0)
        *fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (*fd < 0 || !reachable(dirfd, full, sizeof full, "./run"))
        return -1;
    if (watch_directory_of(*fd, full) < 0)
        return -1;
    /* the two others may not exist */
    if (script_target(path, sizeof path, dirfd, "./run") &&
        reachable(dirfd, full, sizeof full, path))
        watch_directory_of(*fd, full);
    if (script_interpreter(path, sizeof path, dirfd, "./run") &&
        reachable(dirfd, full, sizeof full, path))
        watch_directory_of(*fd, full);
    return 0;
}

static int is_last_component(char const *path, char const *name)
{
    char const *slash = strrchr(path, '/');
    return !strcmp(slash ? slash + 1 : path, name);
}

/* Does starting the service depend on a file of this name? Its path comes to path (PATH_LIMIT
 * bytes). */
static int matters(int dirfd, char const *name, char *path)
{
    static char const *const names[] = {SERVICEDIR_RUN, SERVICEDIR_NOTIFICATION_FD,
                                        SERVICEDIR_LOCK_FD, SERVICEDIR_FLAG_NEWPIDNS};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) {
            strcpy(path, name);
            return 1;
        }
    return (script_target(path, PATH_LIMIT, dirfd, "./run") && is_last_component(path, name)) ||
           (script_interpreter(path, PATH_LIMIT, dirfd, "./run") && is_last_component(path, name));
}

/* A file that was only just created is about to be written, and tells again when it is closed; a
 * link is complete. */
static int is_worth_trying(int dirfd, struct inotify_event const *e)
{
    char path[PATH_LIMIT];
    struct stat st;
    if (e->mask & IN_Q_OVERFLOW)
        return 1;
    if (!e->len || !matters(dirfd, e->name, path))
        return 0;
    return e->mask != IN_CREATE || fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
           !S_ISREG(st.st_mode) || st.st_nlink > 1;
}

int runwatch_read(int fd, int dirfd)
{
    _Alignas(struct inotify_event) char buf[sizeof(struct inotify_event) + 256];
    int worth = 0;
    ssize_t n;
    while ((n = read(fd, buf, sizeof buf)) > 0)
        for (char *p = buf; p < buf + n;) {
            struct inotify_event const *e = (struct inotify_event const *)p;
            worth |= is_worth_trying(dirfd, e);
            p += sizeof *e + e->len;
        }
    return worth;
}
