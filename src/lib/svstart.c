#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairn/ctlfifo.h>
#include <cairn/downfile.h>
#include <cairn/join.h>
#include <cairn/servicedir.h>
#include <cairn/svorder.h>
#include <cairn/svstart.h>
#include <cairn/svstatus.h>
#include <cairn/svwatch.h>
#include <cairn/svwatchproc.h>

struct node {
    enum downfile down;
    unsigned int waits : 1;
    unsigned int watched : 1;
    unsigned int failed : 1; /* for good, and said */
    unsigned int behind : 1; /* somebody it needs has failed, or waits behind one that has */
    unsigned int held : 1;   /* the same for one that is started by hand only */
};

struct starter {
    struct svstart *s;
    struct svorder order;
    struct node *nodes;
    unsigned int n;
    unsigned int waiting;
    struct svwatch *watch; /* any, patient */
    unsigned int *watched; /* the nodes of its services */
};

static int open_service(struct starter const *t, unsigned int node)
{
    return openat(AT_FDCWD, svorder_name(&t->order, node), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* --- what is needed --- */

static enum svwatch_goal goal_of(struct starter const *t, unsigned int node)
{
    int fd = open_service(t, node);
    int announces = fd >= 0 && servicedir_announces(fd);
    if (fd >= 0)
        close(fd);
    return announces ? SVWATCH_READY : SVWATCH_UP;
}

static void watch(struct starter *t, unsigned int node, int settled)
{
    struct svwatch_service *v = t->watch->services + t->watch->n;
    *v = (struct svwatch_service){
        .dir = svorder_name(&t->order, node), .goal = goal_of(t, node), .settled = !!settled};
    t->nodes[node].watched = 1;
    t->watched[t->watch->n++] = node;
}

static void unwatch(struct starter *t, size_t i)
{
    struct svwatch one = {.services = t->watch->services + i, .n = 1};
    svwatch_end(&one);
    t->nodes[t->watched[i]].watched = 0;
    size_t last = t->watch->n - 1;
    t->watch->services[i] = t->watch->services[last];
    t->watched[i] = t->watched[last];
    t->watch->n = last;
}

/* Is it still there, now that the last of those that are needed has come? */
static int is_there(struct starter const *t, unsigned int node)
{
    struct svstatus st;
    return !svstatus_read(AT_FDCWD, svorder_name(&t->order, node), &st) && svstatus_is_up(&st) &&
           (goal_of(t, node) == SVWATCH_UP || st.ready);
}

/* --- starting --- */

/* Nobody has started it yet, nor wants to. */
static int is_untouched(int dirfd)
{
    struct svstatus st;
    return svstatus_read(dirfd, ".", &st) < 0 || (svstatus_is_never_started(&st) && !st.wantup);
}

/* First the file: a supervisor that is not there yet finds none, one that is hears the byte. */
static void bring_up(struct starter *t, unsigned int node)
{
    svorder_begun(&t->order, node);
    t->nodes[node].waits = 0;
    t->waiting--;
    int fd = open_service(t, node);
    if (fd < 0)
        return; /* removed meanwhile */
    if (downfile_read(fd) == DOWNFILE_WAITS) {
        int untouched = is_untouched(fd);
        enum ctlfifo_result r = CTLFIFO_OK;
        if (downfile_write(fd, DOWNFILE_NONE) < 0)
            r = CTLFIFO_ERROR;
        else if (untouched)
            r = ctlfifo_send(fd, CTLFIFO_SERVICE, "u", 1);
        if (r == CTLFIFO_BROKEN || (r == CTLFIFO_ERROR && errno != ENOENT))
            t->s->trouble(svorder_name(&t->order, node));
    }
    close(fd);
}

/* Starts the node if all that it needs are there; watches those that are gone again. */
static void try(struct starter *t, unsigned int node)
{
    size_t at = 0;
    int missing = 0;
    for (int i; (i = svorder_needed(&t->order, node, &at)) >= 0;) {
        struct node const *other = t->nodes + i;
        if (downfile_is_off(other->down) || is_there(t, (unsigned int)i))
            continue;
        missing = 1;
        svorder_there(&t->order, (unsigned int)i, 0);
        if (!other->watched)
            watch(t, (unsigned int)i, 0);
    }
    if (!missing)
        bring_up(t, node);
}

static void start_all(struct starter *t)
{
    for (int i; (i = svorder_startable(&t->order)) >= 0;)
        try(t, (unsigned int)i);
}

/* --- what does not come --- */

/* Spreads over those that wait what keeps one of them. Returns SVSTART_DONE if any may still be
   started. */
static enum svstart_result prospects(struct starter *t)
{
    int again;
    unsigned int behind = 0, held = 0;
    do {
        again = 0;
        behind = held = 0;
        for (unsigned int n = 0; n < t->n; n++) {
            struct node *node = t->nodes + n;
            size_t at = 0;
            if (!node->waits)
                continue;
            struct node before = *node;
            node->behind = node->held = 0;
            for (int i; (i = svorder_needed(&t->order, n, &at)) >= 0;) {
                struct node const *other = t->nodes + i;
                node->behind |= other->failed | (other->waits & other->behind);
                node->held |=
                    (other->down == DOWNFILE_USER && other->watched) | (other->waits & other->held);
            }
            again |= before.behind != node->behind || before.held != node->held;
            behind += node->behind;
            held += node->held && !node->behind;
        }
    } while (again);
    if (behind + held < t->waiting)
        return SVSTART_DONE;
    return behind ? SVSTART_STUCK : SVSTART_HELD;
}

static void tell(struct starter *t, unsigned int failed)
{
    if (t->nodes[failed].failed)
        return;
    t->nodes[failed].failed = 1;
    for (unsigned int n = 0; n < t->n; n++) {
        size_t at = 0;
        for (int i; t->nodes[n].waits && (i = svorder_needed(&t->order, n, &at)) >= 0;)
            if ((unsigned int)i == failed) {
                t->s->told(svorder_name(&t->order, n), svorder_name(&t->order, failed));
                break;
            }
    }
}

/* Takes in what the watch has found. */
static void take(struct starter *t)
{
    for (size_t i = t->watch->n; i--;) {
        struct svwatch_service const *v = t->watch->services + i;
        unsigned int node = t->watched[i];
        int failed = v->failed;
        if (!failed && !svwatch_is_reached(v))
            continue;
        unwatch(t, i);
        if (failed) {
            tell(t, node);
            watch(t, node, 0); /* somebody may start it again */
        } else {
            t->nodes[node].failed = 0;
            svorder_there(&t->order, node, 1);
        }
    }
}

/* --- the whole --- */

static int load(struct starter *t)
{
    if (svorder_load(&t->order, AT_FDCWD) < 0)
        return -1;
    t->n = svorder_count(&t->order);
    t->nodes = calloc(t->n + 1, sizeof *t->nodes);
    t->watch->services = calloc(t->n + 1, sizeof *t->watch->services);
    t->watched = calloc(t->n + 1, sizeof *t->watched);
    if (!t->nodes || !t->watch->services || !t->watched)
        return -1;
    for (unsigned int n = 0; n < t->n; n++) {
        int fd = open_service(t, n);
        t->nodes[n].down = fd < 0 ? DOWNFILE_NONE : downfile_read(fd);
        if (fd >= 0)
            close(fd);
        t->nodes[n].waits = t->nodes[n].down == DOWNFILE_WAITS;
        t->waiting += t->nodes[n].waits;
        if (!t->nodes[n].waits)
            svorder_begun(&t->order, n);
        if (downfile_is_off(t->nodes[n].down))
            svorder_there(&t->order, n, 1);
    }
    for (unsigned int n = 0; n < t->n; n++) {
        size_t at = 0;
        for (int i; t->nodes[n].waits && (i = svorder_needed(&t->order, n, &at)) >= 0;)
            if (!downfile_is_off(t->nodes[i].down) && !t->nodes[i].watched)
                watch(t, (unsigned int)i, 1);
    }
    return 0;
}

static enum svstart_result loop(struct starter *t, int64_t deadline)
{
    for (;;) {
        start_all(t);
        if (!t->waiting)
            return SVSTART_DONE;
        enum svstart_result p = t->s->give_up ? prospects(t) : SVSTART_DONE;
        if (p != SVSTART_DONE)
            return p;
        switch (svwatch_wait(t->watch, deadline)) {
        case SVWATCH_TIMEOUT:
            return SVSTART_TIMEOUT;
        case SVWATCH_REACHED:
        case SVWATCH_FAILED:
            take(t);
            break;
        default:
            /* the names of services are freed at the end */
            join(t->s->name, sizeof t->s->name, t->watch->culprit);
            t->s->culprit = t->s->name;
            t->s->what = t->watch->what;
            return SVSTART_ERROR;
        }
    }
}

enum svstart_result svstart_run(struct svstart *s, int64_t deadline)
{
    struct starter t = {.s = s, .order = SVORDER_ZERO, .watch = &s->watch};
    enum svstart_result r = SVSTART_ERROR;
    s->watch = (struct svwatch){.any = 1, .patient = 1};
    s->culprit = ".";
    s->what = "read the services in ";
    if (!load(&t)) {
        svwatchproc_prepare(t.watch);
        r = loop(&t, deadline);
        svwatch_end(t.watch);
    }
    int e = errno;
    t.watch->n = 0; /* a signal finds nothing to clean up any more */
    free(t.watch->services);
    free(t.watched);
    free(t.nodes);
    svorder_free(&t.order);
    errno = e;
    return r;
}
