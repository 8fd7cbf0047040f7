/* logproperty: random lines, write patterns, sizes, ends and kill -9 moments for svlog.

   logproperty SVLOG DIR SEED SECONDS
   Runs cases in DIR (on any file system) for so many seconds, at least one; each prints nothing if
   all is well. A case is one stream of lines in a pipe, and several svlogs one after the other that
   read it into one directory; each but the last is ended by TERM or KILL, at a random moment.
   Then: every file keeps to its size and ends with a newline; the lines are in order, intact, and
   none is there twice; without KILL all are there, with it at most 64 KiB for each are missing, and
   at most one line for each was cut in two. Exits 1 and says which seed and case failed. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAXLINE = 9000, LIMIT = 8192, MAXFILES = 20000, LOSS = 65536 };

static uint64_t state;
static unsigned long seed, number;
static char dir[4096], description[256];

static uint64_t rnd(uint64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

static void fail(char const *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void fail(char const *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("seed %lu, case %lu (%s): ", seed, number, description);
    vprintf(format, args);
    printf("\n");
    exit(1);
}

/* ---- lines: what the line of a number is follows from the number */

struct shape {
    unsigned int longest;
    unsigned long lines;
};

static size_t line_length(struct shape const *s, unsigned long i)
{
    uint64_t h = (i + 1) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    /* some are as long as they may be, most are short */
    return 10 + (h % 50 == 0 ? s->longest - 10 : (h >> 8) % (s->longest / 8 + 1));
}

static size_t make_line(char *p, struct shape const *s, unsigned long i)
{
    size_t n = line_length(s, i);
    snprintf(p, MAXLINE, "%08lu:", i);
    for (size_t k = 9; k < n; k++)
        p[k] = (char)('!' + (i + k) % 90);
    p[n] = '\n';
    return n + 1;
}

/* ---- the writer: a process of its own, that nobody kills */

static void write_all(int fd, char const *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0)
            _exit(1);
        p += w;
        n -= (size_t)w;
    }
}

static void writer(int fd, struct shape const *s)
{
    static char buf[MAXLINE + 70000];
    size_t n = 0;
    int pattern = (int)rnd(4);
    for (unsigned long i = 0; i < s->lines; i++) {
        n += make_line(buf + n, s, i);
        size_t want = pattern == 0 ? 1 : 1 + rnd(pattern == 1 ? 300 : pattern == 2 ? 6000 : 65536);
        while (n >= want || (i + 1 == s->lines && n)) {
            size_t m = want < n ? want : n;
            /* the last line of all has no newline sometimes: svlog gives it one */
            if (i + 1 == s->lines && m == n && s->lines % 2)
                write_all(fd, buf, m - 1);
            else
                write_all(fd, buf, m);
            memmove(buf, buf + m, n -= m);
            if (pattern < 3 && rnd(20) == 0)
                nanosleep(&(struct timespec){0, (long)rnd(300000)}, NULL);
            want = 1 + rnd(6000);
        }
    }
    _exit(0);
}

/* ---- what is in the directory */

struct found {
    unsigned long next; /* the least number that may come */
    size_t missing;     /* bytes */
    unsigned int torn;
};

static void check_line(struct found *f, struct shape const *s, char const *line, size_t n)
{
    char want[MAXLINE + 1];
    char *end;
    unsigned long i = strtoul(line, &end, 10);
    if (end != line + 8 || *end != ':' || i >= s->lines || make_line(want, s, i) != n ||
        memcmp(line, want, n) != 0) {
        f->torn++;
        return;
    }
    if (i < f->next)
        fail("line %lu after line %lu", i, f->next - 1);
    while (f->next < i)
        f->missing += line_length(s, f->next++) + 1;
    f->next = i + 1;
}

static void check_file(struct found *f, struct shape const *s, char const *name, size_t cap,
                       size_t stamp)
{
    static char buf[1 << 20];
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buf, sizeof buf);
    close(fd);
    if (n < 0)
        fail("%s: %s", name, strerror(errno));
    if (n && buf[n - 1] != '\n')
        fail("%s does not end with a newline", name);
    if ((size_t)n > cap && memchr(buf, '\n', (size_t)n) != buf + n - 1)
        fail("%s has %zd bytes, more than %zu, and more than one line", name, n, cap);
    for (char *p = buf, *nl; p < buf + n; p = nl + 1) {
        nl = memchr(p, '\n', (size_t)(buf + n - p));
        if ((size_t)(nl - p) < stamp)
            f->torn++;
        else
            check_line(f, s, p + stamp, (size_t)(nl + 1 - p) - stamp);
    }
}

