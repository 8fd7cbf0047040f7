#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/fixattrs.h>
#include <cairn/lines.h>
#include <cairn/userdb.h>

enum {
    FIELDS = 5,
    MESSAGES = 10,       /* failures told one by one for a line; the rest is counted */
    PROGRESS_AGAIN = 10, /* times progress_ms until the next report */
    CLOCK_EVERY = 64     /* entries between two looks at the clock */
};

#define UNCHANGED ((unsigned int)-1)

/* one directory on the way from the top of a tree to where the walk is */
struct level {
    dev_t dev;
    ino_t ino;
    size_t names; /* where the names of its subdirectories still to be visited begin */
    size_t path;  /* length of its path */
};

/* one line being applied */
struct job {
    struct fixattrs *fa;
    char const *file;
    unsigned int number;
    int recurse;
    uid_t uid;
    gid_t gid;
    unsigned int fmode;
    unsigned int dmode;
    stralloc path; /* of the directory the walk is in, NUL-terminated */
    stralloc names;
    struct level *levels;
    size_t depth;
    size_t levels_max;
    unsigned long failures;
};

static unsigned long long now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long long)ts.tv_sec * 1000 + (unsigned long long)ts.tv_nsec / 1000000;
}

/* Tells "FILE: line N: " and the strings, up to a NULL. What does not fit in memory is not told. */
static void tell(struct job *j, enum fixattrs_kind kind, char const *const *strings)
{
    char number[UINT_FMT];
    stralloc sa = STRALLOC_ZERO;
    number[uint_fmt(number, j->number)] = 0;
    int good = stralloc_cats(&sa, j->file) && stralloc_cats(&sa, ": line ") &&
               stralloc_cats(&sa, number) && stralloc_cats(&sa, ": ");
    for (; good && *strings; strings++)
        good = stralloc_cats(&sa, *strings);
    if (good && stralloc_0(&sa))
        j->fa->tell(j->fa->data, kind, sa.s);
    stralloc_free(&sa);
}
#define TELL(j, kind, ...) tell(j, kind, (char const *const[]){__VA_ARGS__, NULL})

/* The line cannot be applied. Returns 1. */
#define REFUSE(j, ...) (TELL(j, FIXATTRS_WARNING, __VA_ARGS__), 1)

static char const *remedy(int e)
{
    switch (e) {
    case EACCES:
    case EPERM:
        return geteuid() ? " (we are not root: set it in the image, or run the container as root)"
                         : " (the container lacks a capability or the file system refuses)";
    case EROFS:
        return " (set it in the image, or mount a writable volume there)";
    case ENOMEM:
    case ENFILE:
    case EMFILE:
        return " (raise the container's limits)";
    default:
        return "";
    }
}

/* Counts a failure for DIR/name ("" or NULL name: the directory itself) and tells the first ones.
 */
static void fail(struct job *j, char const *what, char const *name)
{
    int e = errno;
    if (++j->failures > MESSAGES)
        return;
    int named = name && name[0];
    TELL(j, FIXATTRS_WARNING, "unable to ", what, " ", j->path.s, named ? "/" : "",
         named ? name : "", ": ", strerror(e), remedy(e));
}

static void report_progress(struct job *j)
{
    char count[ULONG_FMT];
    struct fixattrs *fa = j->fa;
    if (fa->entries++ % CLOCK_EVERY || !fa->progress_ms)
        return;
    unsigned long long now = now_ms();
    if (!fa->next_report)
        fa->next_report = now + fa->progress_ms;
    if (now < fa->next_report)
        return;
    fa->next_report = now + (unsigned long long)fa->progress_ms * PROGRESS_AGAIN;
    count[ulong_fmt(count, fa->entries)] = 0;
    TELL(j, FIXATTRS_PROGRESS, "still working, ", count, " entries so far, now in ", j->path.s);
}

/* chmod that follows no link, for dirfd/name. Older systems have it through /proc only. */
static int chmod_at(int dirfd, char const *name, mode_t mode)
{
    if (!fchmodat(dirfd, name, mode, AT_SYMLINK_NOFOLLOW))
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)
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
static void apply(struct job *j, int dirfd, char const *name, int flags, struct stat const *st,
                  char const *told)
{
    unsigned int mode = S_ISDIR(st->st_mode) ? j->dmode : j->fmode;
    mode_t has = st->st_mode & 07777;
    int new_uid = j->uid != (uid_t)-1 && j->uid != st->st_uid;
    int new_gid = j->gid != (gid_t)-1 && j->gid != st->st_gid;
    if (new_uid || new_gid) {
        /* first, because it clears the set-id bits */
        if (fchownat(dirfd, name, new_uid ? j->uid : (uid_t)-1, new_gid ? j->gid : (gid_t)-1,
                     flags) < 0) {
            if (errno == ENOENT)
                return;
            fail(j, "change the owner of", told);
        } else if (!S_ISDIR(st->st_mode))
            has &= 01777;
    }
    if (mode == UNCHANGED || mode == has || S_ISLNK(st->st_mode))
        return;
    int r = flags ? chmod_at(dirfd, name, mode) : fchmodat(dirfd, name, mode, 0);
    if (r < 0 && errno != ENOENT)
        fail(j, "change the mode of", told);
}

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

