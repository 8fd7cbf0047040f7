#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/contenv.h>
#include <cairn/rmtree.h>
#include <cairn/statedir.h>
#include <cairn/vardir.h>

enum {
    RESERVE = 65536, /* room taken at once: most environments fit, so nothing grows; memory that is
                        not written to costs nothing */
    CHUNK = 1024     /* room for the least that one read asks for */
};

/* Linux refuses single strings beyond 32 pages, final NUL included. */
static size_t string_max(void)
{
    return 32 * (size_t)sysconf(_SC_PAGESIZE);
}

static int is_name(char const *name)
{
    return name[0] && name[0] != '.' && !strpbrk(name, "=/");
}

static char const *kind_of(unsigned int mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "is a directory";
    case S_IFIFO:
        return "is a FIFO";
    case S_IFSOCK:
        return "is a socket";
    default:
        return "is a device";
    }
}

/* Is the entry to be read? Nothing else is ever opened: opening a FIFO or device has effects.
   Returns 1, 0 with *why (NULL: it has just gone), or -1 with errno. */
static int is_readable(int dirfd, char const *name, unsigned char type, char const **why)
{
    struct stat st;
    *why = NULL;
    if (type == DT_REG)
        return 1;
    if (type != DT_LNK && type != DT_UNKNOWN) {
        *why = kind_of(DTTOIF(type));
        return 0;
    }
    if (fstatat(dirfd, name, &st, 0) < 0) {
        if (errno != ENOENT)
            return -1;
        if (type == DT_LNK)
            *why = "is a dangling symbolic link";
        return 0;
    }
    if (S_ISREG(st.st_mode))
        return 1;
    *why = kind_of(st.st_mode);
    return 0;
}

/* Turns the bytes of a file at s into a value. Returns its length, or -1: the variable is unset. */
static ssize_t value_of(char const *s, size_t len)
{
    if (!len)
        return -1;
    char const *nul = memchr(s, 0, len);
    if (nul)
        return nul - s;
    return (ssize_t)(s[len - 1] == '\n' ? len - 1 : len);
}

/* Appends the value of name and a NUL to sa; the whole string, with start bytes before the value,
   is what an environment would hold. Returns 1, 0 if it is not set, -1 with errno; then sa is to be
   cut by the caller. */
static int append_value(int dirfd, char const *name, stralloc *sa, size_t start)
{
    size_t const at = sa->len;
    size_t const max = string_max();
    if (!stralloc_readyplus(sa, CHUNK))
        return -1;
    int r = vardir_slurp(dirfd, name, sa, max - start);
    if (r <= 0)
        return r;
    ssize_t len = value_of(sa->s + at, sa->len - at);
    if (len < 0)
        return 0;
    if (start + (size_t)len + 1 > max) {
        errno = E2BIG;
        return -1;
    }
    sa->len = at + (size_t)len;
    return stralloc_0(sa) ? 1 : -1;
}

/* Appends NAME=VALUE NUL for one entry and counts it. */
static int read_one(int dirfd, char const *entry, stralloc *sa, size_t *n,
                    void (*warn)(char const *, char const *))
{
    char const *name = entry + 1;
    char const *why;
    size_t const start = sa->len;
    size_t const namelen = strlen(name);
    int r = is_readable(dirfd, name, (unsigned char)entry[0], &why);
    if (r <= 0) {
        if (!r && why && warn)
            warn(name, why);
        return r;
    }
    if (!stralloc_catb(sa, name, namelen) || !stralloc_catb(sa, "=", 1))
        return -1;
    r = append_value(dirfd, name, sa, namelen + 1);
    if (r < 0 && errno == EACCES && warn) {
        warn(name, "may not be read by this user");
        r = 0;
    }
    if (r < 0)
        return -1;
    if (!r)
        sa->len = start;
    *n += (size_t)r;
    return 0;
}

int contenv_value(char const *path, char const *name, stralloc *sa)
{
    char const *why;
    size_t const start = sa->len;
    int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -1;
    int r = 0;
    if (is_name(name)) {
        r = is_readable(dirfd, name, DT_UNKNOWN, &why);
        if (r > 0)
            r = append_value(dirfd, name, sa, strlen(name) + 1);
    }
    if (r <= 0)
        sa->len = start;
    int e = errno;
    close(dirfd);
    errno = e;
    return r;
}

/* Leaves name behind the contents of sa, for the caller to point to. errno is kept. */
static void keep_name(stralloc *sa, char const *name, char const **culprit)
{
    int e = errno;
    size_t len = strlen(name) + 1;
    if (culprit && stralloc_readyplus(sa, len)) {
        memcpy(sa->s + sa->len, name, len);
        *culprit = sa->s + sa->len;
    } else if (culprit)
        *culprit = "";
    errno = e;
}

