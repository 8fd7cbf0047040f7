/* doubles: stands between a program and the C library and makes calls fail, or clocks go wrong, as
   a plan says. Linked to
   $(B)/test/doubles/NAME with the linker's --wrap (WRAPPED in the Makefile), which also catches
   what skalibs calls.

   DOUBLES is the plan: phases with ';' between them, items with ',' between them.
     CALL:ERRNO        each such call fails
     CALL:ERRNO:N      in each process the first N of the phase fail
     CALL:ERRNO:1/N    one of N fails, by a generator that begins with the seed in each process
     clock:freeze[=Ns] the monotonic clocks stand still (for N seconds), then they tell the truth
     clock:jump=N      the real-time clock is N seconds ahead (behind: -N)
     seed=N            for all phases (default 1)
   CALL: fork (vfork, clone), malloc (calloc, realloc, mmap, mremap), open (whatever makes a
   descriptor), create (whatever makes a name), write (writev, pwrite, ftruncate; of regular files
   only), rename (linkat), fsync. DOUBLES_STATE is a file of 64 bytes that all processes map:
   numbers of 4 bytes, the phase (0: nothing fails; 1: the first phase), and for each kind, in the
   order of above, how many calls were made to fail; last, how often a clock was wrong. Without it
   the first phase holds.

   A plan that makes no sense ends the program with 100: a test must not pass because of it. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { FORK, MALLOC, OPEN, CREATE, WRITE, RENAME, FSYNC, KINDS };
enum { CLOCK_FREEZE = KINDS, CLOCK_JUMP };
static char const *const names[KINDS] = {"fork",  "malloc", "open", "create",
                                         "write", "rename", "fsync"};
static struct {
    char const *name;
    int e;
} const errors[] = {{"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM}, {"EMFILE", EMFILE}, {"ENFILE", ENFILE},
                    {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EROFS", EROFS},   {"EINTR", EINTR}};

struct item {
    uint32_t phase;
    int kind;
    int e;
    uint32_t first; /* so many; 0: each */
    uint32_t oneof; /* one of so many; 0: not by chance */
    int64_t seconds;
};
struct state {
    uint32_t phase;
    uint32_t made[KINDS + 1];
};
_Static_assert(sizeof(struct state) <= 64, "the size that the header comment names");

static struct item items[64];
static unsigned nitems;
static struct state own = {.phase = 1};
static struct state volatile *state = &own;
static uint32_t seed = 1, chance;
static uint32_t here;         /* the phase that the numbers below are of */
static uint32_t calls[KINDS]; /* made in this phase by this process */
static struct timespec stood; /* since when the clock stands still */
static int is_standing;

/* the prototypes of what is wrapped: the linker makes the names */
#define WRAP(type, name, ...)                                                                      \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

int __real_clock_gettime(clockid_t, struct timespec *);
int __wrap_clock_gettime(clockid_t, struct timespec *);
int __real_open(char const *, int, ...);
int __wrap_open(char const *, int, ...);
int __real_openat(int, char const *, int, ...);
int __wrap_openat(int, char const *, int, ...);
void *__real_mmap(void *, size_t, int, int, int, off_t);
ssize_t __real_write(int, void const *, size_t);

__attribute__((noreturn)) static void senseless(char const *what)
{
    char const *s[] = {"doubles: fatal: this plan makes no sense: ", what, "\n"};

    for (unsigned i = 0; i < 3; i++)
        if (__real_write(2, s[i], strlen(s[i])) < 0)
            break;
    _exit(100);
}

static uint32_t number(char const *s, char const *item)
{
    char *end;
    unsigned long n = strtoul(s, &end, 10);

    if (*s < '0' || *s > '9' || *end || n > 1000000)
        senseless(item);
    return (uint32_t)n;
}

static void parse_clock(struct item *it, char *s, char const *whole)
{
    char *value = strchr(s, '=');

    if (value)
        *value++ = 0;
    if (strcmp(s, "freeze") == 0) {
        it->kind = CLOCK_FREEZE;
        if (value) {
            size_t n = strlen(value);
            if (n && value[n - 1] == 's')
                value[n - 1] = 0;
            it->seconds = number(value, whole);
        }
    } else if (strcmp(s, "jump") == 0 && value) {
        it->kind = CLOCK_JUMP;
        it->seconds = *value == '-' ? -(int64_t)number(value + 1, whole) : number(value, whole);
    } else {
        senseless(whole);
    }
}

