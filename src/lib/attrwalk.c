#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/attrwalk.h>
#include <cairn/dents.h>

/* one directory on the way from the top of a tree to where the walk is */
struct level {
    dev_t dev;
    ino_t ino;
    size_t names; /* where the names of its subdirectories still to be visited begin */
    size_t path;  /* length of its path */
};

struct walk {
    struct attrwalk const *a;
    stralloc path;  /* of the directory we are in, NUL-terminated */
    stralloc names; /* of subdirectories still to be visited, NUL-terminated */
    struct level *levels;
    size_t depth;
    size_t levels_max;
    int links_known; /* links_protected has been asked for */
    int links_protected;
};

static int path_set(stralloc *path, size_t len, char const *name)
{
    path->len = len;
    if (name && ((len && path->s[len - 1] != '/' && !stralloc_catb(path, "/", 1)) ||
                 !stralloc_cats(path, name)))
        return 0;
    if (!stralloc_0(path))
        return 0;
    path->len--;
    return 1;
}

/* Reports errno for the directory we are in, or for name in it. */
static void fail(struct walk *w, char const *what, char const *name)
{
    int e = errno;
    size_t len = w->path.len;
    if (name)
        path_set(&w->path, len, name);
    w->a->failed(w->a->data, what, w->path.s, e);
    if (name)
        path_set(&w->path, len, NULL);
}

enum { LINK_MAX_BYTES = sizeof "/proc/self/fd/" + UINT_FMT };

/* The link in /proc that leads to what fd holds. */
static void held_link(char link[LINK_MAX_BYTES], int fd)
{
    memcpy(link, "/proc/self/fd/", 14);
    link[14 + uint_fmt(link + 14, (unsigned int)fd)] = 0;
}

/* Does the kernel let nobody make a second name for a file that is not theirs? Where it cannot be
   asked: no. */
static int links_are_protected(void)
{
    char c = '0';
    int fd = open("/proc/sys/fs/protected_hardlinks", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (read(fd, &c, 1) != 1)
        c = '0';
    close(fd);
    return c == '1';
}

/* Is fd (O_PATH), opened as dirfd/name, still that name's? What was opened stays bound to its name
   until that is removed or replaced, which the kernel tells by the link in /proc. Reading the
   directory takes its lock, so a rename that had begun is over then. Returns 1, 0, or -1 with
   errno. Where there is no /proc it is believed. */
static int has_name(int fd, int dirfd, char const *name)
{
    _Alignas(struct dent) char buf[512];
    char path[PATH_MAX];
    char link[LINK_MAX_BYTES];
    size_t n = strlen(name);
    if (dents_read(dirfd, buf, sizeof buf) < 0)
        return -1;
    held_link(link, fd);
    ssize_t len = readlink(link, path, sizeof path);
    if (len < 0)
        return errno == ENOENT ? 1 : -1;
    return (size_t)len > n && path[(size_t)len - n - 1] == '/' && !memcmp(path + len - n, name, n);
}

enum whose { OURS, STRANGE, GONE };

/* May what fd holds, dirfd/name, of the state st, be somebody's file elsewhere, to which a user
   without rights has given a second name in the tree? Not one that has the new owner already: that
   user could change it without us. With one name it is ours if that name is still this one.
   STRANGE sets errno. */
static enum whose whose(struct walk *w, int fd, int dirfd, char const *name, struct stat const *st)
{
    if (S_ISDIR(st->st_mode) || st->st_uid == w->a->uid)
        return OURS;
    if (!w->links_known) {
        w->links_protected = links_are_protected();
        w->links_known = 1;
    }
    if (w->links_protected)
        return OURS;
    if (st->st_nlink > 1) {
        errno = EMLINK;
        return STRANGE;
    }
    int r = has_name(fd, dirfd, name);
    return r < 0 ? STRANGE : r ? OURS : GONE;
}

/* What of an entry has to be changed, from what st says of it. */
struct change {
    uid_t uid;         /* (uid_t)-1: nothing */
    gid_t gid;         /* (gid_t)-1: nothing */
    unsigned int mode; /* ATTRWALK_UNCHANGED: nothing; applied after the owner */
};

static int is_owner(struct change const *c)
{
    return c->uid != (uid_t)-1 || c->gid != (gid_t)-1;
}

static struct change wanted(struct attrwalk const *a, struct stat const *st)
{
    unsigned int mode = S_ISDIR(st->st_mode) ? a->dmode : a->fmode;
    mode_t has = st->st_mode & 07777;
    struct change c = {.uid = a->uid == st->st_uid ? (uid_t)-1 : a->uid,
                       .gid = a->gid == st->st_gid ? (gid_t)-1 : a->gid,
                       .mode = mode};
    /* another owner clears set-id bits, but not all of them always: they are given anew */
    int is_certain = S_ISDIR(st->st_mode) || !is_owner(&c) || !(has & 06000);
    if ((mode == has && is_certain) || S_ISLNK(st->st_mode))
        c.mode = ATTRWALK_UNCHANGED;
    return c;
}

static int is_none(struct change const *c)
{
    return !is_owner(c) && c->mode == ATTRWALK_UNCHANGED;
}

/* The mode of what fd (O_PATH) holds, once dirfd/name, whose state is st. Takes fd. Without /proc
   the name is opened, if that has no effect, and must still be the same file. */
static int chmod_held(int fd, int dirfd, char const *name, struct stat const *st, mode_t mode)
{
    char link[LINK_MAX_BYTES];
    struct stat now;
    held_link(link, fd);
    int r = chmod(link, mode);
    int e = errno;
    close(fd);
    errno = e;
    if (!r || (errno != ENOENT && errno != ENOTDIR))
        return r;
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISFIFO(st->st_mode)) {
        errno = EOPNOTSUPP;
        return -1;
    }
    fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &now) < 0)
        r = -1;
    else if (now.st_dev != st->st_dev || now.st_ino != st->st_ino) {
        errno = ESTALE;
        r = -1;
    } else
        r = fchmod(fd, mode);
    e = errno;
    close(fd);
    errno = e;
    return r;
}

