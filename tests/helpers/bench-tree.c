/* bench-tree: starts a supervision tree whose services are pausers (pauser.c) and measures it.

   bench-tree up COUNT SUPERVISOR...             microseconds until all COUNT run, and the CPU time
   of the whole tree bench-tree idle COUNT SECONDS SUPERVISOR...   after SECONDS of quiet: private
   kB of the top process, private kB of one of its children (mean), kB of kernel memory per service,
   wake-ups of top process and children while it was quiet bench-tree restart COUNT SUPERVISOR...
   median microseconds from TERM to a service until its successor runs bench-tree act COUNT N
   CONTROL... ++ SUPERVISOR... CPU microseconds of the top process for one CONTROL (mean of N)
   bench-tree bare COUNT PROGRAM                 a "supervisor" that only starts PROGRAM COUNT times

   The services report their pid on descriptor 9, which supervisors pass on. CPU time is the
   kernel's own nanosecond count of each process (/proc/PID/schedstat). It ends what it started:
   whatever is left becomes its child, as a subreaper, and is killed. */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>

#include "bench.h"

#define REPORT_FD  9
#define TIMEOUT_MS 20000
#define MAXPIDS    32768 /* the table below is indexed by order of appearance, not by pid */

struct proc {
    pid_t pid;
    pid_t ppid;
    int mine;
};

static struct proc table[MAXPIDS];
static size_t ntable;
static int report; /* read end of the services' reports */
static pid_t top;

/* ---- /proc */

