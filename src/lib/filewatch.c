#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cairn/filewatch.h>

/* Not IN_MODIFY: who truncates and then writes must not be read in between, nor written over. */
enum {
    IN_FILE = IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB,
    IN_DIR = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR,
};

int filewatch_init(struct filewatch *w)
{
    w->n = 0;
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return w->fd < 0 ? -1 : 0;
}

static char const *last_component(char const *path)
{
    return strrchr(path, '/') + 1;
}

int filewatch_add(struct filewatch *w, char const *path)
{
    char dir[PATH_MAX];
    size_t len = strlen(path);
    if (w->n == FILEWATCH_FILES || path[0] != '/' || len >= sizeof dir) {
        errno = EINVAL;
        return -1;
    }
    struct filewatch_file *f = w->file + w->n;
    f->path = path;
    memcpy(dir, path, len + 1);
    dir[last_component(path) - path] = 0;
    /* several files may share a directory: IN_MASK_ADD is not needed, the mask is the same */
    f->dir = inotify_add_watch(w->fd, dir, IN_DIR);
    f->file = inotify_add_watch(w->fd, path, IN_FILE);
    if (f->dir < 0 && f->file < 0)
        return -1;
    return (int)w->n++;
}

static int is_about(struct filewatch_file const *f, struct inotify_event const *e)
{
    if (e->mask & IN_Q_OVERFLOW)
        return 1;
    if (e->wd == f->dir && e->len)
        return !strcmp(e->name, last_component(f->path));
    return e->wd == f->file && !(e->mask & IN_IGNORED);
}

unsigned int filewatch_read(struct filewatch *w)
{
    _Alignas(struct inotify_event) char buf[4096];
    unsigned int changed = 0;
    ssize_t n;
    while ((n = read(w->fd, buf, sizeof buf)) > 0)
        for (char *p = buf; p < buf + n;) {
            struct inotify_event const *e = (struct inotify_event const *)(void *)p;
            for (unsigned int i = 0; i < w->n; i++)
                if (is_about(w->file + i, e))
                    changed |= 1u << i;
            p += sizeof *e + e->len;
        }
    /* it may be another file now; adding a watch that exists changes nothing */
    for (unsigned int i = 0; i < w->n; i++)
        if (changed >> i & 1) {
            struct filewatch_file *f = w->file + i;
            int new = inotify_add_watch(w->fd, f->path, IN_FILE);
            if (new < 0 && errno == EACCES)
                continue; /* the watch that we have sees when it can be read again */
            if (f->file >= 0 && f->file != new)
                inotify_rm_watch(w->fd, f->file);
            f->file = new;
        }
    return changed;
}

void filewatch_end(struct filewatch *w)
{
    int e = errno;
    close(w->fd);
    w->fd = -1;
    errno = e;
}
