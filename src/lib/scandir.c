#include <signal.h>
#include <stdint.h>
#include <string.h>

#include <cairn/scandir.h>

enum state { FREE, WAITING, RUNNING, DEAD };

/* 24 bytes: a thousand services must not cost more than a few pages */
struct scandir_slot {
    union {
        struct {
            uint32_t ino;  /* the lower half; the upper one is kept with the device */
            uint32_t name; /* where its name begins */
        } service;
        int pipe[2]; /* of a logger: its pair's */
    } id;
    uint32_t when; /* running: started at; waiting: due at */
    uint32_t peer; /* the other half of a pair */
    uint32_t next; /* of a service: in its bucket; free: in the free list */
    unsigned int dev : 18;
    unsigned int state : 2;
    unsigned int logger : 1;
    unsigned int catchall : 1;
    unsigned int active : 1; /* these bits of a pair are in the service's slot */
    unsigned int seen : 1;   /* equal to the generation: by this scan */
    unsigned int pruned : 1;
    unsigned int back : 1; /* its directory is there again, but the pair is dying */
    unsigned int failed : 1;
};
_Static_assert(sizeof(struct scandir_slot) == 24, "a slot has grown");
_Static_assert(SCANDIR_MAX < 1 << 18, "the device index does not fit");

/* Devices, and upper halves of inode numbers, are few: slots hold an index */
struct scandir_dev {
    uint64_t dev;
    uint32_t inohigh;
    uint32_t users; /* 0: free */
};

/* Half as many as slots: most of them are never all used, and a bucket of two is found as well. */
static uint32_t bucket_count(uint32_t max)
{
    uint32_t n = 4;
    while (n < max / 2)
        n <<= 1;
    return n;
}

/* one name more than slots: while a service is renamed, both its names are there */
static uint32_t half_size(uint32_t max, unsigned int namemax)
{
    return (max + 1) * (namemax + 1);
}

size_t scandir_size(uint32_t max, unsigned int namemax)
{
    return max * (sizeof(struct scandir_dev) + sizeof(struct scandir_slot) + sizeof(pid_t)) +
           bucket_count(max) * sizeof(uint32_t) + 8 + 2 * (size_t)half_size(max, namemax);
}

void scandir_init(struct scandir *sd, void *mem, uint32_t max, unsigned int namemax,
                  void (*effect)(void *, enum scandir_effect, uint32_t, int), void *ctx)
{
    char *m = mem;
    *sd = (struct scandir){.max = max, .namemax = namemax, .effect = effect, .ctx = ctx};
    /* of all that follows only the beginnings are used: what is small has to share pages */
    sd->buckets = (void *)m;
    sd->mask = bucket_count(max) - 1;
    m += (sd->mask + 1) * sizeof(uint32_t);
    sd->pids = (void *)m;
    m += max * sizeof(pid_t);
    sd->slots = (void *)m;
    m += max * sizeof(struct scandir_slot);
    /* all these are multiples of 4: the devices need 8 */
    m += (8 - (uintptr_t)m % 8) % 8;
    m += max * sizeof(struct scandir_dev);
    sd->devs_end = (void *)m;
    sd->names = m;
    sd->namehalf = half_size(max, namemax);
    sd->free = SCANDIR_NONE;
}

/* Neighbouring inodes in neighbouring buckets, so that few pages are touched; the high bits are
   folded in because some file systems number directories in big steps. Buckets hold slot + 1:
   zeroed memory is an empty table. */
static uint32_t *bucket(struct scandir const *sd, uint64_t ino)
{
    return sd->buckets + ((ino ^ ino >> 11 ^ ino >> 23 ^ ino >> 37) & sd->mask);
}

/* They grow downwards, from where the names begin. */
static struct scandir_dev *dev_of(struct scandir const *sd, uint32_t i)
{
    return sd->devs_end - 1 - i;
}

static uint64_t ino_of(struct scandir const *sd, struct scandir_slot const *p)
{
    return (uint64_t)dev_of(sd, p->dev)->inohigh << 32 | p->id.service.ino;
}

