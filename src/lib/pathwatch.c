#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include <cairn/gopath.h>
#include <cairn/pathwatch.h>

/* One mask for all, since a second watch of one thing takes the place of the first. Not IN_MODIFY:
   who truncates and then writes must not be read in between. */
enum {
    GONE = IN_DELETE_SELF | IN_MOVE_SELF,
    MASK = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | GONE
};

enum kind { ITSELF, NAME, PATTERN };

struct mark {
    int wd;
    enum kind kind;
    char const *name; /* or the pattern */
};

int pathwatch_open(struct pathwatch *w)
{
    w->marks = (genalloc)GENALLOC_ZERO;
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return w->fd >= 0;
}

static int add(struct pathwatch *w, char const *path, enum kind kind, char const *name)
{
    struct mark m = {inotify_add_watch(w->fd, path, MASK), kind, name};
    return m.wd >= 0 && genalloc_append(struct mark, &w->marks, &m);
}

int pathwatch_file(struct pathwatch *w, char const *path)
{
    return add(w, path, ITSELF, NULL);
}

int pathwatch_name(struct pathwatch *w, char const *path)
{
    stralloc dir = STRALLOC_ZERO;
    size_t n = strlen(path);
    char const *slash = strrchr(path, '/');
    int ok = stralloc_ready(&dir, n + 3);
    if (ok) {
        gopath_dir(dir.s, path, n);
        ok = add(w, dir.s, NAME, slash ? slash + 1 : path);
    }
    int e = errno;
    stralloc_free(&dir);
    errno = e;
    return ok;
}

int pathwatch_dir(struct pathwatch *w, char const *path, char const *pattern)
{
    return add(w, path, PATTERN, pattern);
}

static int counts(struct mark const *m, struct inotify_event const *e)
{
    if (m->wd != e->wd || e->mask & IN_IGNORED)
        return 0;
    if (m->kind == ITSELF || e->mask & GONE)
        return 1;
    if (!e->len)
        return 0;
    if (m->kind == NAME)
        return !strcmp(m->name, e->name);
    return e->mask & IN_ISDIR ||
           gopath_match(m->name, strlen(m->name), e->name, strlen(e->name)) > 0;
}

int pathwatch_read(struct pathwatch *w)
{
    _Alignas(struct inotify_event) char buf[4096];
    struct mark const *m = genalloc_s(struct mark, &w->marks);
    size_t marks = genalloc_len(struct mark, &w->marks);
    int changed = 0;
    ssize_t n;
    while ((n = read(w->fd, buf, sizeof buf)) > 0)
        for (char *p = buf; p < buf + n;) {
            struct inotify_event const *e = (struct inotify_event const *)(void *)p;
            changed |= !!(e->mask & IN_Q_OVERFLOW);
            for (size_t i = 0; i < marks && !changed; i++)
                changed = counts(m + i, e);
            p += sizeof *e + e->len;
        }
    return changed;
}

void pathwatch_close(struct pathwatch *w)
{
    close(w->fd);
    w->fd = -1;
    genalloc_free(struct mark, &w->marks);
}