/* Gives dirfd/name, whose state was st, its owner and mode, if it does not have them. What is
   looked at and what is changed is one file, held by a descriptor: names may be swapped meanwhile.
 */
static void apply(struct walk *w, int dirfd, char const *name, struct stat const *st)
{
    static char const owner[] = "change the owner of";
    static char const mode[] = "change the mode of";
    struct stat held;
    struct change c = wanted(w->a, st);
    if (is_none(&c))
        return;
    char const *what = is_owner(&c) ? owner : mode;
    int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &held) < 0) {
        if (errno != ENOENT)
            fail(w, what, name);
        if (fd >= 0)
            close(fd);
        return;
    }
    c = wanted(w->a, &held);
    enum whose of = is_none(&c) ? OURS : whose(w, fd, dirfd, name, &held);
    if (of != OURS) {
        if (of == STRANGE)
            fail(w, what, name);
        close(fd);
        return;
    }
    /* first, because it clears the set-id bits */
    if (is_owner(&c) && fchownat(fd, "", c.uid, c.gid, AT_EMPTY_PATH) < 0)
        fail(w, owner, name);
    if (c.mode == ATTRWALK_UNCHANGED)
        close(fd);
    else if (chmod_held(fd, dirfd, name, &held, c.mode) < 0 && errno != ENOENT)
        fail(w, mode, name);
}

/* The same for the path of a line, which is whatever it leads to. */
static void apply_top(struct walk *w, char const *path, struct stat const *st)
{
    struct change c = wanted(w->a, st);
    if (is_owner(&c) && chown(path, c.uid, c.gid) < 0) {
        if (errno == ENOENT)
            return;
        fail(w, "change the owner of", NULL);
    }
    if (c.mode != ATTRWALK_UNCHANGED && chmod(path, c.mode) < 0 && errno != ENOENT)
        fail(w, "change the mode of", NULL);
}

