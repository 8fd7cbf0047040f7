#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include <cairn/fifowait.h>
#include <cairn/onend.h>

static int subscribe(struct fifowait_sub *s)
{
    if (fifomatch_init(&s->match, s->regex) < 0)
        return -1;
    onend_hold();
    int r = fifodir_listen(AT_FDCWD, s->dir, &s->listener);
    int e = errno;
    s->listening = !r;
    onend_release();
    errno = e;
    if (r < 0)
        fifomatch_end(&s->match);
    return r;
}

int fifowait_listen(struct fifowait *w, size_t *culprit)
{
    for (size_t i = 0; i < w->n; i++)
        if (subscribe(w->subs + i) < 0) {
            *culprit = i;
            return -1;
        }
    return 0;
}

/* Reads once: whoever floods us must not keep us from looking at the others and at the clock. */
static int hear(struct fifowait_sub *s)
{
    char buf[4096];
    size_t used;
    ssize_t r = read(s->listener.fd, buf, sizeof buf);
    if (r < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    s->event = fifomatch_feed(&s->match, buf, (size_t)r, &used);
    return 0;
}

static int is_reached(struct fifowait const *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += !!w->subs[i].event;
    return w->any ? n > 0 : n == w->n;
}

/* Milliseconds to wait, for poll, rounded up. */
static int time_left(int64_t deadline)
{
    struct timespec ts;
    if (deadline == INT64_MAX)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t left = deadline - ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int fifowait_wait(struct fifowait *w, int64_t deadline)
{
    for (;;) {
        if (is_reached(w))
            return 1;
        for (size_t i = 0; i < w->n; i++)
            w->polls[i] = (struct pollfd){.fd = w->subs[i].event ? -1 : w->subs[i].listener.fd,
                                          .events = POLLIN};
        int left = time_left(deadline);
        int n = poll(w->polls, w->n, left);
        if (n < 0 && errno != EINTR)
            return -1;
        for (size_t i = 0; n > 0 && i < w->n; i++)
            if (w->polls[i].revents && hear(w->subs + i) < 0)
                return -1;
        /* events that do not match must not put the end off */
        if (!n || (n > 0 && !left))
            return is_reached(w);
    }
}

void fifowait_end(struct fifowait *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->subs[i].listening)
            fifodir_unlisten(&w->subs[i].listener);
        w->subs[i].listening = 0;
    }
}
