#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cairn/join.h>
#include <cairn/treewatch.h>

enum {
    ENTRIES = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR,
    /* a status is renamed into place; a lock whose holder dies is closed */
    RECORDS = ENTRIES | IN_CLOSE_WRITE
};

int treewatch_open(void)
{
    return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

/* Watch descriptors are given in rising order, and a directory that is watched keeps its own. */
static int watch(int fd, char const *path, uint32_t mask, int *newest)
{
    int wd = inotify_add_watch(fd, path, mask);
    if (wd < 0) /* a service may be going, or not have been supervised yet */
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
    if (wd > *newest)
        *newest = wd;
    return 0;
}

int treewatch_cover(int fd, struct svtable const *t)
{
    char path[NAME_MAX + sizeof "/log/supervise"];
    static int newest;
    int before = newest;
    if (watch(fd, ".", ENTRIES, &newest) < 0)
        return -1;
    for (size_t i = 0; i < svtable_count(t); i++) {
        char const *name = svtable_name(t, svtable_row(t, i));
        if (watch(fd, name, ENTRIES, &newest) < 0)
            return -1;
        join(path, sizeof path, name, "/supervise");
        if (watch(fd, path, RECORDS, &newest) < 0)
            return -1;
    }
    return newest != before;
}

void treewatch_drain(int fd)
{
    char buf[4096];
    ssize_t r;
    do
        r = read(fd, buf, sizeof buf);
    while (r > 0 || (r < 0 && errno == EINTR));
}
