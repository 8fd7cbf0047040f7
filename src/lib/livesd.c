#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include <cairn/livesd.h>
#include <cairn/logprefix.h>
#include <cairn/rmtree.h>
#include <cairn/script.h>
#include <cairn/servicedir.h>

enum {
    DEPTH = 32, /* directories in directories; deeper is a loop or a mistake */
    BLOCK = 16384,
    PATH_BYTES = 1024,
    FIRSTLINE = 256 /* what the kernel reads of a script */
};

struct copy {
    char path[PATH_BYTES]; /* of the file being copied */
    size_t len;
    unsigned int depth;
    unsigned int kept : 1;  /* in supervise or event: what is there may be in use */
    unsigned int clone : 1; /* run and finish are copied too */
    enum downfile down;     /* DOWNFILE_USER: what the source has */
    char const *temporary;  /* a dot-name: svscan skips it */
    char const *logger;     /* log/run where there is none, or NULL */
};

static int enter(struct copy *c, char const *name)
{
    size_t n = strlen(name);
    if (c->len + n + 2 > sizeof c->path || c->depth >= DEPTH) {
        errno = ENAMETOOLONG;
        return -1;
    }
    c->path[c->len] = '/';
    memcpy(c->path + c->len + 1, name, n + 1);
    c->len += n + 1;
    return 0;
}

static void leave(struct copy *c, size_t len)
{
    c->len = len;
    c->path[len] = 0;
}

/* Owner first: changing it clears set-id bits. Without privilege the copy is ours, as cp does it.
 */
static int set_attributes(int fd, struct stat const *from)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -1;
    if ((st.st_uid != from->st_uid || st.st_gid != from->st_gid) &&
        fchown(fd, from->st_uid, from->st_gid) < 0 && errno != EPERM && errno != EINVAL)
        return -1;
    if (fstat(fd, &st) < 0)
        return -1;
    return (st.st_mode & 07777) == (from->st_mode & 07777) ? 0 : fchmod(fd, from->st_mode & 07777);
}

/* Whoever owns it may write to it, also if it was read-only in the image: supervise has to make
   event and supervise in it, and the next boot to remove it, without the rights of root. */
static int set_directory(int fd, struct stat const *from)
{
    struct stat st = *from;
    st.st_mode |= S_IRWXU;
    return set_attributes(fd, &st);
}

static int copy_file(int from, int to)
{
    char buf[BLOCK];
    for (;;) {
        ssize_t r = fd_read(from, buf, sizeof buf);
        if (r <= 0)
            return (int)r;
        if (allwrite(to, buf, (size_t)r) < (size_t)r)
            return -1;
    }
}

static int close_all(int from, int to, int r)
{
    int e = errno;
    close(from);
    if (to >= 0)
        close(to);
    errno = e;
    return r;
}