static int is_archive(struct dirent const *d)
{
    return d->d_name[0] == '@';
}

static void check(struct shape const *s, size_t cap, size_t stamp, unsigned int kills)
{
    struct dirent **names;
    struct found f = {0};
    int n = scandir(dir, &names, is_archive, alphasort);
    for (int i = 0; i < n; i++) {
        check_file(&f, s, names[i]->d_name, cap, stamp);
        free(names[i]);
    }
    free(names);
    check_file(&f, s, "current", cap, stamp);
    while (f.next < s->lines)
        f.missing += line_length(s, f.next++) + 1;
    if (f.missing > kills * ((size_t)LOSS + MAXLINE))
        fail("%zu bytes are missing after %u kills", f.missing, kills);
    if (f.torn > kills * 2)
        fail("%u lines are torn after %u kills", f.torn, kills);
}

/* ---- a case */

static pid_t start(char const *svlog, int in, char const *const *argv)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    dup2(in, 0);
    execv(svlog, (char *const *)argv);
    _exit(127);
}

static unsigned int live(char const *svlog, int in, char const *const *argv, unsigned int lives,
                         int killing)
{
    unsigned int kills = 0;
    for (unsigned int i = 0; i <= lives; i++) {
        pid_t pid = start(svlog, in, argv);
        int wstat, sig = 0;
        if (i < lives) {
            nanosleep(&(struct timespec){0, (long)rnd(20000000)}, NULL);
            sig = killing && rnd(3) ? SIGKILL : SIGTERM;
            kill(pid, sig);
        }
        if (waitpid(pid, &wstat, 0) < 0)
            fail("wait: %s", strerror(errno));
        kills += WIFSIGNALED(wstat) && sig == SIGKILL;
        /* TERM may come before it is waited for */
        if (WIFSIGNALED(wstat) ? WTERMSIG(wstat) != SIGKILL && WTERMSIG(wstat) != SIGTERM
                               : WEXITSTATUS(wstat))
            fail("svlog ended with status %x", (unsigned int)wstat);
    }
    return kills;
}

static void empty_directory(void)
{
    struct dirent **names;
    char path[8192];
    int n = scandir(dir, &names, NULL, NULL);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        unlink(path);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void one(char const *svlog)
{
    /* a longer line would be cut, and a processor or t does not change what is checked */
    static char const *const kinds[] = {"", "t", "+."};
    char size[32];
    struct shape s = {.longest = 20 + (unsigned int)rnd(rnd(2) ? 200 : 8000)};
    size_t cap = 4096 + rnd(20000);
    int killing = (int)rnd(2), kind = (int)rnd(3), in[2];
    unsigned int lives = (unsigned int)rnd(6);
    s.lines = 1 + rnd(2000000 / (s.longest + 80));
    char const *argv[] = {"svlog", rnd(2) ? "-b" : "-q", "--", "n100000", size, NULL, NULL, NULL};
    char const **p = argv + 5;
    if (*kinds[kind])
        *p++ = kinds[kind];
    *p++ = dir;
    snprintf(size, sizeof size, "s%zu", cap);
    snprintf(description, sizeof description, "lines %lu up to %u, s%zu '%s' lives %u%s", s.lines,
             s.longest, cap, kinds[kind], lives, killing ? " kill" : "");
    empty_directory();
    if (pipe2(in, O_CLOEXEC) < 0)
        fail("pipe: %s", strerror(errno));
    pid_t w = fork();
    if (!w) {
        close(in[0]);
        writer(in[1], &s);
    }
    close(in[1]);
    unsigned int kills = live(svlog, in[0], argv, lives, killing);
    close(in[0]);
    int wstat;
    waitpid(w, &wstat, 0);
    if (wstat)
        fail("the writer ended with status %x", (unsigned int)wstat);
    check(&s, cap, kind == 1 ? 26 : 0, kills);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 100;
    time_t end = time(NULL) + atol(argv[4]);
    snprintf(dir, sizeof dir, "%s", argv[2]);
    seed = strtoul(argv[3], NULL, 10);
    /* the cases of a seed are always the same, whatever the moments are */
    do {
        state = (seed * 1000003 + number) * 0x9e3779b97f4a7c15u | 1;
        rnd(2);
        one(argv[1]);
        number++;
    } while (time(NULL) < end);
    printf("%lu cases\n", number);
    return 0;
}