static void parse_item(char *s, uint32_t phase)
{
    char whole[64];
    struct item *it = &items[nitems];
    char *rest = strchr(s, ':'), *when;
    unsigned i;

    snprintf(whole, sizeof whole, "%s", s);
    if (strncmp(s, "seed=", 5) == 0) {
        seed = number(s + 5, whole);
        return;
    }
    if (!rest || nitems == sizeof items / sizeof *items)
        senseless(whole);
    *rest++ = 0;
    *it = (struct item){.phase = phase};
    nitems++;
    if (strcmp(s, "clock") == 0) {
        parse_clock(it, rest, whole);
        return;
    }
    for (i = 0; i < KINDS && strcmp(s, names[i]) != 0; i++)
        ;
    if (i == KINDS)
        senseless(whole);
    it->kind = (int)i;
    when = strchr(rest, ':');
    if (when)
        *when++ = 0;
    for (i = 0; i < sizeof errors / sizeof *errors && strcmp(rest, errors[i].name) != 0; i++)
        ;
    if (i == sizeof errors / sizeof *errors)
        senseless(whole);
    it->e = errors[i].e;
    if (when && strncmp(when, "1/", 2) == 0)
        it->oneof = number(when + 2, whole);
    else if (when)
        it->first = number(when, whole);
    if (when && !it->first && !it->oneof)
        senseless(whole);
}

__attribute__((constructor)) static void doubles_start(void)
{
    char const *plan = getenv("DOUBLES"), *file = getenv("DOUBLES_STATE");
    static char text[2048];
    uint32_t phase = 1;
    char *s = text;

    if (!plan)
        return;
    if (strlen(plan) >= sizeof text)
        senseless("too long");
    strcpy(text, plan);
    while (*s) {
        size_t n = strcspn(s, ",;");
        char end = s[n];
        s[n] = 0;
        if (n)
            parse_item(s, phase);
        phase += end == ';';
        s += n + (end != 0);
    }
    if (file) {
        int fd = __real_open(file, O_RDWR | O_CLOEXEC);
        void *p =
            fd < 0 ? MAP_FAILED : __real_mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
            senseless(file);
        close(fd);
        state = p;
    }
}

/* Looks whether another phase has begun; its number. */
static uint32_t phase_now(void)
{
    uint32_t p = nitems ? state->phase : 0;

    if (p != here) {
        here = p;
        memset(calls, 0, sizeof calls);
        chance = seed * 2654435761u + p;
        is_standing = 0;
    }
    return p;
}

static uint32_t draw(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 17;
    chance ^= chance << 5;
    return chance ? chance : (chance = 1);
}

/* Is this call to fail? Sets errno then. Children of vfork and clone come by here too: nothing of
 * it locks or allocates. */
static int fails(enum kind kind)
{
    uint32_t p = phase_now(), n;

    if (!p)
        return 0;
    n = ++calls[kind];
    for (unsigned i = 0; i < nitems; i++) {
        struct item const *it = &items[i];
        if (it->phase != p || it->kind != (int)kind)
            continue;
        if ((it->first && n > it->first) || (it->oneof && draw() % it->oneof))
            continue;
        __atomic_add_fetch(&state->made[kind], 1, __ATOMIC_RELAXED);
        errno = it->e;
        return 1;
    }
    return 0;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
    int r = __real_clock_gettime(id, ts);
    uint32_t p = phase_now();

    if (r < 0 || !p)
        return r;
    for (unsigned i = 0; i < nitems; i++) {
        struct item const *it = &items[i];
        if (it->phase != p)
            continue;
        if (it->kind == CLOCK_JUMP && id == CLOCK_REALTIME) {
            ts->tv_sec += (time_t)it->seconds;
        } else if (it->kind == CLOCK_FREEZE && id == CLOCK_MONOTONIC) {
            if (!is_standing) {
                stood = *ts;
                is_standing = 1;
            }
            if (it->seconds && ts->tv_sec - stood.tv_sec >= it->seconds)
                continue;
            *ts = stood;
        } else {
            continue;
        }
        __atomic_add_fetch(&state->made[KINDS], 1, __ATOMIC_RELAXED);
    }
    return r;
}

/* ---- processes */

WRAP(pid_t, fork, void)
{
    return fails(FORK) ? -1 : __real_fork();
}

/* The child of vfork runs on this stack, that of startproc's clone right below its caller's frame:
   both would overwrite a frame of ours. So these must be the compiler's jumps, not calls
   (tests/faults/doubles looks), and clone has no more arguments than fit into registers: nobody
   here gives it more. */
WRAP(pid_t, vfork, void)
{
    if (fails(FORK))
        return -1;
    return __real_vfork();
}
WRAP(int, clone, int (*fn)(void *), void *stack, int flags, void *arg, pid_t *pid)
{
    if (fails(FORK))
        return -1;
    return __real_clone(fn, stack, flags, arg, pid);
}

/* ---- memory */

