#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/dents.h>
#include <cairn/servicedir.h>
#include <cairn/svlock.h>
#include <cairn/svtable.h>
#include <cairn/svtally.h>

enum { ENTRIES = 8192 }; /* bytes of directory entries per system call */
/* NAME/log/supervise/death_tally */
enum { PATH_BYTES = 256 + sizeof "/log/" + sizeof SVTALLY_FILE };

static char const *const words[] = {
#define X(name, word) word,
    SVTABLE_STATES(X)
#undef X
};

char const *svtable_word(enum svtable_state s)
{
    return words[s];
}

/* --- one row --- */

/* A path below the service directory; one call for each is cheaper than a descriptor for all. */
struct place {
    int scanfd;
    size_t len;
    char path[PATH_BYTES];
};

static char const *below(struct place *p, char const *file)
{
    p->path[p->len] = '/';
    strcpy(p->path + p->len + 1, file);
    return p->path;
}

static int is_dir(struct place *p, char const *file)
{
    struct stat st;
    return !fstatat(p->scanfd, below(p, file), &st, 0) && S_ISDIR(st.st_mode);
}

/* Which file down is there? Asked only where it matters. */
static void look_at_down(struct svtable_row *r, struct place *p)
{
    int fd = openat(p->scanfd, below(p, "."), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    r->down = downfile_read(fd);
    close(fd);
}

static int announces(struct place *p)
{
    if (servicedir_exists(p->scanfd, below(p, SERVICEDIR_NOTIFICATION_FD)) == 1)
        return 1;
    if (servicedir_exists(p->scanfd, below(p, SERVICEDIR_READY_CHECK)) != 1)
        return 0;
    int fd = openat(p->scanfd, below(p, "."), O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && servicedir_announces(fd);
    if (fd >= 0)
        close(fd);
    return r;
}

static enum svtable_state state_down(struct svtable_row *r, struct place *p)
{
    if (r->status.wantup)
        return SVTABLE_RESTARTING;
    if (r->status.givenup)
        return SVTABLE_FAILED;
    look_at_down(r, p);
    return r->down == DOWNFILE_WAITS  ? SVTABLE_WAITING
           : downfile_is_off(r->down) ? SVTABLE_OFF
                                      : SVTABLE_DOWN;
}

static enum svtable_state state_of(struct svtable_row *r, struct place *p)
{
    struct svstatus const *s = &r->status;
    if (s->finishing)
        return SVTABLE_FINISHING;
    if (!svstatus_is_up(s))
        return state_down(r, p);
    r->announces = s->ready || announces(p);
    if (s->paused)
        return SVTABLE_PAUSED;
    return r->announces && !s->ready ? SVTABLE_STARTING : SVTABLE_UP;
}

static int cannot_know(struct svtable_row *r, int e)
{
    r->state = SVTABLE_UNKNOWN;
    r->error = e;
    return 1;
}

/* Returns 0 if there is no such directory. */
static int look(struct svtable_row *r, struct place *p)
{
    struct stat st;
    r->supervisor = svlock_owner(p->scanfd, below(p, SVLOCK_SERVICE));
    if (r->supervisor < 0) {
        int e = errno;
        r->supervisor = 0;
        return e != ENOTDIR && cannot_know(r, e);
    }
    if (!r->supervisor && !is_dir(p, "."))
        return 0;
    int e = svstatus_read_file(p->scanfd, below(p, SVSTATUS_FILE), &r->status) < 0 ? errno : 0;
    r->known = !e;
    if (!fstatat(p->scanfd, below(p, SVTALLY_FILE), &st, 0))
        r->deaths = (unsigned int)(st.st_size / SVTALLY_RECORD);
    if (!r->supervisor) {
        r->state = SVTABLE_NO_SUPERVISOR;
        look_at_down(r, p);
    } else if (e)
        cannot_know(r, e);
    else
        r->state = state_of(r, p);
    return 1;
}

/* Appends the row of the place, if there is a service. Returns 1, 0, or -1 with errno. */
static int add(struct svtable *t, struct place *p, int is_log)
{
    struct svtable_row r = {.name = t->names.len, .is_log = !!is_log};
    if (!look(&r, p))
        return 0;
    return stralloc_catb(&t->names, p->path, p->len) && stralloc_0(&t->names) &&
                   genalloc_append(struct svtable_row, &t->rows, &r)
               ? 1
               : -1;
}

static int add_both(struct svtable *t, struct place *p, char const *name)
{
    p->len = strlen(name);
    if (p->len > NAME_MAX)
        return 0;
    memcpy(p->path, name, p->len);
    int r = add(t, p, 0);
    if (r > 0 && is_dir(p, "log")) {
        below(p, "log");
        p->len += sizeof "/log" - 1;
        r = add(t, p, 1);
    }
    return r;
}

/* --- all rows --- */

static int compare(void const *a, void const *b)
{
    return strcmp(*(char const *const *)a, *(char const *const *)b);
}

static int add_names(int fd, stralloc *sa, size_t *n)
{
    _Alignas(struct dent) char buf[ENTRIES];
    for (;;) {
        long len = dents_read(fd, buf, sizeof buf);
        if (len <= 0)
            return (int)len;
        for (long at = 0; at < len;) {
            struct dent const *e = dents_next(buf, &at);
            if (e->name[0] == '.' ||
                (e->type != DT_DIR && e->type != DT_LNK && e->type != DT_UNKNOWN))
                continue;
            if (!stralloc_catb(sa, e->name, strlen(e->name) + 1))
                return -1;
            ++*n;
        }
    }
}

/* The names of scanfd, sorted: an array that the caller frees, as are the strings in sa. */
static char const **list(int scanfd, stralloc *sa, size_t *n)
{
    *n = 0;
    int fd = openat(scanfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    int r = add_names(fd, sa, n);
    close_keeping_errno(fd);
    char const **names = r < 0 ? NULL : malloc((*n + 1) * sizeof *names);
    if (!names)
        return NULL;
    char const *s = sa->s;
    for (size_t i = 0; i < *n; i++, s += strlen(s) + 1)
        names[i] = s;
    qsort(names, *n, sizeof *names, compare);
    return names;
}

/* Room for n services at once: growing by an eighth each time, 1,000 cost 60 copies and the pages
   of each. Loggers may need more. */
static int has_room(struct svtable *t, size_t n, size_t names)
{
    return stralloc_ready(&t->names, names + 1) &&
           genalloc_ready(struct svtable_row, &t->rows, n + 1);
}

int svtable_read(struct svtable *t, int scanfd)
{
    stralloc sa = STRALLOC_ZERO;
    struct place p = {.scanfd = scanfd};
    size_t n;
    int r = 0;
    char const **names = list(scanfd, &sa, &n);
    t->names.len = 0;
    genalloc_setlen(struct svtable_row, &t->rows, 0);
    if (!names || !has_room(t, n, sa.len))
        r = -1;
    for (size_t i = 0; r >= 0 && i < (names ? n : 0); i++)
        r = add_both(t, &p, names[i]);
    int e = errno;
    free(names);
    stralloc_free(&sa);
    errno = e;
    return r < 0 ? -1 : 0;
}

void svtable_free(struct svtable *t)
{
    stralloc_free(&t->names);
    genalloc_free(struct svtable_row, &t->rows);
}

/* --- what it means --- */

int svtable_ready(struct svtable_row const *r)
{
    if (!r->known || !svstatus_is_up(&r->status) || !r->announces)
        return -1;
    return r->status.ready;
}

int svtable_is_wanted(struct svtable_row const *r)
{
    switch (r->state) {
    case SVTABLE_FAILED:
    case SVTABLE_WAITING:
    case SVTABLE_UNKNOWN:
        return 1;
    case SVTABLE_NO_SUPERVISOR:
        return r->down == DOWNFILE_NONE || r->down == DOWNFILE_WAITS;
    default:
        return r->status.wantup;
    }
}

int svtable_is_well(struct svtable_row const *r)
{
    return r->state == SVTABLE_UP || !svtable_is_wanted(r);
}