/* Applies to all entries of the directory fd and keeps the names of its subdirectories. */
static int scan(struct job *j, int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir) {
        fail(j, "read", NULL);
        if (copy >= 0)
            close(copy);
        return -1;
    }
    for (;;) {
        struct stat st;
        errno = 0;
        struct dirent const *e = readdir(dir);
        if (!e)
            break;
        char const *name = e->d_name;
        if (name[0] == '.' && (!j->fa->hidden || !name[1] || (name[1] == '.' && !name[2])))
            continue;
        if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno != ENOENT)
                fail(j, "stat", name);
            continue;
        }
        apply(j, fd, name, AT_SYMLINK_NOFOLLOW, &st, name);
        report_progress(j);
        if (S_ISDIR(st.st_mode) && !stralloc_catb(&j->names, name, strlen(name) + 1)) {
            fail(j, "descend into", name);
            break;
        }
    }
    if (errno)
        fail(j, "read", NULL);
    closedir(dir);
    return 0;
}

static int enter(struct job *j, struct stat const *st, size_t pathlen)
{
    if (j->depth == j->levels_max) {
        size_t max = j->levels_max ? 2 * j->levels_max : 32;
        struct level *levels = realloc(j->levels, max * sizeof *levels);
        if (!levels)
            return -1;
        j->levels = levels;
        j->levels_max = max;
    }
    j->levels[j->depth++] = (struct level){
        .dev = st->st_dev, .ino = st->st_ino, .names = j->names.len, .path = pathlen};
    return 0;
}

/* Is st one of the directories we are in? Only a mount inside itself can do that. */
static int is_loop(struct job const *j, struct stat const *st)
{
    for (size_t i = 0; i < j->depth; i++)
        if (j->levels[i].dev == st->st_dev && j->levels[i].ino == st->st_ino)
            return 1;
    return 0;
}

/* Goes down into the subdirectory kept last. Returns the new descriptor, or fd if there is no way.
 */
static int descend(struct job *j, int fd)
{
    struct stat st;
    struct level const *l = &j->levels[j->depth - 1];
    size_t start = j->names.len - 1;
    while (start > l->names && j->names.s[start - 1])
        start--;
    size_t pathlen = j->path.len;
    char const *name = j->names.s + start;
    int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (sub < 0) {
        if (errno != ENOENT)
            fail(j, "open directory", name);
    } else if (fstat(sub, &st) < 0 || (is_loop(j, &st) && (errno = ELOOP)) ||
               !path_set(&j->path, pathlen, name)) {
        fail(j, "descend into", name);
        close(sub);
        sub = -1;
    }
    j->names.len = start;
    if (sub >= 0 && enter(j, &st, pathlen) < 0) {
        fail(j, "descend into", NULL);
        path_set(&j->path, pathlen, NULL);
        close(sub);
        sub = -1;
    }
    if (sub < 0)
        return fd;
    close(fd);
    scan(j, sub);
    return sub;
}

/* Goes back up. Returns the descriptor of the parent, or -1 if it is not where we came from. */
static int ascend(struct job *j, int fd)
{
    struct stat st;
    struct level const *up = &j->levels[j->depth - 2];
    int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0 && (fstat(parent, &st) < 0 || st.st_dev != up->dev || st.st_ino != up->ino)) {
        close(parent);
        parent = -1;
        errno = ESTALE;
    }
    if (parent < 0)
        fail(j, "find the way back from", NULL);
    path_set(&j->path, j->levels[--j->depth].path, NULL);
    close(fd);
    return parent;
}

/* Everything below the directory j->path, one descriptor at a time however deep it is. */
static void walk(struct job *j)
{
    struct stat st;
    int fd = open(j->path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || enter(j, &st, j->path.len) < 0) {
        fail(j, "open directory", NULL);
        if (fd >= 0)
            close(fd);
        return;
    }
    scan(j, fd);
    while (fd >= 0) {
        if (j->names.len > j->levels[j->depth - 1].names)
            fd = descend(j, fd);
        else if (j->depth > 1)
            fd = ascend(j, fd);
        else
            break;
    }
    if (fd >= 0)
        close(fd);
    j->depth = 0;
    j->names.len = 0;
}