int contenv_read(char const *path, stralloc *sa, size_t *n,
                 void (*warn)(char const *, char const *), char const **culprit)
{
    stralloc names = STRALLOC_ZERO;
    char const **sorted = NULL;
    size_t const start = sa->len;
    size_t const startn = *n;
    size_t entries = 0;
    int r = -1;
    if (culprit)
        *culprit = "";
    int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -1;
    if (!stralloc_readyplus(sa, RESERVE) || vardir_list(dirfd, &names, &entries) < 0)
        goto out;
    sorted = vardir_sort(names.s, entries);
    if (!sorted)
        goto out;
    for (size_t i = 0; i < entries; i++)
        if (read_one(dirfd, sorted[i], sa, n, warn) < 0) {
            sa->len = start;
            *n = startn;
            keep_name(sa, sorted[i] + 1, culprit);
            goto out;
        }
    r = 0;
out:;
    int e = errno;
    free(sorted);
    stralloc_free(&names);
    close(dirfd);
    errno = e;
    return r;
}

char const *contenv_get(char const *s, size_t n, char const *name)
{
    size_t len = strlen(name);
    for (; n; n--, s += strlen(s) + 1)
        if (!strncmp(s, name, len) && s[len] == '=')
            return s + len + 1;
    return NULL;
}

char *contenv_locate(char *buf, size_t size)
{
    static char const foreign[] = "/var/run/s6/" CONTENV_DIR;
    char dir[STATEDIR_MAX];
    if (statedir_find(dir, sizeof dir)) {
        size_t len = strlen(dir);
        if (len + sizeof "/" CONTENV_DIR <= size) {
            memcpy(buf, dir, len);
            memcpy(buf + len, "/" CONTENV_DIR, sizeof "/" CONTENV_DIR);
            return buf;
        }
    } else if (!getenv(STATEDIR_VARIABLE) && !access(foreign, F_OK) && sizeof foreign <= size) {
        memcpy(buf, foreign, sizeof foreign);
        return buf;
    }
    errno = ENOENT;
    return NULL;
}

int contenv_is_kept(void)
{
    static char const *const no[] = {"", "0", "false", "no", "off"};
    char const *value = getenv("S6_KEEP_ENV");
    if (!value)
        return 0;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (!strcasecmp(value, no[i]))
            return 0;
    return 1;
}

/* Writes value and a newline to the new file name. */
static int write_new(int dirfd, char const *name, int flags, char const *value, size_t len)
{
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0644);
    if (fd < 0)
        return -1;
    int r = fchmod(fd, 0644); /* scripts that dropped privileges read it, whatever the umask */
    while (!r && len) {
        ssize_t w = write(fd, value, len);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            r = -1;
        else {
            value += w;
            len -= (size_t)w;
        }
    }
    if (!r && write(fd, "\n", 1) != 1)
        r = -1;
    int e = errno;
    if (close(fd) < 0 && !r)
        return -1;
    errno = e;
    return r;
}

int contenv_set(char const *path, char const *name, char const *value, size_t len)
{
    char tmp[8 + UINT64_FMT] = ".new:";
    if (!is_name(name)) {
        errno = EINVAL;
        return -1;
    }
    if (value && strlen(name) + 1 + len + 1 > string_max()) {
        errno = E2BIG;
        return -1;
    }
    int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -1;
    int r;
    if (value) {
        tmp[5 + uint64_fmt(tmp + 5, (uint64_t)getpid())] = 0;
        r = write_new(dirfd, tmp, O_TRUNC, value, len);
        if (!r)
            r = renameat(dirfd, tmp, dirfd, name);
        if (r < 0) {
            int e = errno;
            unlinkat(dirfd, tmp, 0);
            errno = e;
        }
    } else {
        r = unlinkat(dirfd, name, 0);
        if (r < 0 && errno == ENOENT)
            r = 0;
    }
    int e = errno;
    close(dirfd);
    errno = e;
    return r;
}

/* Returns 0, 1 if it has to be left out, -1 with errno. */
static int dump_one(int dirfd, char const *var)
{
    char name[256];
    char const *eq = strchr(var, '=');
    if (!eq || eq == var || (size_t)(eq - var) >= sizeof name)
        return 1;
    memcpy(name, var, (size_t)(eq - var));
    name[eq - var] = 0;
    if (!is_name(name))
        return 1;
    if (!write_new(dirfd, name, O_EXCL, eq + 1, strlen(eq + 1)))
        return 0;
    return errno == EEXIST ? 0 : errno == ENAMETOOLONG ? 1 : -1;
}

int contenv_dump(char const *path, char const *const *envp,
                 int (*guard)(int dirfd, void const *data), void const *data)
{
    int r = 0;
    if (rmtree_at(AT_FDCWD, path) < 0 || mkdir(path, 0700) < 0)
        return -1;
    int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dirfd < 0)
        return -1;
    for (; r >= 0 && *envp; envp++) {
        int skipped = dump_one(dirfd, *envp);
        r = skipped < 0 ? -1 : r + skipped;
    }
    if (r >= 0 && guard && guard(dirfd, data) < 0)
        r = -1;
    /* not before, lest somebody opens what is guarded */
    if (r >= 0 && fchmod(dirfd, 0755) < 0)
        r = -1;
    int e = errno;
    close(dirfd);
    errno = e;
    return r;
}
