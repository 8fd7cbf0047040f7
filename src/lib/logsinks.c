#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cairn/logsinks.h>

struct logsink *logsinks_find(struct logsinks const *all, enum logscript_kind kind,
                              char const *path)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == kind && (!path || !strcmp(all->s[i].path, path)))
            return all->s + i;
    return NULL;
}

struct logsink *logsinks_add(struct logsinks *all, struct logscript_action const *a)
{
    struct logsink *s = logsinks_find(all, a->kind, a->path);
    if (s) {
        all->shared = 1;
        return s;
    }
    s = all->s + all->n++;
    *s = (struct logsink){
        .kind = a->kind,
        .path = a->path,
        .pad = a->status,
        .fd = a->kind == LOGSCRIPT_OUT ? 1 : 2,
        .dir = {.path = a->path,
                .processor = a->processor,
                .shell = a->shell,
                .archives = a->archives,
                .size = a->size,
                .tolerance = a->tolerance,
                .retry = a->retry,
                .period = a->period,
                .total = a->total,
                .fd = -1,
                .due = LOGDIR_NEVER,
                .rotate = LOGDIR_NEVER},
    };
    return s;
}

int logsinks_room(struct logsinks *all, size_t n, int64_t now)
{
    int r = 1;
    for (size_t i = 0; i < all->n; i++)
        r &= logsink_room(all->s + i, n, now);
    return r;
}

int logsinks_flush(struct logsinks *all, int64_t now)
{
    int r = 1;
    for (size_t i = 0; i < all->n; i++)
        r &= logsink_flush(all->s + i, now);
    return r;
}

size_t logsinks_write(struct logsinks *all, char const *buf, size_t n, int64_t now)
{
    size_t least = n;
    for (size_t i = 0; i < all->n; i++) {
        struct logsink *s = all->s + i;
        if (s->at < n)
            s->at += logsink_write(s, buf + s->at, n - s->at, now);
        if (s->at < least)
            least = s->at;
    }
    return least;
}

int64_t logsinks_due(struct logsinks const *all)
{
    int64_t due = LOGDIR_NEVER;
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR && logdir_due(&all->s[i].dir) < due)
            due = logdir_due(&all->s[i].dir);
    return due;
}

void logsinks_tick(struct logsinks *all, int64_t now)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR)
            logdir_tick(&all->s[i].dir, now);
}

void logsinks_rotate(struct logsinks *all, int64_t now)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR)
            logdir_rotate(&all->s[i].dir, now);
}

void logsinks_ended(struct logsinks *all, pid_t pid, int wstat, int64_t now)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR && all->s[i].dir.pid == pid)
            logdir_ended(&all->s[i].dir, wstat, now);
}

void logsinks_closing(struct logsinks *all, int force, int64_t now)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR)
            logdir_closing(&all->s[i].dir, force, now);
}

int logsinks_busy(struct logsinks const *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].kind == LOGSCRIPT_DIR && all->s[i].dir.step != LOGDIR_IDLE)
            return 1;
    return 0;
}

void logsinks_give_back(struct logsinks *all)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < all->n; i++)
        if (all->s[i].buf && !all->s[i].end)
            madvise(all->s[i].buf, all->s[i].size / page * page, MADV_DONTNEED);
}
