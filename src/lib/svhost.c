#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/dents.h>
#include <cairn/svhost.h>

#ifndef SYS_close_range
#define SYS_close_range 436 /* the same on every architecture */
#endif

enum {
    WHICH_BITS = 2,
    TICK_MS = 1000 /* how often a descriptor that epoll does not take is looked at */
};
_Static_assert(SERVICE_FDS <= 1 << WHICH_BITS, "a key has no room for the descriptor");

struct svhost_one {
    struct service s;
    uint32_t next; /* in the list of ended ones */
    unsigned int hosted : 1;
    unsigned int ended : 1;
    unsigned int unheard : SERVICE_FDS;
};

size_t svhost_size(uint32_t max)
{
    return max * (sizeof(struct svhost_one) + sizeof(pid_t)) + 8 + timerheap_size(max);
}

/* --- descriptors --- */

/* The highest descriptor that is open, or -1. */
static int highest_descriptor(void)
{
    _Alignas(struct dent) char buf[1024];
    int highest = -1;
    long n = -1;
    int fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -1;
    while ((n = dents_read(fd, buf, sizeof buf)) > 0)
        for (long at = 0; at < n;) {
            int k = atoi(dents_next(buf, &at)->name);
            if (k > highest)
                highest = k;
        }
    close(fd);
    return n < 0 ? -1 : highest;
}

/* Everything opened from now on lies above what we were given, or is one of the few that we have
   already. A child then drops thousands of descriptors with one call. */
static void set_own_descriptors(struct startproc_host *c)
{
    c->own = 0;
    if (syscall(SYS_close_range, ~0u, ~0u, 0) == -1)
        return; /* Linux before 5.9 */
    c->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int highest = c->null == -1 ? -1 : highest_descriptor();
    if (highest == -1)
        return;
    for (int i = 1; i <= STARTPROC_PADS; i++)
        if (dup3(c->null, highest + i, O_CLOEXEC) == -1)
            return;
    c->own = highest + STARTPROC_PADS + 1;
}