/* Applies to all entries of the directory fd and keeps the names of its subdirectories. */
static void scan(struct walk *w, int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir) {
        fail(w, "read", NULL);
        if (copy >= 0)
            close(copy);
        return;
    }
    for (;;) {
        struct stat st;
        errno = 0;
        struct dirent const *e = readdir(dir);
        if (!e)
            break;
        char const *name = e->d_name;
        if (name[0] == '.' && (!w->a->hidden || !name[1] || (name[1] == '.' && !name[2])))
            continue;
        if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno != ENOENT)
                fail(w, "stat", name);
            continue;
        }
        apply(w, fd, name, &st);
        w->a->passed(w->a->data, w->path.s);
        if (S_ISDIR(st.st_mode) && !stralloc_catb(&w->names, name, strlen(name) + 1))
            fail(w, "descend into", name);
    }
    if (errno)
        fail(w, "read", NULL);
    closedir(dir);
}

static int enter(struct walk *w, struct stat const *st, size_t pathlen)
{
    if (w->depth == w->levels_max) {
        size_t max = w->levels_max ? 2 * w->levels_max : 32;
        struct level *levels = realloc(w->levels, max * sizeof *levels);
        if (!levels)
            return -1;
        w->levels = levels;
        w->levels_max = max;
    }
    w->levels[w->depth++] = (struct level){
        .dev = st->st_dev, .ino = st->st_ino, .names = w->names.len, .path = pathlen};
    return 0;
}

/* Is st one of the directories we are in? Only a mount inside itself can do that. */
static int is_loop(struct walk const *w, struct stat const *st)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->levels[i].dev == st->st_dev && w->levels[i].ino == st->st_ino)
            return 1;
    return 0;
}

/* Goes down into the subdirectory kept last. Returns the new descriptor, or fd if there is no way.
 */
static int descend(struct walk *w, int fd)
{
    struct stat st;
    struct level const *l = &w->levels[w->depth - 1];
    size_t start = w->names.len - 1;
    while (start > l->names && w->names.s[start - 1])
        start--;
    size_t pathlen = w->path.len;
    char const *name = w->names.s + start;
    int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (sub < 0) {
        if (errno != ENOENT)
            fail(w, "open directory", name);
    } else if (fstat(sub, &st) < 0 || (is_loop(w, &st) && (errno = ELOOP)) ||
               !path_set(&w->path, pathlen, name)) {
        fail(w, "descend into", name);
        close(sub);
        sub = -1;
    }
    w->names.len = start;
    if (sub >= 0 && enter(w, &st, pathlen) < 0) {
        fail(w, "descend into", NULL);
        path_set(&w->path, pathlen, NULL);
        close(sub);
        sub = -1;
    }
    if (sub < 0)
        return fd;
    close(fd);
    scan(w, sub);
    return sub;
}

/* Goes back up. Returns the descriptor of the parent, or -1 if it is not where we came from. */
static int ascend(struct walk *w, int fd)
{
    struct stat st;
    struct level const *up = &w->levels[w->depth - 2];
    int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0 && (fstat(parent, &st) < 0 || st.st_dev != up->dev || st.st_ino != up->ino)) {
        close(parent);
        parent = -1;
        errno = ESTALE;
    }
    if (parent < 0)
        fail(w, "find the way back from", NULL);
    path_set(&w->path, w->levels[--w->depth].path, NULL);
    close(fd);
    return parent;
}

/* Everything below the directory that w->path names, one descriptor at a time however deep it is.
 */
static void walk(struct walk *w)
{
    struct stat st;
    int fd = open(w->path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || enter(w, &st, w->path.len) < 0) {
        fail(w, "open directory", NULL);
        if (fd >= 0)
            close(fd);
        return;
    }
    scan(w, fd);
    while (fd >= 0) {
        if (w->names.len > w->levels[w->depth - 1].names)
            fd = descend(w, fd);
        else if (w->depth > 1)
            fd = ascend(w, fd);
        else
            break;
    }
    if (fd >= 0)
        close(fd);
    w->depth = 0;
    w->names.len = 0;
}

void attrwalk(struct attrwalk const *a, char const *path)
{
    struct walk w = {.a = a};
    struct stat st;
    if (!path_set(&w.path, 0, path))
        a->failed(a->data, "walk through", path, errno);
    else if (stat(path, &st) < 0)
        fail(&w, "stat", NULL);
    else {
        apply_top(&w, path, &st);
        a->passed(a->data, path);
        if (a->recurse && S_ISDIR(st.st_mode))
            walk(&w);
    }
    stralloc_free(&w.path);
    stralloc_free(&w.names);
    free(w.levels);
}
