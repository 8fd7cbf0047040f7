/* contain: a container without an engine, for the tests: namespaces, mounts, chroot, limits.

   contain [-p FILE] [-S] [-U] [-o] [-r OPTIONS] [-t DIR]... [-n] [-d] [-u UID:GID] [-w DIR]
           ROOT COMMAND...

     -p FILE     writes COMMAND's process number, as seen from outside, to FILE

     -S          shares the pid namespace (COMMAND is not pid 1)

     -U          makes a user namespace in which the caller is root: then the rest needs no rights

     -o          read-only root

     -r OPTIONS  fresh tmpfs on /run, with these mount options: "mode=755", "noexec,mode=1777"

     -t DIR      fresh tmpfs, open to all, on DIR

     -n          no-new-privs

     -d          without any capability, also in the bounding set

     -u UID:GID  as this user, with no other group

     -w DIR      working directory, if it is there (else /)

   ROOT must have proc/ and what else is mounted on. Mount, IPC and UTS namespaces are always fresh,
   the host name is "container". Descriptors and environment are passed on. Exits as COMMAND, 128+N
   when it is killed by signal N, 111 when something cannot be made; if contain is killed, COMMAND
   is. */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAXTMPFS 8

static struct {
    char const *pidfile;
    char const *run;
    char const *tmpfs[MAXTMPFS];
    int ntmpfs;
    int share, user, readonly, nnp, drop;
    char const *ids;
    char const *workdir;
    char const *root;
} opt;

static void die(char const *what)
{
    fprintf(stderr, "contain: fatal: %s: %s\n", what, strerror(errno));
    _exit(111);
}

static void write_file(char const *path, char const *format, ...)
{
    va_list ap;
    FILE *f = fopen(path, "we");
    va_start(ap, format);
    if (!f || vfprintf(f, format, ap) < 0 || fclose(f))
        die(path);
    va_end(ap);
}

static void mount_in(char const *type, char const *dir, char const *options)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s", opt.root, dir);
    unsigned long flags = MS_NOSUID | MS_NODEV;
    char const *o = options;
    if (!strncmp(o, "noexec,", 7)) {
        flags |= MS_NOEXEC;
        o += 7;
    }
    if (mount(type, path, type, flags, o) == -1)
        die(path);
}

static void mounts(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
        die("make mounts private");
    if (mount(opt.root, opt.root, NULL, MS_BIND | MS_REC, NULL) == -1)
        die(opt.root);
    mount_in("proc", "/proc", "");
    if (opt.run)
        mount_in("tmpfs", "/run", opt.run);
    for (int i = 0; i < opt.ntmpfs; i++)
        mount_in("tmpfs", opt.tmpfs[i], "mode=1777");
    if (opt.readonly && mount(NULL, opt.root, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == -1)
        die("make root read-only");
}

static void become(void)
{
    if (opt.nnp && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        die("no-new-privs");
    for (unsigned long c = 0; opt.drop && c < 64; c++)
        prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* fails behind the last one */
    if (opt.ids) {
        char *end;
        unsigned long uid = strtoul(opt.ids, &end, 10);
        unsigned long gid = *end == ':' ? strtoul(end + 1, NULL, 10) : 0;
        if (setgroups(0, NULL) == -1 || setgid((gid_t)gid) == -1 || setuid((uid_t)uid) == -1)
            die("change user");
    }
    /* what uid 0 still holds goes with the exec: its bounding set is empty */
}

static int inside(char **argv, int go)
{
    char c;
    if (read(go, &c, 1) != 1)
        _exit(111);
    close(go);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    mounts();
    if (sethostname("container", 9) == -1)
        die("set the host name");
    if (chroot(opt.root) == -1 || chdir("/") == -1)
        die(opt.root);
    if (opt.workdir && chdir(opt.workdir) == -1 && errno != ENOENT)
        die(opt.workdir);
    become();
    execvp(argv[0], argv);
    die(argv[0]);
    return 111;
}

static void map_user(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/setgroups", (int)pid);
    write_file(path, "deny");
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)pid);
    write_file(path, "0 %u 1", (unsigned int)getuid());
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)pid);
    write_file(path, "0 %u 1", (unsigned int)getgid());
}

static int options(int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "+p:SUor:t:ndu:w:")) != -1)
        switch (c) {
        case 'p':
            opt.pidfile = optarg;
            break;
        case 'S':
            opt.share = 1;
            break;
        case 'U':
            opt.user = 1;
            break;
        case 'o':
            opt.readonly = 1;
            break;
        case 'r':
            opt.run = optarg;
            break;
        case 't':
            if (opt.ntmpfs == MAXTMPFS)
                return -1;
            opt.tmpfs[opt.ntmpfs++] = optarg;
            break;
        case 'n':
            opt.nnp = 1;
            break;
        case 'd':
            opt.drop = 1;
            break;
        case 'u':
            opt.ids = optarg;
            break;
        case 'w':
            opt.workdir = optarg;
            break;
        default:
            return -1;
        }
    return argc - optind < 2 ? -1 : optind;
}

int main(int argc, char **argv)
{
    int first = options(argc, argv);
    if (first == -1) {
        fputs("contain: usage: contain [-p file] [-S] [-U] [-o] [-r options] [-t dir] [-n] [-d] "
              "[-u uid:gid] [-w dir] root command...\n",
              stderr);
        return 100;
    }
    opt.root = argv[first];
    int go[2];
    if (pipe2(go, O_CLOEXEC) == -1)
        die("pipe");
    unsigned long flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
    flags |= (opt.share ? 0 : CLONE_NEWPID) | (opt.user ? CLONE_NEWUSER : 0);
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    if (pid == -1)
        die("make namespaces");
    if (!pid) {
        close(go[1]);
        return inside(argv + first + 1, go[0]);
    }
    if (opt.user)
        map_user(pid);
    if (opt.pidfile)
        write_file(opt.pidfile, "%d\n", (int)pid);
    if (write(go[1], "", 1) != 1)
        die("pipe");
    int wstat;
    while (waitpid(pid, &wstat, 0) == -1)
        if (errno != EINTR)
            die("waitpid");
    return WIFSIGNALED(wstat) ? 128 + WTERMSIG(wstat) : WEXITSTATUS(wstat);
}
