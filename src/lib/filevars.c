#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/closing.h>
#include <cairn/filevars.h>
#include <cairn/lines.h>

#define PREFIX "FILE__"
#define SUFFIX "_FILE"

static char const blanks[] = " \t\r";

/* A variable that names a file. */
struct order {
    char const *var;  /* the whole string, FILE__NAME=/path or NAME_FILE=/path */
    char const *name; /* in it */
    size_t len;       /* of the name */
    char const *path;
    int wins; /* over NAME itself */
};

/* Linux refuses single strings beyond 32 pages, final NUL included. */
static size_t string_max(void)
{
    return 32 * (size_t)sysconf(_SC_PAGESIZE);
}

static void add(struct filevars *f, char const *s, size_t len)
{
    size_t at = strlen(f->why);
    if (len > sizeof f->why - 1 - at)
        len = sizeof f->why - 1 - at;
    memcpy(f->why + at, s, len);
    f->why[at + len] = 0;
}

/* what is wrong with the file that o names */
static int refuse(struct filevars *f, struct order const *o, char const *what, int e)
{
    f->why[0] = 0;
    add(f, o->var, strcspn(o->var, "="));
    add(f, ": ", 2);
    add(f, o->path, strlen(o->path));
    add(f, what, strlen(what));
    if (e)
        add(f, strerror(e), strlen(strerror(e)));
    errno = e ? e : EINVAL;
    return -1;
}

static int refuse_both(struct filevars *f, struct order const *o, char const *other, size_t len)
{
    f->why[0] = 0;
    add(f, o->var, strcspn(o->var, "="));
    add(f, " and ", 5);
    add(f, other, len);
    add(f, " are both set: which is meant?", 30);
    errno = EINVAL;
    return -1;
}

static int refuse_list(struct filevars *f, char const *list, char const *what, char const *detail)
{
    int e = errno;
    f->why[0] = 0;
    add(f, list, strlen(list));
    add(f, ": ", 2);
    add(f, what, strlen(what));
    add(f, detail, strlen(detail));
    errno = e;
    return -1;
}

static int is_name(char const *s)
{
    return *s && !s[strcspn(s, "= \t/")];
}

