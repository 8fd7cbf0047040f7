/* bench-boot: boots an init in a fresh pid and mount namespace, again and again, and measures it.

   bench-boot N ROOT STARTS exit|term INIT...

   ROOT is where it is chrooted ("/" for none); fresh /proc and, unless ROOT is "/", fresh /run are
   mounted. The programs that INIT starts are stamps (stamp.c), STARTS of them. "exit": the last of
   them ends by itself. "term": as soon as all have started, TERM goes to INIT. Prints two medians
   in microseconds: from just before the exec of INIT until all have started, and from the end of
   the last of them until the container is gone. In "term" mode a third one, from the TERM until it
   is gone. INIT must exit 0. */

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "bench.h"

static int64_t *exec_time; /* shared with the child */

struct boot {
    int64_t start; /* the last "@start" */
    int64_t end;   /* the last "@end" */
    int64_t term;  /* when TERM was sent */
    int64_t gone;
};

static char text[1 << 16];
static size_t textlen;

static void child(char const *root, int out, char **argv)
{
    char path[512];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
        bench_die("mount --make-rprivate /");
    snprintf(path, sizeof path, "%s/proc", root[1] ? root : "");
    if (mount("proc", path, "proc", 0, NULL) == -1)
        bench_die(path);
    if (root[1]) {
        snprintf(path, sizeof path, "%s/run", root);
        if (mount("tmpfs", path, "tmpfs", 0, "mode=755") == -1)
            bench_die(path);
        if (chroot(root) == -1 || chdir("/") == -1)
            bench_die(root);
    }
    int null = open("/dev/null", O_RDWR);
    if (null == -1 || dup2(null, 0) == -1 || dup2(out, 1) == -1)
        bench_die("standard descriptors");
    if (null > 2)
        close(null);
    *exec_time = bench_now();
    execvp(argv[0], argv);
    bench_die(argv[0]);
}

/* the number of lines that begin with WORD; the largest number in them goes to *last */
static unsigned int stamps(char const *word, int64_t *last)
{
    unsigned int n = 0;
    text[textlen] = 0;
    for (char *p = text; (p = strstr(p, word)) && strchr(p, '\n'); p++) {
        int64_t t = strtoll(p + strlen(word), NULL, 10);
        if (t > *last)
            *last = t;
        n++;
    }
    return n;
}

static void boot(struct boot *b, char const *root, unsigned int starts, int term, char **argv)
{
    int p[2];
    *b = (struct boot){0};
    if (pipe2(p, O_CLOEXEC) == -1)
        bench_die("pipe");
    pid_t pid =
        (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == -1)
        bench_die("clone");
    if (!pid)
        child(root, p[1], argv);
    close(p[1]);
    textlen = 0;
    struct pollfd x = {.fd = p[0], .events = POLLIN};
    for (;;) {
        if (poll(&x, 1, 20000) != 1) {
            kill(pid, SIGKILL);
            text[textlen] = 0;
            fprintf(stderr, "bench-boot: fatal: %s hangs; it printed:\n%s", argv[0], text);
            exit(99);
        }
        ssize_t r = read(p[0], text + textlen, sizeof text - 1 - textlen);
        if (r <= 0)
            break;
        textlen += (size_t)r;
        if (term && !b->term && stamps("@start ", &b->start) >= starts) {
            b->term = bench_now();
            kill(pid, SIGTERM);
        }
    }
    int wstat;
    waitpid(pid, &wstat, 0);
    b->gone = bench_now();
    close(p[0]);
    if (stamps("@start ", &b->start) != starts || !stamps("@end ", &b->end) || wstat) {
        fprintf(stderr, "bench-boot: fatal: %s ended with wait status %d; it printed:\n%s", argv[0],
                wstat, text);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fputs("bench-boot: usage: bench-boot N ROOT STARTS exit|term INIT...\n", stderr);
        return 100;
    }
    size_t n = (size_t)atol(argv[1]);
    unsigned int starts = (unsigned int)atol(argv[3]);
    int term = !strcmp(argv[4], "term");
    exec_time =
        mmap(NULL, sizeof *exec_time, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int64_t *t = calloc(n * 3, sizeof *t);
    if (exec_time == MAP_FAILED || !t || !n)
        bench_die("memory");
    for (size_t i = 0; i < n; i++) {
        struct boot b;
        boot(&b, argv[2], starts, term, argv + 5);
        t[i] = b.start - *exec_time;
        t[n + i] = b.gone - b.end;
        t[2 * n + i] = b.gone - b.term;
    }
    for (int k = 0; k < (term ? 3 : 2); k++)
        printf("%s%.1f", k ? " " : "", (double)bench_median(t + (size_t)k * n, n) / 1e3);
    putchar('\n');
    return 0;
}
