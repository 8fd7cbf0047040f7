#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/svlock.h>
#include <cairn/svorder.h>
#include <cairn/svstatus.h>
#include <cairn/svstop.h>

struct watched {
    struct fifodir_listener listener;
    unsigned int node;
};

/* sd is the service directory, or -1. */
static int is_down(int sd)
{
    struct svstatus st;
    return svstatus_read(sd, ".", &st) < 0 || !st.pid || svlock_owner(sd, SVLOCK_SERVICE) <= 0;
}

static int open_service(int scanfd, char const *name)
{
    return openat(scanfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Listens for the end of one service, then asks it to end. */
static void ask(struct svorder *o, unsigned int node, int scanfd, genalloc *watch)
{
    struct watched w = {.node = node};
    int sd = open_service(scanfd, svorder_name(o, node));
    svorder_asked(o, node);
    /* where it needs nobody, nobody waits for its end: a descriptor less of which there are few */
    int needs = !!genalloc_s(struct svorder_node, &o->nodes)[node].needs;
    int listening = needs && !fifodir_listen(sd, "event", &w.listener);
    int sent = ctlfifo_send(sd, CTLFIFO_SERVICE, "d", 1) == CTLFIFO_OK;
    int waits = sent && listening && !is_down(sd) && genalloc_append(struct watched, watch, &w);
    if (!waits) { /* it is down, or cannot be waited for; the caller's bound stands */
        svorder_down(o, node);
        if (listening)
            fifodir_unlisten(&w.listener);
    }
    if (sd >= 0)
        close(sd);
}

/* Waits until one of the watched services is down. */
static void wait_one(struct svorder *o, int scanfd, genalloc *watch)
{
    struct watched *w = genalloc_s(struct watched, watch);
    size_t n = genalloc_len(struct watched, watch);
    struct pollfd p[n];
    for (size_t i = 0; i < n; i++)
        p[i] = (struct pollfd){.fd = w[i].listener.fd, .events = POLLIN};
    if (poll(p, n, -1) < 0)
        return;
    for (size_t i = n; i--;) {
        char buf[64];
        if (!p[i].revents)
            continue;
        while (read(w[i].listener.fd, buf, sizeof buf) == (ssize_t)sizeof buf)
            ;
        int sd = open_service(scanfd, svorder_name(o, w[i].node));
        int down = is_down(sd);
        if (sd >= 0)
            close(sd);
        if (!down)
            continue;
        svorder_down(o, w[i].node);
        fifodir_unlisten(&w[i].listener);
        w[i] = w[--n];
        p[i] = p[n];
    }
    genalloc_setlen(struct watched, watch, n);
}

int svstop_in_order(int scanfd)
{
    struct svorder o = SVORDER_ZERO;
    genalloc watch = GENALLOC_ZERO;
    if (svorder_load(&o, scanfd) < 0) {
        int e = errno;
        svorder_free(&o);
        errno = e;
        return -1;
    }
    for (;;) {
        int node;
        while ((node = svorder_next(&o)) >= 0)
            ask(&o, (unsigned int)node, scanfd, &watch);
        if (!genalloc_len(struct watched, &watch))
            break;
        wait_one(&o, scanfd, &watch);
    }
    genalloc_free(struct watched, &watch);
    svorder_free(&o);
    return 0;
}