static uint32_t find(struct scandir const *sd, uint64_t dev, uint64_t ino)
{
    for (uint32_t s = *bucket(sd, ino); s; s = sd->slots[s - 1].next) {
        struct scandir_slot const *p = sd->slots + s - 1;
        if (ino_of(sd, p) == ino && dev_of(sd, p->dev)->dev == dev)
            return s - 1;
    }
    return SCANDIR_NONE;
}

static struct scandir_slot *service_of(struct scandir const *sd, uint32_t s)
{
    return sd->slots + (sd->slots[s].logger ? sd->slots[s].peer : s);
}

/* Names: appended to the half in use; when more than half of that is dead, the living move to the
 * other one. */

static void move_names(struct scandir *sd)
{
    char *to = sd->upper ? sd->names - sd->namehalf : sd->names + sd->namehalf;
    uint32_t end = 0;
    for (uint32_t s = 0; s < sd->high; s++) {
        struct scandir_slot *p = sd->slots + s;
        if (p->state == FREE || p->logger)
            continue;
        size_t len = strlen(sd->names + p->id.service.name) + 1;
        memcpy(to + end, sd->names + p->id.service.name, len);
        p->id.service.name = end;
        end += len;
    }
    sd->names = to;
    sd->nameend = end;
    sd->upper = !sd->upper;
}

static void drop_name(struct scandir *sd, struct scandir_slot *p)
{
    sd->namelive -= strlen(sd->names + p->id.service.name) + 1;
}

/* p must not be counted in namelive, and have a valid name (perhaps an old one) if it is used */
static void set_name(struct scandir *sd, struct scandir_slot *p, char const *name)
{
    size_t len = strlen(name) + 1;
    if (sd->nameend + len > sd->namehalf || sd->nameend > 2 * (sd->namelive + len) + 4096)
        move_names(sd);
    memcpy(sd->names + sd->nameend, name, len);
    p->id.service.name = sd->nameend;
    sd->nameend += len;
    sd->namelive += len;
}

static uint32_t take_slot(struct scandir *sd)
{
    uint32_t s = sd->free;
    if (s == SCANDIR_NONE)
        s = sd->high++;
    else
        sd->free = sd->slots[s].next;
    sd->used++;
    return s;
}

static void give_slot(struct scandir *sd, uint32_t s)
{
    sd->slots[s].state = FREE;
    sd->slots[s].next = sd->free;
    sd->free = s;
    sd->used--;
}

static uint32_t dev_index(struct scandir *sd, uint64_t dev, uint32_t inohigh)
{
    uint32_t vacant = sd->ndevs;
    for (uint32_t i = 0; i < sd->ndevs; i++) {
        struct scandir_dev const *d = dev_of(sd, i);
        if (!d->users)
            vacant = i;
        else if (d->dev == dev && d->inohigh == inohigh)
            return i;
    }
    /* never more devices than services, so there is room */
    dev_of(sd, vacant)->dev = dev;
    dev_of(sd, vacant)->inohigh = inohigh;
    if (vacant == sd->ndevs)
        sd->ndevs++;
    return vacant;
}

static void set_state(struct scandir *sd, uint32_t s, enum state state)
{
    struct scandir_slot *p = sd->slots + s;
    sd->waiting += (state == WAITING) - (p->state == WAITING);
    sd->running += (state == RUNNING) - (p->state == RUNNING);
    if (state != RUNNING)
        sd->pids[s] = 0;
    p->state = state;
}

static void forget(struct scandir *sd, uint32_t s)
{
    struct scandir_slot *p = sd->slots + s;
    uint32_t *link = bucket(sd, ino_of(sd, p));
    while (*link != s + 1)
        link = &sd->slots[*link - 1].next;
    *link = p->next;
    drop_name(sd, p);
    dev_of(sd, p->dev)->users--;
    /* somebody may wait for this directory, or for a slot */
    if (!sd->ending && (p->back || sd->overflow))
        sd->rescan = 1;
    if (p->peer != SCANDIR_NONE)
        give_slot(sd, p->peer);
    give_slot(sd, s);
}

