/* logutil-newfifo: makes a FIFO that a logger reads.

   logutil-newfifo [-m mode] [-o owner] FIFO

   FIFO appears with its mode (octal, 0600) and owner (a name of /etc/passwd, or UID:GID) as one
   step, in the place of an older FIFO, or of a file that somebody made by writing to it too early,
   which is warned about. Anything else is left alone.

   Exits 0; 1 the owner is unknown; 100 wrong usage, or FIFO is something else; 111 system call
   failed. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/owner.h>

#define USAGE      "logutil-newfifo [ -m mode ] [ -o owner ] fifo"
#define dieusage() strerr_dieusage(100, USAGE)

enum { PATH_BYTES = 4096, MODE = 0600, MODE_MAX = 0777 };

char const *PROG = "logutil-newfifo";

/* A name beside path that nobody looks at. */
static void temporary_name(char *buf, char const *path)
{
    char pid[PID_FMT];
    char const *slash = strrchr(path, '/');
    size_t dir = slash ? (size_t)(slash - path) + 1 : 0;
    size_t len = strlen(path);
    pid[pid_fmt(pid, getpid())] = 0;
    if (len + sizeof ".newfifo." + sizeof pid > PATH_BYTES)
        strerr_dief(100, "the name of the FIFO is too long");
    memcpy(buf, path, dir);
    strcpy(buf + dir, ".newfifo.");
    strcat(buf, pid);
}

static void check_old(char const *path)
{
    struct stat st;
    if (lstat(path, &st) < 0) {
        if (errno != ENOENT)
            strerr_diefu2sys(111, "look at ", path);
    } else if (S_ISREG(st.st_mode))
        strerr_warnw(path, " is a file, made by somebody who wrote to it too early: replacing it");
    else if (!S_ISFIFO(st.st_mode))
        strerr_dief(100, path, " is there and is no FIFO: left alone");
}

static void make(char const *path, unsigned int mode, char const *owner)
{
    char tmp[PATH_BYTES];
    char const *what = "make ";
    uid_t uid = 0;
    gid_t gid = 0;
    if (owner) {
        int r = owner_find(owner, &uid, &gid);
        if (r < 0)
            strerr_diefu1sys(111, "read " USERDB_PASSWD);
        if (!r)
            strerr_dief(1, "unknown owner: ", owner,
                        " (neither a user in " USERDB_PASSWD " nor UID:GID)");
    }
    temporary_name(tmp, path);
    check_old(path);
    unlink(tmp);
    umask(0);
    if (mkfifo(tmp, 0600) < 0)
        strerr_diefu2sys(111, "make ", path);
    if (owner && chown(tmp, uid, gid) < 0)
        what = "change the owner of ";
    else if (chmod(tmp, mode) < 0)
        what = "change the mode of ";
    else if (!rename(tmp, path))
        return;
    int e = errno;
    unlink(tmp);
    errno = e;
    strerr_diefu2sys(111, what, path);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    char const *owner = NULL;
    unsigned int mode = MODE;
    for (int opt; (opt = subgetopt_r(argc, argv, "m:o:", &l)) != -1;)
        switch (opt) {
        case 'm':
            if (!uint0_oscan(l.arg, &mode) || mode > MODE_MAX)
                strerr_dief(100, "not a mode, 0 to 777 in octal: ", l.arg);
            break;
        case 'o':
            owner = l.arg;
            break;
        default:
            dieusage();
        }
    if (argc - l.ind != 1 || !argv[l.ind][0])
        dieusage();
    make(argv[l.ind], mode, owner);
    return 0;
}
