#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include <cairn/attrwalk.h>

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

/* chmod that follows no link, for dirfd/name of this type. The C libraries make it from /proc, and
   where that is not mounted say ENOENT or EOPNOTSUPP; then what can be opened without effect is. */
static int chmod_at(int dirfd, char const *name, mode_t mode, mode_t type)
{
    if (!fchmodat(dirfd, name, mode, AT_SYMLINK_NOFOLLOW))
        return 0;
    if ((errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL && errno != ENOENT) ||
        (!S_ISREG(type) && !S_ISDIR(type) && !S_ISFIFO(type)))
        return -1;
    int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int r = fchmod(fd, mode);
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

/* Gives dirfd/name, whose state is st, its owner and mode, if it does not have them. flags: 0 to
   follow a link (only the top of a tree), else AT_SYMLINK_NOFOLLOW. told is its name in messages.
 */
static void apply(struct walk *w, int dirfd, char const *name, int flags, struct stat const *st,
                  char const *told)
{
    unsigned int mode = S_ISDIR(st->st_mode) ? w->a->dmode : w->a->fmode;
    mode_t has = st->st_mode & 07777;
    int new_uid = w->a->uid != (uid_t)-1 && w->a->uid != st->st_uid;
    int new_gid = w->a->gid != (gid_t)-1 && w->a->gid != st->st_gid;
    if (new_uid || new_gid) {
        /* first, because it clears the set-id bits */
        if (fchownat(dirfd, name, new_uid ? w->a->uid : (uid_t)-1, new_gid ? w->a->gid : (gid_t)-1,
                     flags) < 0) {
            if (errno == ENOENT)
                return;
            fail(w, "change the owner of", told);
        } else if (!S_ISDIR(st->st_mode))
            has &= 01777;
    }
    if (mode == ATTRWALK_UNCHANGED || mode == has || S_ISLNK(st->st_mode))
        return;
    int r = flags ? chmod_at(dirfd, name, mode, st->st_mode) : fchmodat(dirfd, name, mode, 0);
    if (r < 0 && errno != ENOENT)
        fail(w, "change the mode of", told);
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
        apply(w, fd, name, AT_SYMLINK_NOFOLLOW, &st, name);
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
        apply(&w, AT_FDCWD, path, 0, &st, NULL);
        a->passed(a->data, path);
        if (a->recurse && S_ISDIR(st.st_mode))
            walk(&w);
    }
    stralloc_free(&w.path);
    stralloc_free(&w.names);
    free(w.levels);
}