/* After anything that may have ended it: a service that is not to be started again loses its
   waiting halves, its pipe as soon as one half is dead, and its slots when both are. */
static void settle(struct scandir *sd, uint32_t s)
{
    struct scandir_slot *p = sd->slots + s;
    if (p->active && !sd->ending)
        return;
    if (p->state == WAITING)
        set_state(sd, s, DEAD);
    if (p->peer == SCANDIR_NONE) {
        if (p->state == DEAD)
            forget(sd, s);
        return;
    }
    struct scandir_slot *l = sd->slots + p->peer;
    if (l->state == WAITING)
        set_state(sd, p->peer, DEAD);
    if ((p->state == DEAD || l->state == DEAD) && l->id.pipe[0] >= 0) {
        sd->effect(sd->ctx, SCANDIR_CLOSE, p->peer, 0);
        l->id.pipe[0] = l->id.pipe[1] = -1;
    }
    if (p->state == DEAD && l->state == DEAD)
        forget(sd, s);
}

static int is_whole(struct scandir const *sd, struct scandir_slot const *p)
{
    return p->state != DEAD && (p->peer == SCANDIR_NONE || sd->slots[p->peer].state != DEAD);
}

void scandir_begin(struct scandir *sd)
{
    sd->generation = !sd->generation;
    sd->overflow = 0;
    sd->rescan = 0;
}

static void mark_seen(struct scandir *sd, struct scandir_slot *p)
{
    p->seen = sd->generation;
    /* what was told to exit, or lost a half, cannot be taken up again: it starts afresh when all of
     * it is dead */
    if (p->active)
        return;
    if (p->pruned || !is_whole(sd, p))
        p->back = 1;
    else
        p->active = 1;
}

enum scandir_seen scandir_see(struct scandir *sd, char const *name, uint64_t dev, uint64_t ino,
                              uint32_t *slot)
{
    uint32_t s = find(sd, dev, ino);
    if (s == SCANDIR_NONE)
        return SCANDIR_NEW;
    *slot = s;
    mark_seen(sd, sd->slots + s);
    return strcmp(name, scandir_name(sd, s)) ? SCANDIR_OTHERNAME : SCANDIR_KNOWN;
}

int scandir_see_same(struct scandir *sd, char const *name, uint64_t dev, uint64_t ino)
{
    uint32_t s = find(sd, dev, ino);
    if (s == SCANDIR_NONE || strcmp(name, scandir_name(sd, s)))
        return 0;
    mark_seen(sd, sd->slots + s);
    return 1;
}

static void make_slot(struct scandir *sd, uint32_t s, uint32_t now)
{
    struct scandir_slot *p = sd->slots + s;
    *p = (struct scandir_slot){.when = now, .peer = SCANDIR_NONE};
    set_state(sd, s, WAITING);
}

int scandir_add(struct scandir *sd, char const *name, uint64_t dev, uint64_t ino, int logger,
                uint32_t now, uint32_t *slot)
{
    int catchall = !strcmp(name, SCANDIR_CATCHALL);
    logger = logger && !catchall;
    if (sd->used + 1 + logger > sd->max) {
        sd->overflow = 1;
        return -1;
    }
    uint32_t s = take_slot(sd);
    struct scandir_slot *p = sd->slots + s;
    p->state = FREE;
    set_name(sd, p, name);
    uint32_t at = p->id.service.name;
    make_slot(sd, s, now);
    p->id.service.name = at;
    p->id.service.ino = (uint32_t)ino;
    p->dev = dev_index(sd, dev, (uint32_t)(ino >> 32)) & ((1u << 18) - 1);
    dev_of(sd, p->dev)->users++;
    p->catchall = catchall;
    p->active = 1;
    p->seen = sd->generation;
    uint32_t *b = bucket(sd, ino);
    p->next = *b;
    *b = s + 1;
    if (logger) {
        p->peer = take_slot(sd);
        struct scandir_slot *l = sd->slots + p->peer;
        make_slot(sd, p->peer, now);
        l->logger = 1;
        l->peer = s;
        l->id.pipe[0] = l->id.pipe[1] = -1;
    }
    *slot = s;
    return 0;
}