static void raise_limit(struct svhost *h)
{
    struct rlimit raised;
    if (getrlimit(RLIMIT_NOFILE, &h->nofile) == -1 || h->nofile.rlim_cur == h->nofile.rlim_max)
        return;
    raised = (struct rlimit){h->nofile.rlim_max, h->nofile.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        h->common.start.nofile = &h->nofile;
}

rlim_t svhost_limit(struct svhost const *h)
{
    return h->common.start.nofile ? h->nofile.rlim_max : h->nofile.rlim_cur;
}

void svhost_init(struct svhost *h, void *mem, uint32_t max, int epfd, uint64_t tag)
{
    h->ones = mem;
    h->pids = (void *)(h->ones + max);
    char *rest = (char *)(h->pids + max);
    timerheap_init(&h->timers, rest + (8 - (uintptr_t)rest % 8) % 8, max);
    h->epfd = epfd;
    h->tag = tag;
    h->high = h->n = h->unheard = 0;
    h->ended = SVHOST_NONE;
    h->common.boot = svrecord_boot(h->boot) == 0 ? h->boot : NULL;
    h->common.start.nofile = NULL;
    h->common.patient = 0;
    raise_limit(h);
    set_own_descriptors(&h->common.start);
}

/* --- after every call into a service --- */

static uint64_t nanoseconds(tain const *t)
{
    if (!tain_less(t, &tain_infinite))
        return TIMERHEAP_NEVER;
    return (tain_secp(t)->x - TAI_MAGIC) * 1000000000u + tain_nano(t);
}

/* epoll forgets a descriptor when it is closed, so only new ones are to be told */
static void listen_to(struct svhost *h, uint32_t id)
{
    struct svhost_one *o = h->ones + id;
    unsigned int fresh = service_fresh(&o->s) | o->unheard;
    if (!fresh)
        return;
    h->unheard -= o->unheard != 0;
    o->unheard = 0;
    for (unsigned int i = 0; i < SERVICE_FDS; i++) {
        int fd = service_fd(&o->s, i);
        if (!(fresh & 1u << i) || fd < 0)
            continue;
        struct epoll_event e = {.events = EPOLLIN,
                                .data.u64 = h->tag | (uint64_t)id << WHICH_BITS | i};
        if (epoll_ctl(h->epfd, EPOLL_CTL_ADD, fd, &e) == -1 && errno != EEXIST)
            o->unheard |= (1u << i) & ((1u << SERVICE_FDS) - 1);
    }
    h->unheard += o->unheard != 0;
}

static void follow(struct svhost *h, uint32_t id)
{
    struct svhost_one *o = h->ones + id;
    h->pids[id] = o->s.fsm.pid;
    if (!service_is_gone(&o->s)) {
        listen_to(h, id);
        timerheap_set(&h->timers, id, nanoseconds(service_deadline(&o->s)));
        return;
    }
    timerheap_set(&h->timers, id, TIMERHEAP_NEVER);
    if (o->ended)
        return;
    o->ended = 1;
    o->next = h->ended;
    h->ended = id;
}

/* --- the calls --- */

int svhost_has(struct svhost const *h, uint32_t id)
{
    return id < h->high && h->ones[id].hosted;
}

uint32_t svhost_id(struct svhost const *h, struct service const *s)
{
    /* s is the first member */
    return (uint32_t)((struct svhost_one const *)(void const *)s - h->ones);
}

int svhost_start(struct svhost *h, uint32_t id, int dirfd, int const io[3], unsigned int own_io,
                 tain const *now, char const **culprit)
{
    struct svhost_one *o = h->ones + id;
    if (service_open(&o->s, &h->common, dirfd, io, own_io, culprit) == -1) {
        close_keeping_errno(dirfd);
        for (int i = 0; i < 3; i++)
            if (own_io & 1u << i)
                close_keeping_errno(io[i]);
        return -1;
    }
    /* Commands are single bytes. Sixteen pages for each FIFO would use up what a user may have in
       pipes, with a thousand services, and leave one page for the pipes to loggers. */
    fcntl(service_fd(&o->s, SERVICE_CONTROL), F_SETPIPE_SZ, 4096);
    o->hosted = 1;
    o->ended = o->unheard = 0;
    h->n++;
    if (id >= h->high)
        h->high = id + 1;
    service_start(&o->s, now);
    follow(h, id);
    return 0;
}

void svhost_event(struct svhost *h, uint32_t id, unsigned int event, tain const *now)
{
    service_event(&h->ones[id].s, event, now);
    follow(h, id);
}

int svhost_is_command(uint64_t data)
{
    return (data & ((1u << WHICH_BITS) - 1)) == SERVICE_CONTROL;
}

void svhost_on_ready(struct svhost *h, uint64_t data, tain const *now)
{
    uint32_t id = (uint32_t)data >> WHICH_BITS;
    enum service_fd which = data & ((1u << WHICH_BITS) - 1);
    /* it may have ended since epoll reported it */
    if (!svhost_has(h, id) || service_fd(&h->ones[id].s, which) < 0)
        return;
    service_on_fd(&h->ones[id].s, which, now);
    follow(h, id);
}

int svhost_on_death(struct svhost *h, pid_t pid, int wstat, tain const *now)
{
    uint32_t id = 0;
    while (id < h->high && h->pids[id] != pid)
        id++;
    if (id == h->high || !service_on_death(&h->ones[id].s, pid, wstat, now))
        return 0;
    follow(h, id);
    return 1;
}

int svhost_timeout(struct svhost const *h, tain const *now)
{
    uint32_t id;
    uint64_t due = timerheap_next(&h->timers, &id);
    uint64_t t = nanoseconds(now);
    int ms = -1;
    if (due <= t)
        return 0;
    if (due != TIMERHEAP_NEVER)
        ms = due - t > 86400000000000u ? 86400000 : (int)((due - t + 999999) / 1000000);
    if (h->unheard && (ms < 0 || ms > TICK_MS))
        ms = TICK_MS;
    return ms;
}

static void look_at_unheard(struct svhost *h, tain const *now)
{
    for (uint32_t id = 0; id < h->high && h->unheard; id++) {
        struct svhost_one *o = h->ones + id;
        for (unsigned int i = 0; o->hosted && o->unheard && i < SERVICE_FDS; i++)
            if (o->unheard & 1u << i && service_fd(&o->s, i) >= 0)
                service_on_fd(&o->s, i, now);
        if (o->hosted && o->unheard)
            follow(h, id);
    }
}

void svhost_on_timeout(struct svhost *h, tain const *now)
{
    uint32_t id;
    uint64_t t = nanoseconds(now);
    if (h->unheard)
        look_at_unheard(h, now);
    /* each at most once: what is armed anew is due later */
    for (uint32_t i = 0; i <= h->high && timerheap_next(&h->timers, &id) <= t; i++) {
        service_on_timeout(&h->ones[id].s, now);
        follow(h, id);
    }
}

uint32_t svhost_ended(struct svhost *h)
{
    uint32_t id = h->ended;
    if (id == SVHOST_NONE)
        return id;
    struct svhost_one *o = h->ones + id;
    h->ended = o->next;
    h->unheard -= o->unheard != 0;
    o->hosted = o->ended = o->unheard = 0;
    h->pids[id] = 0;
    h->n--;
    service_close(&o->s);
    close(o->s.dirfd);
    return id;
}
