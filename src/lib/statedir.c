#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/rmtree.h>
#include <cairn/haltcode.h>
#include <cairn/statedir.h>

enum { CANDIDATES = 4 };

/* what a boot leaves in its state directory */
static char const *const left[] = {"services",      "container_environment",
                                   "etc",           "env-stage1",
                                   "env-stage2",    "env-stage3",
                                   "basedir",       HALTCODE_FILE,
                                   "boot-timeline", STATEDIR_BOOTING};

static int put(char *buf, size_t size, char const *a, char const *b)
{
    size_t alen = strlen(a);
    size_t blen = strlen(b);
    if (alen + blen >= size)
        return 0;
    memcpy(buf, a, alen);
    memcpy(buf + alen, b, blen + 1);
    return 1;
}

/* Writes candidate i to buf. Returns 0 if there is no such candidate here. */
static int candidate(char *buf, size_t size, unsigned int i)
{
    char uid[UINT_FMT];
    char const *forced = getenv(STATEDIR_VARIABLE);
    if (forced && forced[0] == '/')
        return !i && put(buf, size, forced, "");
    uid[uint_fmt(uid, (unsigned int)geteuid())] = 0;
    switch (i) {
    case 0:
        return put(buf, size, STATEDIR_PUBLIC, "");
    case 1: {
        char const *xdg = getenv("XDG_RUNTIME_DIR");
        return xdg && xdg[0] == '/' && put(buf, size, xdg, "/cairn");
    }
    case 2:
        return put(buf, size, "/tmp/cairn-", uid);
    default:
        return put(buf, size, "/dev/shm/cairn-", uid);
    }
}

/* Public and forced directories are trusted as they are; the others lie where anybody may write. */
static int is_private(unsigned int i)
{
    return i > 0;
}

/* Is there a boot in the directory? 0 no, 1 one that is over: nobody holds its control FIFO, which
   init does for all of its life; 2 one that lives, as far as can be seen. */
static int boot_in(int dirfd)
{
    struct stat st;
    if (fstatat(dirfd, "container_environment", &st, 0) < 0 &&
        fstatat(dirfd, "services", &st, 0) < 0)
        return 0;
    int fd = openat(dirfd, "services/.s6-svscan/control", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENXIO ? 1 : 2;
    close(fd);
    return 2;
}

int statedir_is_over(char const *path)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int r = boot_in(fd) == 1;
    close(fd);
    return r;
}

static int boot_at(char const *path, unsigned int i)
{
    struct stat st;
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | (is_private(i) ? O_NOFOLLOW : 0));
    if (fd < 0)
        return 0;
    int r = 0;
    if (!is_private(i) || (!fstat(fd, &st) && (st.st_uid == geteuid() || !st.st_uid)))
        r = boot_in(fd);
    close(fd);
    return r;
}

char *statedir_find(char *buf, size_t size)
{
    unsigned int over = CANDIDATES; /* the first with a boot that is over */
    for (unsigned int i = 0; i < CANDIDATES; i++) {
        int boot = candidate(buf, size, i) ? boot_at(buf, i) : 0;
        if (boot == 2)
            return buf;
        if (boot && over == CANDIDATES)
            over = i;
    }
    if (over < CANDIDATES && candidate(buf, size, over))
        return buf;
    errno = ENOENT;
    return NULL;
}

/* Does an init, or the svscan of an earlier boot, still live there? Then the directory is not ours,
   whoever owns it. */
static int is_live(int dirfd)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int fd = openat(dirfd, "services/.s6-svscan/control", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        struct stat st;
        int is_fifo = !fstat(fd, &st) && S_ISFIFO(st.st_mode);
        close(fd);
        if (is_fifo)
            return 1;
    }
    fd = openat(dirfd, "services/.s6-svscan/lock", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int live = !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK;
    close(fd);
    return live;
}

/* Removes what an earlier boot left. In a sticky directory another user's entries cannot be: then
   the directory is of no use to us. */
static int clean(int dirfd)
{
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (rmtree_at(dirfd, left[i]) < 0)
            return -1;
    return 0;
}

/* Takes the existing directory path for us, or fails with errno. */
static int adopt(char const *path, int private)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (private ? O_NOFOLLOW : 0));
    if (fd < 0)
        return -1;
    int r = -1;
    if (fstat(fd, &st) < 0)
        goto out;
    if (private && (st.st_uid != geteuid() || (st.st_mode & 077))) {
        errno = EPERM;
        goto out;
    }
    if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
        goto out;
    if (is_live(fd)) {
        errno = EBUSY;
        goto out;
    }
    r = clean(fd);
    /* the image's is open to all, so that any user can be who boots; it is ours now. A file system
       that refuses is no reason not to boot. */
    if (!r && !strcmp(path, STATEDIR_PUBLIC) && st.st_uid == geteuid() && (st.st_mode & 022))
        (void)fchmod(fd, st.st_mode & 0755);
out:;
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

static int make(char const *path, int private)
{
    mode_t mode = private ? 0700 : 0755;
    int r = mkdir(path, mode);
    if (r < 0 && errno == ENOENT && !private) {
        /* a root file system of a single program has no /run either */
        char parent[STATEDIR_MAX];
        char const *slash = strrchr(path, '/');
        if (slash > path && (size_t)(slash - path) < sizeof parent) {
            memcpy(parent, path, slash - path);
            parent[slash - path] = 0;
            if (!mkdir(parent, 0755))
                r = mkdir(path, mode);
            else
                errno = ENOENT;
        }
    }
    if (!r) /* whatever the umask: services of other users read the environment */
        return chmod(path, mode);
    return errno == EEXIST ? adopt(path, private) : -1;
}

char *statedir_make(char *buf, size_t size, char const **tried)
{
    static char names[CANDIDATES * (STATEDIR_MAX + 2)];
    int first = 0;
    size_t n = 0;
    for (unsigned int i = 0; i < CANDIDATES; i++) {
        if (!candidate(buf, size < STATEDIR_MAX ? size : STATEDIR_MAX, i))
            continue;
        if (!make(buf, is_private(i)))
            return buf;
        if (!first)
            first = errno;
        size_t len = strlen(buf);
        if (n) {
            names[n++] = ',';
            names[n++] = ' ';
        }
        memcpy(names + n, buf, len);
        n += len;
    }
    names[n] = 0;
    *tried = names;
    errno = first ? first : ENAMETOOLONG;
    return NULL;
}

/* If path is prefix or lies below it, returns what follows the prefix, else NULL. */
static char const *below(char const *path, char const *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(path, prefix, len) || (path[len] && path[len] != '/'))
        return NULL;
    return path + len;
}

char const *statedir_map(char const *path, char *buf, size_t size)
{
    char dir[STATEDIR_MAX];
    struct stat st;
    char const *rest = below(path, STATEDIR_PUBLIC);
    char const *sub = "";
    if (!rest)
        rest = below(path, "/var" STATEDIR_PUBLIC);
    if (!rest) {
        rest = below(path, "/run/service");
        sub = "/services";
    }
    if (!rest || !statedir_find(dir, sizeof dir))
        return path;
    /* told where our state is, we do not touch that of the container around us */
    int is_elsewhere = getenv(STATEDIR_VARIABLE) && strcmp(dir, STATEDIR_PUBLIC);
    if (!is_elsewhere && !lstat(path, &st) && boot_at(STATEDIR_PUBLIC, 0) != 1)
        return path;
    size_t dirlen = strlen(dir);
    if (dirlen >= size)
        return path;
    memcpy(buf, dir, dirlen);
    return put(buf + dirlen, size - dirlen, sub, rest) ? buf : path;
}