void scandir_rename(struct scandir *sd, uint32_t s, char const *name)
{
    struct scandir_slot *p = sd->slots + s;
    drop_name(sd, p);
    set_name(sd, p, name);
    p->catchall = p->peer == SCANDIR_NONE && !strcmp(name, SCANDIR_CATCHALL);
}

void scandir_keep(struct scandir *sd, char const *name)
{
    for (uint32_t s = 0; s < sd->high; s++) {
        struct scandir_slot *p = sd->slots + s;
        if (p->state == FREE || p->logger || strcmp(sd->names + p->id.service.name, name))
            continue;
        if (p->active)
            p->seen = sd->generation;
    }
}

void scandir_end(struct scandir *sd, int complete)
{
    for (uint32_t s = 0; s < sd->high; s++) {
        struct scandir_slot *p = sd->slots + s;
        if (p->state == FREE || p->logger || p->seen == sd->generation)
            continue;
        p->seen = sd->generation;
        if (!complete)
            continue;
        p->active = p->back = 0;
        settle(sd, s);
    }
}

/* now and due are less than half the range of the clock apart */
static int is_past(uint32_t due, uint32_t now)
{
    return now - due < UINT32_MAX / 2;
}

int scandir_is_due(struct scandir const *sd, uint32_t s, uint32_t now)
{
    return sd->slots[s].state == WAITING && is_past(sd->slots[s].when, now);
}

uint32_t scandir_due(struct scandir const *sd, uint32_t now, uint32_t *cursor)
{
    if (!sd->waiting)
        return SCANDIR_NONE;
    for (; *cursor < sd->high; ++*cursor)
        if (scandir_is_due(sd, *cursor, now))
            return (*cursor)++;
    return SCANDIR_NONE;
}

int scandir_wait(struct scandir const *sd, uint32_t now)
{
    int best = -1;
    if (!sd->waiting)
        return -1;
    for (uint32_t s = 0; s < sd->high; s++) {
        if (sd->slots[s].state != WAITING)
            continue;
        if (is_past(sd->slots[s].when, now))
            return 0;
        int ms = (int)(sd->slots[s].when - now);
        if (best < 0 || ms < best)
            best = ms;
    }
    return best;
}

void scandir_started(struct scandir *sd, uint32_t s, pid_t pid, uint32_t now)
{
    set_state(sd, s, RUNNING);
    sd->pids[s] = pid;
    sd->slots[s].when = now;
    sd->slots[s].failed = 0;
}

int scandir_failed(struct scandir *sd, uint32_t s, uint32_t now, uint32_t delay)
{
    int first = !sd->slots[s].failed;
    sd->slots[s].failed = 1;
    sd->slots[s].when = now + delay;
    return first;
}

static void ended(struct scandir *sd, uint32_t s, uint32_t now)
{
    struct scandir_slot *p = sd->slots + s;
    if (service_of(sd, s)->active && !sd->ending) {
        set_state(sd, s, WAITING);
        uint32_t due = p->when + SCANDIR_THROTTLE;
        p->when = now - p->when < SCANDIR_THROTTLE ? due : now;
    } else {
        set_state(sd, s, DEAD);
        settle(sd, p->logger ? p->peer : s);
    }
}

uint32_t scandir_slot(struct scandir const *sd, pid_t pid)
{
    uint32_t s = 0;
    if (pid <= 0)
        return SCANDIR_NONE;
    while (s < sd->high && sd->pids[s] != pid)
        s++;
    return s == sd->high ? SCANDIR_NONE : s;
}