/* The names of the list, each with a NUL, appended to sa. */
static int read_list(struct filevars *f, char const *list, stralloc *sa)
{
    struct lines l;
    char number[UINT_FMT];
    char *s;
    int r;
    if (lines_open(&l, list) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : refuse_list(f, list, strerror(errno), "");
    while ((r = lines_next(&l, &s)) > 0) {
        s[strcspn(s, "#")] = 0;
        s += strspn(s, blanks);
        size_t len = strlen(s);
        while (len && strchr(blanks, s[len - 1]))
            s[--len] = 0;
        if (!len)
            continue;
        if (!is_name(s)) {
            number[uint_fmt(number, l.number)] = 0;
            errno = EINVAL;
            r = refuse_list(f, list, "not the name of a variable in line ", number);
            break;
        }
        if (!stralloc_catb(sa, s, len + 1)) {
            r = refuse_list(f, list, strerror(errno), "");
            break;
        }
    }
    if (r < 0 && !f->why[0])
        refuse_list(f, list, strerror(errno), "");
    lines_close(&l);
    return r;
}

static int is_listed(stralloc const *names, char const *name, size_t len)
{
    for (size_t i = 0; i < names->len; i += strlen(names->s + i) + 1)
        if (strlen(names->s + i) == len && !memcmp(names->s + i, name, len))
            return 1;
    return 0;
}

/* Does s name a file? */
static int parse(struct order *o, char const *s, stralloc const *names)
{
    char const *eq = strchr(s, '=');
    if (!eq)
        return 0;
    size_t len = (size_t)(eq - s);
    *o = (struct order){.var = s, .path = eq + 1};
    if (len > sizeof PREFIX - 1 && !memcmp(s, PREFIX, sizeof PREFIX - 1)) {
        o->name = s + sizeof PREFIX - 1;
        o->len = len - (sizeof PREFIX - 1);
        o->wins = 1;
        return 1;
    }
    if (len <= sizeof SUFFIX - 1 ||
        memcmp(eq - (sizeof SUFFIX - 1), SUFFIX, sizeof SUFFIX - 1) != 0)
        return 0;
    o->name = s;
    o->len = len - (sizeof SUFFIX - 1);
    return is_listed(names, s, o->len);
}

/* Reads up to max bytes. Returns how many, or -1 with errno. */
static ssize_t slurp(int fd, char *buf, size_t max)
{
    size_t len = 0;
    while (len < max) {
        ssize_t r = read(fd, buf + len, max - len);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (!r)
            break;
        len += (size_t)r;
    }
    return (ssize_t)len;
}

/* The content of fd behind the name and '=' in s, which has room for max bytes. */
static int read_value(struct filevars *f, struct order const *o, int fd, char *s, size_t max)
{
    struct filevar *v = f->v + f->n;
    struct stat st;
    if (fstat(fd, &st) < 0)
        return refuse(f, o, " cannot be read: ", errno);
    /* anything else might be waited for, or have no end */
    if (!S_ISREG(st.st_mode))
        return refuse(f, o, " is not a regular file", 0);
    memcpy(s, o->name, o->len);
    s[o->len] = '=';
    size_t at = o->len + 1;
    ssize_t r = slurp(fd, s + at, max - at + 1);
    if (r < 0)
        return refuse(f, o, " cannot be read: ", errno);
    size_t len = (size_t)r;
    if (memchr(s + at, 0, len))
        return refuse(f, o, " holds a NUL byte, which no variable can", 0);
    if (len && s[at + len - 1] == '\n')
        len--;
    if (at + len + 1 > max)
        return refuse(f, o, " is larger than a variable can be (128 kB with its name)", 0);
    s[at + len] = 0;
    v->string = s; /* what was not written to costs no memory */
    v->mode = st.st_mode & 07777;
    v->uid = st.st_uid;
    v->gid = st.st_gid;
    f->n++;
    return 0;
}

static int load_one(struct filevars *f, struct order const *o)
{
    size_t max = string_max();
    if (o->len + 2 > max)
        return refuse(f, o, " cannot be put into a variable of such a name", 0);
    int fd = open(o->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return refuse(f, o, " cannot be read: ", errno);
    char *s = malloc(max + 2);
    int r = s ? read_value(f, o, fd, s, max) : refuse(f, o, " cannot be read: ", errno);
    close_keeping_errno(fd);
    if (r < 0)
        free(s);
    return r;
}

static int is_of(char const *s, char const *name, size_t len)
{
    return !strncmp(s, name, len) && s[len] == '=';
}

/* Puts the value that was read last into envp of *n entries. */
static int put(struct filevars *f, struct order const *o, char const **envp, size_t *n)
{
    char const *string = f->v[f->n - 1].string;
    for (size_t i = 0; i < *n; i++) {
        if (!is_of(envp[i], o->name, o->len))
            continue;
        if (!o->wins && envp[i][o->len + 1])
            return refuse_both(f, o, o->name, o->len);
        envp[i] = string;
        return 0;
    }
    envp[(*n)++] = string;
    return 0;
}

/* Both spellings of one name? */
static int check_twice(struct filevars *f, struct order const *orders, size_t k)
{
    for (size_t i = 0; i < k; i++)
        if (orders[i].path[0] && orders[k].path[0] && orders[i].len == orders[k].len &&
            !memcmp(orders[i].name, orders[k].name, orders[k].len))
            return refuse_both(f, orders + k, orders[i].var, strcspn(orders[i].var, "="));
    return 0;
}

static int load(struct filevars *f, char const *const *envp, struct order *orders, size_t count,
                stralloc const *names)
{
    size_t n = 0, k = 0;
    char const **v = malloc((count + 1) * sizeof *v);
    f->v = malloc((count + 1) * sizeof *f->v);
    f->envp = v;
    if (!v || !f->v)
        return refuse_list(f, "environment", strerror(errno), "");
    for (; *envp; envp++)
        if (parse(orders + k, *envp, names))
            k++;
        else
            v[n++] = *envp;
    for (size_t i = 0; i < k; i++) {
        if (!orders[i].path[0])
            continue;
        if (check_twice(f, orders, i) < 0 || load_one(f, orders + i) < 0 ||
            put(f, orders + i, v, &n) < 0)
            return -1;
    }
    v[n] = NULL;
    return 0;
}

void filevars_free(struct filevars *f)
{
    while (f->n)
        free((char *)f->v[--f->n].string);
    if (f->v)
        free((void *)f->envp);
    free(f->v);
    f->v = NULL;
    f->envp = NULL;
}

int filevars_load(struct filevars *f, char const *const *envp, char const *list)
{
    stralloc names = STRALLOC_ZERO;
    struct order *orders = NULL;
    struct order o;
    size_t count = 0, wanted = 0;
    *f = (struct filevars){.envp = envp};
    int r = read_list(f, list, &names);
    for (; !r && envp[count]; count++)
        wanted += (size_t)parse(&o, envp[count], &names);
    if (wanted) {
        orders = malloc((wanted + 1) * sizeof *orders);
        r = orders ? load(f, envp, orders, count, &names)
                   : refuse_list(f, "environment", strerror(errno), "");
    }
    int e = errno;
    free(orders);
    stralloc_free(&names);
    if (r < 0)
        filevars_free(f);
    errno = e;
    return r;
}

static int guard_one(int dirfd, struct filevar const *v)
{
    char name[256];
    size_t len = strcspn(v->string, "=");
    if (v->mode & S_IROTH || len >= sizeof name)
        return 0;
    memcpy(name, v->string, len);
    name[len] = 0;
    /* what cannot be a file name was left out */
    if (name[0] == '.' || strchr(name, '/'))
        return 0;
    if (fchmodat(dirfd, name, 0600, 0) < 0)
        return errno == ENOENT ? 0 : -1;
    if (fchownat(dirfd, name, v->uid, v->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == EPERM || errno == EINVAL ? 0 : -1;
    return v->mode & S_IRGRP ? fchmodat(dirfd, name, 0640, 0) : 0;
}

int filevars_guard(int dirfd, void const *data)
{
    struct filevars const *f = data;
    for (size_t i = 0; i < f->n; i++)
        if (guard_one(dirfd, f->v + i) < 0)
            return -1;
    return 0;
}