static size_t proc_read(char *buf, size_t size, pid_t pid, char const *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd == -1 ? 0 : read(fd, buf, size - 1);
    if (fd != -1)
        close(fd);
    buf[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

/* state letter and parent; the command name may hold anything, so look behind its last parenthesis
 */
static char proc_state(pid_t pid, pid_t *ppid)
{
    char buf[1024];
    char state = 'X';
    int parent = 0;
    proc_read(buf, sizeof buf, pid, "stat");
    char *p = strrchr(buf, ')');
    if (p)
        sscanf(p + 1, " %c %d", &state, &parent);
    if (ppid)
        *ppid = parent;
    return state;
}

static int64_t proc_cpu(pid_t pid)
{
    char buf[128];
    proc_read(buf, sizeof buf, pid, "schedstat");
    return strtoll(buf, NULL, 10);
}

/* the number behind KEY in a file of "Key:   number" lines, 0 if it is not there */
static long field(char const *text, char const *key)
{
    char const *p = strstr(text, key);
    return p ? strtol(p + strlen(key), NULL, 10) : 0;
}

static long proc_private(pid_t pid)
{
    char buf[4096];
    proc_read(buf, sizeof buf, pid, "smaps_rollup");
    return field(buf, "Private_Dirty:");
}

static long proc_switches(pid_t pid)
{
    char buf[4096];
    proc_read(buf, sizeof buf, pid, "status");
    return field(buf, "\nvoluntary_ctxt_switches:");
}

static long kernel_memory(void)
{
    static char buf[8192];
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    buf[n > 0 ? n : 0] = 0;
    return field(buf, "\nSlab:") + field(buf, "\nPageTables:") + field(buf, "\nKernelStack:") +
           field(buf, "\nShmem:");
}

static int by_pid(void const *a, void const *b)
{
    return ((struct proc const *)a)->pid - ((struct proc const *)b)->pid;
}

/* fills the table with the descendants of the process root */
static void descendants(pid_t root)
{
    DIR *d = opendir("/proc");
    if (!d)
        bench_die("/proc");
    size_t n = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (isdigit((unsigned char)e->d_name[0]) && n < MAXPIDS) {
            table[n].pid = atoi(e->d_name);
            proc_state(table[n].pid, &table[n].ppid);
            table[n].mine = table[n].ppid == root;
            n++;
        }
    closedir(d);
    qsort(table, n, sizeof *table, by_pid);
    for (int more = 1; more;) {
        more = 0;
        for (size_t i = 0; i < n; i++) {
            struct proc key = {.pid = table[i].ppid};
            struct proc *parent = bsearch(&key, table, n, sizeof *table, by_pid);
            if (!table[i].mine && parent && parent->mine)
                table[i].mine = more = 1;
        }
    }
    ntable = 0;
    for (size_t i = 0; i < n; i++)
        if (table[i].mine)
            table[ntable++] = table[i];
}

/* ---- the tree */

static void tree_start(char **argv)
{
    int p[2];
    if (pipe(p) == -1)
        bench_die("pipe");
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, p[1], REPORT_FD);
    posix_spawn_file_actions_addclose(&fa, p[0]);
    posix_spawn_file_actions_addclose(&fa, p[1]);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    top = bench_spawn(argv, &fa, &attr);
    close(p[1]);
    report = p[0];
}

/* never waits for what it has not killed: a supervisor may start a process behind the list's back
 */
static void tree_stop(void)
{
    kill(top, SIGKILL);
    for (;;) {
        pid_t r;
        descendants(getpid());
        for (size_t i = 0; i < ntable; i++)
            kill(table[i].pid, SIGKILL);
        while ((r = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (r == -1 && errno == ECHILD)
            return;
        bench_sleep_ms(5);
    }
}

/* the pid of the next service that reports; ends the program when none does in time */
static pid_t tree_report(void)
{
    struct pollfd x = {.fd = report, .events = POLLIN};
    pid_t pid;
    if (poll(&x, 1, TIMEOUT_MS) != 1 || read(report, &pid, sizeof pid) != sizeof pid) {
        fputs("bench-tree: fatal: a service did not start in time\n", stderr);
        tree_stop();
        exit(99);
    }
    return pid;
}

static pid_t *tree_wait(size_t count)
{
    pid_t *pid = calloc(count ? count : 1, sizeof *pid);
    if (!pid)
        bench_die("calloc");
    for (size_t i = 0; i < count; i++)
        pid[i] = tree_report();
    return pid;
}

/* waits until the process sleeps and its CPU time stands still */
static int64_t settle(pid_t pid)
{
    int64_t last = -1;
    for (int tries = 0; tries < 500; tries++) {
        int64_t now = proc_cpu(pid);
        if (now == last && proc_state(pid, NULL) == 'S')
            return now;
        last = now;
        bench_sleep_ms(20);
    }
    return last;
}

/* ---- the measures */

static void do_up(size_t count, char **argv)
{
    int64_t start = bench_now();
    tree_start(argv);
    tree_wait(count);
    int64_t wall = bench_now() - start;
    settle(top);
    bench_sleep_ms(200);
    int64_t cpu = 0;
    descendants(getpid());
    for (size_t i = 0; i < ntable; i++)
        cpu += proc_cpu(table[i].pid);
    printf("%.1f %.1f\n", (double)wall / 1e3, (double)cpu / 1e3);
}

static void do_idle(size_t count, long seconds, char **argv)
{
    long before = kernel_memory();
    tree_start(argv);
    tree_wait(count);
    settle(top);
    bench_sleep_ms(500);
    long switches[2] = {0, 0};
    long private = 0;
    size_t children = 0;
    for (int k = 0; k < 2; k++) {
        descendants(top);
        switches[k] = proc_switches(top);
        for (size_t i = 0; i < ntable; i++)
            if (table[i].ppid == top)
                switches[k] += proc_switches(table[i].pid);
        if (!k)
            bench_sleep_ms(seconds * 1000);
    }
    long after = kernel_memory();
    for (size_t i = 0; i < ntable; i++)
        if (table[i].ppid == top) {
            private += proc_private(table[i].pid);
            children++;
        }
    printf("%ld %.1f %.1f %ld\n", proc_private(top),
           children ? (double)private / (double)children : 0.0,
           count ? (double)(after - before) / (double)count : 0.0, switches[1] - switches[0]);
}

static void do_restart(size_t count, char **argv)
{
    tree_start(argv);
    pid_t *pid = tree_wait(count);
    int64_t *t = calloc(count, sizeof *t);
    if (!t)
        bench_die("calloc");
    /* a service that announced readiness may be restarted at once only after its first second */
    bench_sleep_ms(1300);
    for (size_t i = 0; i < count; i++) {
        int64_t start = bench_now();
        kill(pid[i], SIGTERM);
        tree_report();
        t[i] = bench_now() - start;
    }
    printf("%.1f\n", (double)bench_median(t, count) / 1e3);
}

static void do_act(size_t count, long n, char **control, char **argv)
{
    tree_start(argv);
    tree_wait(count);
    bench_sleep_ms(300);
    int64_t before = settle(top);
    for (long i = 0; i < n; i++) {
        int wstat = 0;
        pid_t pid = bench_spawn(control, NULL, NULL);
        if (waitpid(pid, &wstat, 0) == -1 || wstat)
            bench_die(control[0]);
        settle(top);
    }
    printf("%.1f\n", (double)(settle(top) - before) / 1e3 / (double)n);
}

static _Noreturn void do_bare(size_t count, char **argv)
{
    posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
    for (size_t i = 0; i < count; i++)
        bench_spawn(argv, NULL, &attr);
    for (;;)
        pause();
}

static int usage(void)
{
    fputs("bench-tree: usage: bench-tree up|idle|restart|act|bare COUNT ...: see its source\n",
          stderr);
    return 100;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return usage();
    char const *mode = argv[1];
    size_t count = (size_t)atol(argv[2]);
    if (!strcmp(mode, "bare"))
        do_bare(count, argv + 3);
    if (!strcmp(mode, "up"))
        do_up(count, argv + 3);
    else if (!strcmp(mode, "restart") && count)
        do_restart(count, argv + 3);
    else if (!strcmp(mode, "idle") && argc > 4)
        do_idle(count, atol(argv[3]), argv + 4);
    else if (!strcmp(mode, "act") && argc > 4 && atol(argv[3]) > 0) {
        int i = 4;
        while (i < argc && strcmp(argv[i], "++"))
            i++;
        if (i >= argc - 1)
            return usage();
        argv[i] = NULL;
        do_act(count, atol(argv[3]), argv + 4, argv + i + 1);
    } else
        return usage();
    tree_stop();
    return 0;
}