WRAP(void *, malloc, size_t n)
{
    return fails(MALLOC) ? NULL : __real_malloc(n);
}
WRAP(void *, calloc, size_t n, size_t size)
{
    return fails(MALLOC) ? NULL : __real_calloc(n, size);
}
WRAP(void *, realloc, void *p, size_t n)
{
    return fails(MALLOC) ? NULL : __real_realloc(p, n);
}
WRAP(void *, mmap, void *p, size_t n, int prot, int flags, int fd, off_t at)
{
    return fails(MALLOC) ? MAP_FAILED : __real_mmap(p, n, prot, flags, fd, at);
}
WRAP(void *, mremap, void *p, size_t old, size_t n, int flags)
{
    return fails(MALLOC) ? MAP_FAILED : __real_mremap(p, old, n, flags);
}

/* ---- descriptors and names */

/* may this call make a descriptor, and a name when it is to make one? */
static int may_open(int flags)
{
    return !fails(OPEN) && (!(flags & O_CREAT) || !fails(CREATE));
}
static mode_t mode_of(int flags, va_list ap)
{
    return flags & O_CREAT ? va_arg(ap, mode_t) : 0;
}

int __wrap_open(char const *path, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start(ap, flags);
    mode = mode_of(flags, ap);
    va_end(ap);
    return may_open(flags) ? __real_open(path, flags, mode) : -1;
}
int __wrap_openat(int fd, char const *path, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start(ap, flags);
    mode = mode_of(flags, ap);
    va_end(ap);
    return may_open(flags) ? __real_openat(fd, path, flags, mode) : -1;
}
/* what _FORTIFY_SOURCE makes of them where flags are no constant */
WRAP(int, __open_2, char const *path, int flags)
{
    return may_open(flags) ? __real_open(path, flags) : -1;
}
WRAP(int, __openat_2, int fd, char const *path, int flags)
{
    return may_open(flags) ? __real_openat(fd, path, flags) : -1;
}
WRAP(int, pipe2, int *fd, int flags)
{
    return fails(OPEN) ? -1 : __real_pipe2(fd, flags);
}
WRAP(int, socket, int domain, int type, int protocol)
{
    return fails(OPEN) ? -1 : __real_socket(domain, type, protocol);
}
WRAP(int, accept4, int fd, struct sockaddr *a, socklen_t *n, int flags)
{
    return fails(OPEN) ? -1 : __real_accept4(fd, a, n, flags);
}
WRAP(int, epoll_create1, int flags)
{
    return fails(OPEN) ? -1 : __real_epoll_create1(flags);
}
WRAP(int, inotify_init1, int flags)
{
    return fails(OPEN) ? -1 : __real_inotify_init1(flags);
}
WRAP(int, mkdirat, int fd, char const *path, mode_t mode)
{
    return fails(CREATE) ? -1 : __real_mkdirat(fd, path, mode);
}
WRAP(int, mkfifoat, int fd, char const *path, mode_t mode)
{
    return fails(CREATE) ? -1 : __real_mkfifoat(fd, path, mode);
}
WRAP(int, symlinkat, char const *to, int fd, char const *path)
{
    return fails(CREATE) ? -1 : __real_symlinkat(to, fd, path);
}

/* ---- contents. A pipe is never full of files. */

static int is_file(int fd)
{
    struct stat st;
    int e = errno, r = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

    errno = e;
    return r;
}
WRAP(ssize_t, write, int fd, void const *p, size_t n)
{
    return phase_now() && is_file(fd) && fails(WRITE) ? -1 : __real_write(fd, p, n);
}
WRAP(ssize_t, writev, int fd, struct iovec const *v, int n)
{
    return phase_now() && is_file(fd) && fails(WRITE) ? -1 : __real_writev(fd, v, n);
}
WRAP(ssize_t, pwrite, int fd, void const *p, size_t n, off_t at)
{
    return phase_now() && is_file(fd) && fails(WRITE) ? -1 : __real_pwrite(fd, p, n, at);
}
WRAP(int, ftruncate, int fd, off_t n)
{
    return fails(WRITE) ? -1 : __real_ftruncate(fd, n);
}
WRAP(int, rename, char const *from, char const *to)
{
    return fails(RENAME) ? -1 : __real_rename(from, to);
}
WRAP(int, renameat, int a, char const *from, int b, char const *to)
{
    return fails(RENAME) ? -1 : __real_renameat(a, from, b, to);
}
WRAP(int, linkat, int a, char const *from, int b, char const *to, int flags)
{
    return fails(RENAME) ? -1 : __real_linkat(a, from, b, to, flags);
}
WRAP(int, fsync, int fd)
{
    return fails(FSYNC) ? -1 : __real_fsync(fd);
}