static void apply_match(struct job *j, char const *path)
{
    struct stat st;
    if (!path_set(&j->path, 0, path)) {
        j->failures++;
        return;
    }
    if (stat(path, &st) < 0) {
        fail(j, "stat", NULL);
        return;
    }
    apply(j, AT_FDCWD, path, 0, &st, NULL);
    report_progress(j);
    if (j->recurse && S_ISDIR(st.st_mode))
        walk(j);
}

/* Reads an octal mode or "-". */
static int parse_mode(char const *s, unsigned int *mode)
{
    unsigned int m = 0;
    size_t len = strlen(s);
    *mode = UNCHANGED;
    if (!strcmp(s, "-"))
        return 1;
    if (!len || len > 5)
        return 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '7')
            return 0;
        m = m * 8 + (unsigned int)(*s - '0');
    }
    *mode = m;
    return m <= 07777;
}

/* One half of U:G: a name wins over a number, a fallback over nothing. Returns 0 if there is none.
 */
static int resolve(char const *s, char const *fallback, int is_group, unsigned int *id)
{
    struct userdb_user user;
    gid_t gid;
    *id = UNCHANGED;
    if (s[0]) {
        int r = is_group ? userdb_group(s, &gid) : userdb_user(s, &user);
        if (r > 0) {
            *id = is_group ? gid : user.uid;
            return 1;
        }
        if (userdb_number(s, id))
            return 1;
        if (!fallback || !fallback[0])
            return 0;
    }
    /* a half that is left out everywhere stays as it is */
    return !fallback || !fallback[0] || userdb_number(fallback, id);
}

/* NAME, NAME,UID:GID, U:G or U:G,UID:GID. */
static int parse_account(struct job *j, char *account)
{
    struct userdb_user user;
    unsigned int uid, gid;
    char *fu = NULL, *fg = NULL;
    char *comma = strchr(account, ',');
    if (comma) {
        *comma = 0;
        fu = comma + 1;
        fg = strchr(fu, ':');
        if (!fg || strchr(fg + 1, ':'))
            return REFUSE(j, "the fallback account ", fu, " is not UID:GID");
        *fg++ = 0;
    }
    char *colon = strchr(account, ':');
    if (!colon) {
        int r = userdb_user(account, &user);
        if (r > 0) {
            j->uid = user.uid;
            j->gid = user.gid;
            return 0;
        }
        if (!fu)
            return REFUSE(j, "unknown user ", account,
                          r < 0 ? " (unable to read " USERDB_PASSWD ")"
                                : " (numbers are written UID:GID, a fallback NAME,UID:GID)");
        if (!resolve("", fu, 0, &uid) || !resolve("", fg, 1, &gid))
            return REFUSE(j, "the fallback account ", fu, ":", fg, " is not UID:GID");
    } else {
        *colon++ = 0;
        if (!resolve(account, fu, 0, &uid))
            return REFUSE(j, "unknown user ", account);
        if (!resolve(colon, fg, 1, &gid))
            return REFUSE(j, "unknown group ", colon);
    }
    j->uid = uid;
    j->gid = gid;
    return 0;
}

/* Cuts the line into words at blanks. Returns their number, at most FIELDS. */
static unsigned int split(char *line, char *field[static FIELDS])
{
    unsigned int n = 0;
    for (;;) {
        line += strspn(line, " \t\r");
        if (!*line || n == FIELDS)
            return n;
        field[n++] = line;
        line += strcspn(line, " \t\r");
        if (*line)
            *line++ = 0;
    }
}

static void apply_glob(struct job *j, char const *pattern)
{
    glob_t g;
    switch (glob(pattern, 0, NULL, &g)) {
    case 0:
        for (size_t i = 0; i < g.gl_pathc; i++)
            apply_match(j, g.gl_pathv[i]);
        break;
    case GLOB_NOMATCH:
        break;
    default:
        j->failures++;
        TELL(j, FIXATTRS_WARNING, "unable to expand ", pattern);
    }
    globfree(&g);
}

static int apply_fields(struct job *j, char **field)
{
    int bad = 0;
    j->recurse = !strcmp(field[1], "true");
    /* v1 ran the word as a program: what was neither failed, and did not recurse */
    if (!j->recurse && strcmp(field[1], "false"))
        bad = REFUSE(j, "the second word is ", field[1],
                     " instead of true or false: not applied to what lies below");
    if (!parse_mode(field[3], &j->fmode) || !parse_mode(field[4], &j->dmode))
        return REFUSE(j, "the modes ", field[3], " and ", field[4],
                      " are not octal numbers (such as 0644) or -");
    if (parse_account(j, field[2]))
        return 1;
    apply_glob(j, field[0]);
    if (j->failures > MESSAGES) {
        char count[ULONG_FMT];
        count[ulong_fmt(count, j->failures - MESSAGES)] = 0;
        TELL(j, FIXATTRS_WARNING, count, " more failures");
    }
    return bad || j->failures;
}