int scandir_died(struct scandir *sd, pid_t pid, uint32_t now)
{
    uint32_t s = scandir_slot(sd, pid);
    if (s == SCANDIR_NONE)
        return 0;
    ended(sd, s, now);
    return 1;
}

void scandir_ended(struct scandir *sd, uint32_t s, uint32_t now)
{
    sd->slots[s].when = now;
    ended(sd, s, now);
}

static void signal_slot(struct scandir *sd, uint32_t s, int all)
{
    struct scandir_slot const *p = sd->slots + s;
    if (p->state == RUNNING)
        sd->effect(sd->ctx, SCANDIR_KILL, s, all || !(p->logger || p->catchall) ? SIGTERM : SIGHUP);
}

void scandir_prune(struct scandir *sd, int all)
{
    for (uint32_t s = 0; s < sd->high; s++) {
        struct scandir_slot *p = sd->slots + s;
        if (p->state == FREE || service_of(sd, s)->active)
            continue;
        signal_slot(sd, s, all);
        service_of(sd, s)->pruned = 1;
    }
}

/* Once told to end, a supervisor is not told again: it would send its service another TERM. Only
   loggers that have been left to end by themselves can be told to hurry. */
static void signal_for_teardown(struct scandir *sd, uint32_t s, int all)
{
    struct scandir_slot const *p = sd->slots + s;
    if (!sd->ending || (all && !sd->hurried && (p->logger || p->catchall)))
        signal_slot(sd, s, all);
}

void scandir_tell(struct scandir *sd, uint32_t s)
{
    if (sd->ending || service_of(sd, s)->pruned)
        signal_slot(sd, s, sd->hurried);
}

void scandir_teardown(struct scandir *sd, int all)
{
    for (uint32_t s = 0; s < sd->high; s++)
        signal_for_teardown(sd, s, all);
    sd->ending = 1;
    sd->hurried |= !!all;
    for (uint32_t s = 0; s < sd->high; s++) {
        struct scandir_slot *p = sd->slots + s;
        if (p->state == FREE || p->logger)
            continue;
        int *fds = scandir_pipe(sd, s);
        if (fds && fds[0] >= 0) {
            sd->effect(sd->ctx, SCANDIR_CLOSE, p->peer, 0);
            fds[0] = fds[1] = -1;
        }
        settle(sd, s);
    }
}

char const *scandir_name(struct scandir const *sd, uint32_t s)
{
    return sd->names + service_of(sd, s)->id.service.name;
}

int scandir_is_logger(struct scandir const *sd, uint32_t s)
{
    return sd->slots[s].logger;
}

int scandir_is_catchall(struct scandir const *sd, uint32_t s)
{
    return sd->slots[s].catchall;
}

int scandir_has_catchall(struct scandir const *sd)
{
    for (uint32_t s = 0; s < sd->high; s++)
        if (sd->slots[s].state != FREE && sd->slots[s].catchall)
            return 1;
    return 0;
}

int scandir_runs_only_catchall(struct scandir const *sd)
{
    for (uint32_t s = 0; sd->running == 1 && s < sd->high; s++)
        if (sd->slots[s].state == RUNNING)
            return sd->slots[s].catchall;
    return 0;
}

pid_t scandir_pid(struct scandir const *sd, uint32_t s)
{
    return sd->pids[s];
}

uint32_t scandir_peer(struct scandir const *sd, uint32_t s)
{
    return sd->slots[s].peer;
}

int scandir_is_used(struct scandir const *sd, uint32_t s)
{
    return sd->slots[s].state != FREE;
}

int scandir_is_active(struct scandir const *sd, uint32_t s)
{
    return service_of(sd, s)->active;
}

int *scandir_pipe(struct scandir *sd, uint32_t s)
{
    struct scandir_slot *p = sd->slots + s;
    if (p->logger)
        return p->id.pipe;
    return p->peer == SCANDIR_NONE ? NULL : sd->slots[p->peer].id.pipe;
}
