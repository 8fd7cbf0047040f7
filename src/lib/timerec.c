#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/uint64.h>

#include <cairn/envtake.h>
#include <cairn/join.h>
#include <cairn/timerec.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t timerec_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void timerec_make(struct timerec *t, char const *path, uint64_t base)
{
    char buf[TIMELINE_LINE];
    size_t n = timeline_pack_header(buf, read_clock(CLOCK_REALTIME) - (timerec_now() - base));
    t->base = base;
    t->path = NULL;
    t->fd = -1;
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, buf, n) != (ssize_t)n) {
        close(fd);
        return;
    }
    t->path = path;
    t->fd = fd;
}

void timerec_put(struct timerec const *t, enum timeline_kind kind, enum timeline_event event,
                 unsigned int code, char const *dir, char const *name)
{
    char buf[TIMELINE_LINE];
    struct timeline_record r = {.kind = kind, .event = event, .code = code};
    if (!t->path)
        return;
    r.us = timerec_now() - t->base;
    join(r.name, sizeof r.name, dir ? dir : "", dir ? "/" : "", *name ? name : "-");
    size_t len = timeline_pack(buf, &r);
    if (t->fd >= 0) { /* init's own records are few */
        (void)!write(t->fd, buf, len);
        return;
    }
    int fd = open(t->path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    off_t size = lseek(fd, 0, SEEK_END);
    if (size >= 0 && size < TIMEREC_MAX)
        (void)!write(fd, buf, len);
    close(fd);
}

void timerec_service(struct timerec const *t, int ready, int announces, char const *name)
{
    if (t->path && timerec_now() - t->base < TIMEREC_BOOT_US)
        timerec_put(t, TIMELINE_SERVICE, ready ? TIMELINE_READY : TIMELINE_START,
                    !ready && announces, NULL, name);
}

char *timerec_format(struct timerec const *t, char *buf)
{
    strcpy(buf, TIMEREC_ENV "=");
    size_t n = sizeof TIMEREC_ENV;
    n += uint64_fmt(buf + n, t->base);
    buf[n++] = ':';
    strcpy(buf + n, t->path);
    return buf;
}

void timerec_take(struct timerec *t, char **env)
{
    char const *value = envtake(env, TIMEREC_ENV);
    t->path = NULL;
    t->fd = -1;
    size_t n = value ? uint64_scan(value, &t->base) : 0;
    if (n && value[n] == ':' && value[n + 1] == '/')
        t->path = value + n + 1;
}
