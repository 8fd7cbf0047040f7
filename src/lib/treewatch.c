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

int treewatch_open(struct treewatch *w)
{
    w->newest = 0;
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return w->fd < 0 ? -1 : 0;
}

/* Watch descriptors are given in rising order, and a directory that is watched keeps its own. */
static int watch(struct treewatch *w, char const *path, uint32_t mask)
{
    int wd = inotify_add_watch(w->fd, path, mask);
    if (wd < 0) /* a service may be going, or not have been supervised yet */
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
    if (wd > w->newest)
        w->newest = wd;
    return 0;
}

int treewatch_cover(struct treewatch *w, struct svtable const *t)
{
    char path[NAME_MAX + sizeof "/log/supervise"];
    int before = w->newest;
    if (watch(w, ".", ENTRIES) < 0)
        return -1;
    for (size_t i = 0; i < svtable_count(t); i++) {
        char const *name = svtable_name(t, svtable_row(t, i));
        if (watch(w, name, ENTRIES) < 0)
            return -1;
        join(path, sizeof path, name, "/supervise");
        if (watch(w, path, RECORDS) < 0)
            return -1;
    }
    return w->newest != before;
}

void treewatch_drain(struct treewatch const *w)
{
    char buf[4096];
    ssize_t r;
    do
        r = read(w->fd, buf, sizeof buf);
    while (r > 0 || (r < 0 && errno == EINTR));
}