int fixattrs_line(struct fixattrs *fa, char const *file, unsigned int number, char const *line)
{
    struct job j = {.fa = fa, .file = file, .number = number};
    char *field[FIELDS];
    int r = 0;
    char *copy = strdup(line);
    if (!copy)
        return REFUSE(&j, "out of memory");
    unsigned int n = split(copy, field);
    if (n && field[0][0] != '#') {
        if (n < FIELDS)
            r = REFUSE(&j, "too few words (wanted: PATH RECURSE ACCOUNT FMODE DMODE)");
        else
            r = apply_fields(&j, field);
    }
    stralloc_free(&j.path);
    stralloc_free(&j.names);
    free(j.levels);
    free(copy);
    return r;
}

int fixattrs_file(struct fixattrs *fa, char const *file)
{
    struct lines l;
    char *line;
    int failed = 0;
    int r;
    if (lines_open(&l, file) < 0)
        return -1;
    while ((r = lines_next(&l, &line)) > 0)
        failed += fixattrs_line(fa, file, l.number, line);
    lines_close(&l);
    if (r < 0)
        return -1;
    if (l.skipped) {
        struct job j = {.fa = fa, .file = file, .number = l.number};
        failed += REFUSE(&j, "up to here there was a line that is too long");
    }
    return failed;
}

/* Tells "[fix-attrs.d] " and the strings a, b. */
static void transcript(struct fixattrs *fa, char const *a, char const *b)
{
    stralloc sa = STRALLOC_ZERO;
    if (stralloc_cats(&sa, "[fix-attrs.d] ") && stralloc_cats(&sa, a) && stralloc_cats(&sa, b) &&
        stralloc_0(&sa))
        fa->tell(fa->data, FIXATTRS_TRANSCRIPT, sa.s);
    stralloc_free(&sa);
}

static void unreadable(struct fixattrs *fa, char const *file, int e)
{
    stralloc sa = STRALLOC_ZERO;
    if (stralloc_cats(&sa, "unable to read ") && stralloc_cats(&sa, file) &&
        stralloc_cats(&sa, ": ") && stralloc_cats(&sa, strerror(e)) && stralloc_0(&sa))
        fa->tell(fa->data, FIXATTRS_WARNING, sa.s);
    stralloc_free(&sa);
}

static int stage_file(struct fixattrs *fa, char const *dir, char const *name)
{
    stralloc path = STRALLOC_ZERO;
    int failed = 1;
    transcript(fa, name, ": applying... ");
    if (stralloc_cats(&path, dir) && path_set(&path, path.len, name)) {
        failed = fixattrs_file(fa, path.s);
        if (failed < 0)
            unreadable(fa, path.s, errno);
    }
    stralloc_free(&path);
    transcript(fa, name, failed ? ": exited 1." : ": exited 0.");
    return failed != 0;
}

static int by_bytes(void const *a, void const *b)
{
    return strcmp(*(char const *const *)a, *(char const *const *)b);
}

/* The names in dir, NUL-terminated one behind the other. */
static int list(char const *dir, stralloc *names, size_t *n)
{
    DIR *d = opendir(dir);
    if (!d)
        return -1;
    int r = 0;
    for (;;) {
        errno = 0;
        struct dirent const *e = readdir(d);
        if (!e) {
            r = errno ? -1 : 0;
            break;
        }
        if (e->d_name[0] == '.')
            continue;
        if (!stralloc_catb(names, e->d_name, strlen(e->d_name) + 1)) {
            r = -1;
            break;
        }
        ++*n;
    }
    int e = errno;
    closedir(d);
    errno = e;
    return r;
}

int fixattrs_stage(struct fixattrs *fa, char const *dir)
{
    stralloc names = STRALLOC_ZERO;
    size_t n = 0;
    int failed = 0;
    if (list(dir, &names, &n) < 0) {
        failed = errno == ENOENT ? 0 : -1;
        stralloc_free(&names);
        return failed;
    }
    char const **sorted = malloc((n + 1) * sizeof *sorted);
    if (!sorted) {
        stralloc_free(&names);
        errno = ENOMEM;
        return -1;
    }
    char const *p = names.s;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = p;
        p += strlen(p) + 1;
    }
    qsort(sorted, n, sizeof *sorted, by_bytes);
    transcript(fa, "applying ownership & permissions fixes...", "");
    for (size_t i = 0; i < n; i++)
        failed += stage_file(fa, dir, sorted[i]);
    transcript(fa, "done.", "");
    free(sorted);
    stralloc_free(&names);
    return failed;
}