static int copy_regular(int sfd, int dfd, char const *name, struct stat const *st)
{
    int from = openat(sfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0)
        return -1;
    int to = openat(dfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return close_all(from, -1, -1);
    int r = copy_file(from, to);
    if (!r)
        r = set_attributes(to, st);
    return close_all(from, to, r);
}

static int copy_fifo(int dfd, char const *name, struct stat const *st)
{
    if (mkfifoat(dfd, name, 0600) < 0)
        return -1;
    /* its own reader: opening cannot block, and the descriptor has the attributes set */
    int fd = openat(dfd, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    return close_all(fd, -1, set_attributes(fd, st));
}

static int copy_link(int sfd, int dfd, char const *name)
{
    char target[PATH_BYTES];
    ssize_t r = readlinkat(sfd, name, target, sizeof target - 1);
    if (r < 0)
        return -1;
    target[r] = 0;
    return symlinkat(target, dfd, name);
}

static int is_script(struct copy const *c, char const *name, int in_log)
{
    return !c->clone && (c->depth == 1 || (c->depth == 2 && in_log)) &&
           (!strcmp(name, "run") || !strcmp(name, "finish"));
}

static int copy_dir(struct copy *c, int sfd, int dfd, int in_log);

static int copy_subdir(struct copy *c, int sfd, int dfd, char const *name, struct stat const *st)
{
    int to = -1;
    int from = openat(sfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0)
        return -1;
    if (mkdirat(dfd, name, 0700) < 0 && errno != EEXIST)
        return close_all(from, -1, -1);
    to = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (to < 0)
        return close_all(from, -1, -1);
    int kept = c->kept;
    c->kept |= !strcmp(name, "supervise") || !strcmp(name, "event");
    int r = copy_dir(c, from, to, c->depth == 1 && !strcmp(name, "log"));
    c->kept = !!kept;
    if (!r)
        r = set_directory(to, st);
    return close_all(from, to, r);
}

static int copy_entry(struct copy *c, int sfd, int dfd, char const *name, int in_log)
{
    struct stat st;
    if (c->depth == 1 && c->down != DOWNFILE_USER && !strcmp(name, SERVICEDIR_DOWN))
        return 0;
    if (is_script(c, name, in_log)) {
        if (unlinkat(dfd, name, 0) < 0 && errno != ENOENT)
            return -1;
        return symlinkat(c->path, dfd, name);
    }
    if (fstatat(sfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISDIR(st.st_mode))
        return copy_subdir(c, sfd, dfd, name, &st);
    if (c->kept && !faccessat(dfd, name, F_OK, 0))
        return 0;
    if (unlinkat(dfd, name, 0) < 0 && errno != ENOENT)
        return -1;
    if (S_ISREG(st.st_mode))
        return copy_regular(sfd, dfd, name, &st);
    if (S_ISFIFO(st.st_mode))
        return copy_fifo(dfd, name, &st);
    if (S_ISLNK(st.st_mode))
        return copy_link(sfd, dfd, name);
    /* sockets are dead without their owner, devices have no business here */
    return 0;
}

static int copy_dir(struct copy *c, int sfd, int dfd, int in_log)
{
    int r = 0;
    int fd = dup(sfd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return fd < 0 ? -1 : close_all(fd, -1, -1);
    c->depth++;
    while (!r) {
        size_t len = c->len;
        errno = 0;
        struct dirent const *d = readdir(dir);
        if (!d) {
            r = errno ? -1 : 0;
            break;
        }
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
            continue;
        r = enter(c, d->d_name);
        if (!r)
            r = copy_entry(c, sfd, dfd, d->d_name, in_log);
        if (!r)
            leave(c, len);
    }
    c->depth--;
    int e = errno;
    closedir(dir);
    errno = e;
    return r;
}

/* Where the copy goes: into the existing directory, or into a temporary one. Returns its
 * descriptor. */
static int open_target(struct copy const *c, int dirfd, char const *name, int *fresh)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *fresh = fd < 0;
    if (fd >= 0 || errno != ENOENT)
        return fd;
    if (rmtree_at(dirfd, c->temporary) < 0 || mkdirat(dirfd, c->temporary, 0700) < 0)
        return -1;
    return openat(dirfd, c->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int copy(struct copy *c, char const *source, int dirfd, char const *name, char *culprit,
                size_t size)
{
    struct stat st;
    int fresh;
    int r = -1;
    int to = -1;
    c->len = strlen(source);
    int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || c->len >= sizeof c->path) {
        c->len = 0;
        goto out;
    }
    memcpy(c->path, source, c->len + 1);
    to = open_target(c, dirfd, name, &fresh);
    if (to < 0 || fstat(from, &st) < 0)
        goto out;
    if (copy_dir(c, from, to, 0) < 0)
        goto out;
    if (c->down != DOWNFILE_USER && !(fresh && c->down == DOWNFILE_NONE) &&
        downfile_write(to, c->down) < 0) {
        enter(c, SERVICEDIR_DOWN);
        goto out;
    }
    if (c->logger && logprefix_give(to, c->logger) < 0) {
        enter(c, "log");
        goto out;
    }
    if (set_directory(to, &st) < 0)
        goto out;
    r = fresh ? renameat(dirfd, c->temporary, dirfd, name) : 0;
out:;
    int e = errno;
    if (r < 0) {
        char const *what = c->len ? c->path : source;
        size_t n = strlen(what);
        if (n >= size)
            n = size - 1;
        memcpy(culprit, what, n);
        culprit[n] = 0;
        rmtree_at(dirfd, c->temporary);
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    errno = e;
    return r;
}

int livesd_copy(char const *source, int dirfd, char const *name, enum downfile down, char *culprit,
                size_t size)
{
    struct copy c = {.temporary = ".services-up", .down = down};
    return copy(&c, source, dirfd, name, culprit, size);
}

int livesd_clone(char const *source, int dirfd, char const *name, char *culprit, size_t size)
{
    char temporary[NAME_MAX + 2] = ".";
    struct copy c = {.clone = 1, .temporary = temporary, .down = DOWNFILE_USER};
    size_t len = strlen(name);
    culprit[0] = 0;
    if (len >= NAME_MAX)
        return errno = ENAMETOOLONG, -1;
    if (!faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW))
        return errno = EEXIST, -1;
    memcpy(temporary + 1, name, len + 1);
    return copy(&c, source, dirfd, name, culprit, size);
}

int livesd_copy_logged(char const *source, int dirfd, char const *name, enum downfile down,
                       char const *logger, char *culprit, size_t size)
{
    struct copy c = {.temporary = ".services-up", .down = down, .logger = logger};
    return copy(&c, source, dirfd, name, culprit, size);
}

/* --- startable --- */

static int check_interpreter(char *line)
{
    struct stat st;
    char *p = line + 2 + strspn(line + 2, " \t");
    p[strcspn(p, " \t\n")] = 0; /* a carriage return is part of the name, as for the kernel */
    if (!*p)
        return ENOEXEC;
    if (stat(p, &st) < 0)
        return errno;
    return S_ISREG(st.st_mode) && !access(p, X_OK) ? 0 : EACCES;
}

/* As supervise has it. */
static int misfits(int dirfd, char const *name, uint32_t *n)
{
    struct rlimit rl;
    *n = 0;
    return servicedir_uint(dirfd, name, n) > 0 &&
           (!*n || *n > INT32_MAX || (!getrlimit(RLIMIT_NOFILE, &rl) && *n >= rl.rlim_cur));
}

char const *livesd_misfit(int dirfd)
{
    uint32_t notify, lock;
    if (misfits(dirfd, SERVICEDIR_NOTIFICATION_FD, &notify))
        return SERVICEDIR_NOTIFICATION_FD;
    if (misfits(dirfd, SERVICEDIR_LOCK_FD, &lock) || (lock && lock == notify))
        return SERVICEDIR_LOCK_FD;
    return NULL;
}

static int loader_is_missing(int dirfd, char const *file)
{
    char loader[256];
    int fd = openat(dirfd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int r = script_loader(loader, sizeof loader, fd) && access(loader, F_OK) < 0 && errno == ENOENT;
    close(fd);
    return r;
}

int livesd_startable(int dirfd, char const *file)
{
    char line[FIRSTLINE + 1];
    struct stat st;
    struct statvfs fs;
    if (fstatat(dirfd, file, &st, 0) < 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    int fd = openat(dirfd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int executable = !faccessat(dirfd, file, X_OK, AT_EACCESS);
    if (fd < 0) /* a binary may be executable and secret; a script may not */
        return executable ? 0 : EACCES;
    ssize_t r = fd_read(fd, line, FIRSTLINE);
    int noexec = !fstatvfs(fd, &fs) && (fs.f_flag & ST_NOEXEC);
    close(fd);
    if (r < 0)
        return errno;
    line[r] = 0;
    if (r >= 2 && line[0] == '#' && line[1] == '!')
        return check_interpreter(line);
    if (r >= SELFMAG && !memcmp(line, ELFMAG, SELFMAG))
        return !executable || noexec ? EACCES : loader_is_missing(dirfd, file) ? ENOENT : 0;
    return executable ? ENOEXEC : EACCES;
}
