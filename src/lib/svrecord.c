#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/envtake.h>
#include <cairn/svrecord.h>

#define MAGIC "cairn1"

enum { NUMBERS = 7 };

static size_t put(char *buf, uint64_t n)
{
    buf[0] = ':';
    return 1 + uint64_fmt(buf + 1, n);
}

size_t svrecord_pack(char *buf, struct svrecord const *r, char const *boot)
{
    uint64_t const numbers[NUMBERS] = {
        (uint64_t)r->pid, (uint64_t)r->runpid, r->earliest, r->latest, r->lock,
        r->pipe,          r->killing};
    size_t n = sizeof MAGIC - 1;
    memcpy(buf, MAGIC, n);
    buf[n++] = ':';
    buf[n++] = r->finishing ? 'f' : 'r';
    for (int i = 0; i < NUMBERS; i++)
        n += put(buf + n, numbers[i]);
    buf[n++] = ':';
    memcpy(buf + n, boot, SVRECORD_BOOT);
    buf[n + SVRECORD_BOOT] = 0;
    return n + SVRECORD_BOOT;
}

/* ':' and a number, as put writes them; returns what follows, or NULL. */
static char const *get(char const *s, uint64_t *n)
{
    if (*s++ != ':' || *s < '0' || *s > '9')
        return NULL;
    size_t len = uint64_scan(s, n);
    return len ? s + len : NULL;
}

static int is_boot(char const *s)
{
    return strspn(s, "0123456789abcdef-") == SVRECORD_BOOT && !s[SVRECORD_BOOT];
}

/* buf ends with NUL */
static int unpack(char const *s, struct svrecord *r, char *boot)
{
    uint64_t numbers[NUMBERS];
    if (memcmp(s, MAGIC ":", sizeof MAGIC) || (s[sizeof MAGIC] != 'r' && s[sizeof MAGIC] != 'f'))
        return -1;
    r->finishing = s[sizeof MAGIC] == 'f';
    s += sizeof MAGIC + 1;
    for (int i = 0; i < NUMBERS; i++)
        if (!(s = get(s, numbers + i)))
            return -1;
    if (*s++ != ':' || !is_boot(s))
        return -1;
    if (numbers[0] < 1 || numbers[0] > INT32_MAX || numbers[1] > INT32_MAX ||
        numbers[2] > numbers[3] || numbers[6] > 1)
        return -1;
    r->pid = (pid_t)numbers[0];
    r->runpid = (pid_t)numbers[1];
    r->earliest = numbers[2];
    r->latest = numbers[3];
    r->lock = numbers[4];
    r->pipe = numbers[5];
    r->killing = !!numbers[6];
    memcpy(boot, s, SVRECORD_BOOT + 1);
    return 0;
}

int svrecord_unpack(char const *buf, size_t len, struct svrecord *r, char *boot)
{
    char text[SVRECORD_MAX];
    errno = EPROTO;
    if (len < sizeof MAGIC + 1 || len >= sizeof text || memchr(buf, 0, len))
        return -1;
    memcpy(text, buf, len);
    text[len] = 0;
    return unpack(text, r, boot);
}

int svrecord_read(int dirfd, char const *path, struct svrecord *r, char *boot)
{
    char buf[SVRECORD_MAX];
    ssize_t n = readlinkat(dirfd, path, buf, sizeof buf);
    if (n == -1) {
        if (errno == EINVAL)
            errno = EPROTO; /* something else lies there */
        return -1;
    }
    return svrecord_unpack(buf, (size_t)n, r, boot);
}

int svrecord_write(int dirfd, struct svrecord const *r, char const *boot, int first)
{
    char buf[SVRECORD_MAX];
    svrecord_pack(buf, r, boot);
    if (first && symlinkat(buf, dirfd, SVRECORD_FILE) == 0)
        return 0;
    while (symlinkat(buf, dirfd, SVRECORD_FILE ".new") == -1)
        if (errno != EEXIST || unlinkat(dirfd, SVRECORD_FILE ".new", 0) == -1)
            return -1;
    return renameat(dirfd, SVRECORD_FILE ".new", dirfd, SVRECORD_FILE);
}

uint64_t svrecord_now(void)
{
    struct timespec ts;
    unsigned long hz = getauxval(AT_CLKTCK);
    if (!hz)
        hz = 100;
    if (clock_gettime(CLOCK_BOOTTIME, &ts) == -1)
        return 0;
    return (uint64_t)ts.tv_sec * hz + (uint64_t)ts.tv_nsec * hz / 1000000000u;
}

/* The start of a small file, as a string; returns its length, or -1 with errno. */
static ssize_t read_file(char const *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return -1;
    ssize_t n = read(fd, buf, size - 1);
    int e = errno;
    close(fd);
    errno = e;
    if (n >= 0)
        buf[n] = 0;
    return n;
}

int svrecord_boot(char *boot)
{
    char buf[SVRECORD_BOOT + 2];
    if (read_file("/proc/sys/kernel/random/boot_id", buf, sizeof buf) < SVRECORD_BOOT)
        return -1;
    buf[SVRECORD_BOOT] = 0;
    if (!is_boot(buf)) {
        errno = EPROTO;
        return -1;
    }
    memcpy(boot, buf, sizeof buf - 1);
    return 0;
}

char const *svrecord_boot_from(char **env)
{
    char const *boot = envtake(env, SVRECORD_ENV);
    return boot && is_boot(boot) ? boot : NULL;
}

/* Field 22 of /proc/PID/stat, 0 if there is no such process, or if it is dead and waits to be
   reaped. The name, field 2, may hold anything: the last parenthesis ends it. */
static uint64_t start_time(pid_t pid)
{
    char path[sizeof "/proc//stat" + PID_FMT];
    char buf[512];
    memcpy(path, "/proc/", 6);
    size_t n = 6 + pid_fmt(path + 6, pid);
    memcpy(path + n, "/stat", 6);
    if (read_file(path, buf, sizeof buf) <= 0)
        return 0;
    char const *s = strrchr(buf, ')');
    if (!s || s[1] != ' ' || strchr("ZXx", s[2]))
        return 0;
    s++; /* at the blank before field 3 */
    for (int field = 3; field < 22; field++)
        if (!(s = strchr(s + 1, ' ')))
            return 0;
    uint64_t t;
    return uint64_scan(s + 1, &t) ? t : 0;
}

int svrecord_pidfd(struct svrecord const *r, char const *boot, uint64_t lock)
{
    char now[SVRECORD_BOOT + 1];
    errno = ESRCH;
    if (r->lock != lock || !r->latest || r->pid == getpid())
        return -1;
    /* opened first: what matches afterwards is too old to be anybody who came in between */
    int fd = (int)syscall(SYS_pidfd_open, r->pid, 0);
    if (fd == -1)
        return -1;
    uint64_t t = start_time(r->pid);
    if (t >= r->earliest && t <= r->latest && t && svrecord_boot(now) == 0 &&
        !memcmp(now, boot, sizeof now))
        return fd;
    close(fd);
    errno = ESRCH;
    return -1;
}
