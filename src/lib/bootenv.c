#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include <cairn/bootenv.h>
#include <cairn/contenv.h>
#include <cairn/join.h>
#include <cairn/say.h>
#include <cairn/statedir.h>

enum { PATH_BYTES = 4096 };

static size_t count(char const *const *v)
{
    size_t n = 0;
    while (v[n])
        n++;
    return n;
}

static int same_name(char const *a, char const *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i] && a[i] != '=')
        i++;
    return a[i] == '=' && b[i] == '=';
}

/* Adds s to the environment v of *n entries, which has room, in place of one of the same name. */
static void put(char const **v, size_t *n, char const *s)
{
    for (size_t i = 0; i < *n; i++)
        if (same_name(v[i], s)) {
            v[i] = s;
            return;
        }
    v[(*n)++] = s;
    v[*n] = NULL;
}

static char const *value_of(char const *const *v, char const *name)
{
    size_t len = strlen(name);
    for (; *v; v++)
        if (!strncmp(*v, name, len) && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

char const **bootenv_merge(char const *const *base, char const *s, unsigned int n)
{
    size_t total = count(base);
    char const **v = malloc((total + n + 1) * sizeof *v);
    if (!v)
        return NULL;
    memcpy(v, base, (total + 1) * sizeof *v);
    for (; n; n--, s += strlen(s) + 1)
        put(v, &total, s);
    return v;
}

/* "NAME=" + value, allocated */
static char *assign(char const *name, char const *value)
{
    size_t namelen = strlen(name);
    size_t len = strlen(value);
    char *s = malloc(namelen + len + 2);
    if (!s)
        return NULL;
    memcpy(s, name, namelen);
    s[namelen] = '=';
    memcpy(s + namelen + 1, value, len + 1);
    return s;
}

/* A copy of base with room for more entries. */
static char const **copy(char const *const *base, size_t more, size_t *n)
{
    *n = count(base);
    char const **v = malloc((*n + more + 1) * sizeof *v);
    if (v)
        memcpy(v, base, (*n + 1) * sizeof *v);
    return v;
}

static int make_container(struct bootenv *b, char const *const *envp, char const *statedir)
{
    char cwd[PATH_BYTES];
    size_t n;
    char const **v = copy(envp, 3, &n);
    char const *s;
    if (!v)
        return -1;
    if (!value_of(v, "PATH"))
        put(v, &n, "PATH=" BOOTENV_PATH_DEFAULT);
    /* a directory that cannot be named (outside of our root) is none */
    if (getcwd(cwd, sizeof cwd) && cwd[0] == '/') {
        if (!(s = assign("CWD", cwd)))
            return -1;
        put(v, &n, s);
    }
    if (statedir) {
        if (!(s = assign(STATEDIR_VARIABLE, statedir)))
            return -1;
        put(v, &n, s);
    }
    b->container = v;
    return 0;
}

/* Merges the directory path into *v, if there is one. */
static int merge_dir(char const ***v, char const *path, char const **culprit)
{
    stralloc sa = STRALLOC_ZERO;
    char const *file;
    size_t n = 0;
    *culprit = path;
    if (contenv_read(path, &sa, &n, NULL, &file) < 0) {
        int e = errno;
        if (e == ENOENT)
            return 0;
        size_t size = strlen(path) + strlen(file) + 2;
        char *name = *file ? malloc(size) : NULL;
        if (name) {
            join(name, size, path, "/", file);
            *culprit = name;
        }
        errno = e;
        return -1;
    }
    char const **merged = bootenv_merge(*v, sa.s, (unsigned int)n);
    if (!merged)
        return -1;
    *v = merged;
    return 0;
}

static int make_hooks(struct bootenv *b, char const **culprit)
{
    /* what our own programs must know in any environment */
    static char const *const passed[] = {STATEDIR_VARIABLE, "CAIRN_BINDIR", SAY_VARIABLE};
    static char const *const base[] = {"PATH=" BOOTENV_PATH_SCRIPTS, NULL};
    size_t n;
    char const **v = copy(base, sizeof passed / sizeof *passed, &n);
    if (!v)
        return -1;
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        char const *value = value_of(b->container, passed[i]);
        if (value)
            put(v, &n, value - strlen(passed[i]) - 1);
    }
    if (merge_dir(&v, BOOTENV_SCRIPTS, culprit) < 0 ||
        merge_dir(&v, BOOTENV_SCRIPTS_MORE, culprit) < 0)
        return -1;
    b->hooks = v;
    return 0;
}

/* S6_CMD_ARG0 is split at newlines, so that its words may hold blanks. */
static int make_cmd(struct bootenv *b, int argc, char const *const *argv)
{
    char const *arg0 = value_of(b->container, "S6_CMD_ARG0");
    char *words = NULL;
    size_t n = 0;
    size_t lines = 1;
    if (arg0 && *arg0) {
        words = strdup(arg0);
        if (!words)
            return -1;
        for (char const *s = words; *s; s++)
            lines += *s == '\n';
    }
    char const **v = malloc((lines + (size_t)argc + 1) * sizeof *v);
    if (!v)
        return -1;
    for (char *s = words; s && *s;) {
        size_t len = strcspn(s, "\n");
        int more = s[len] == '\n';
        s[len] = 0;
        if (len)
            v[n++] = s;
        s += len + (size_t)more;
    }
    for (int i = 0; i < argc; i++)
        v[n++] = argv[i];
    v[n] = NULL;
    b->cmd = v;
    return 0;
}

int bootenv_make(struct bootenv *b, char const *const *envp, int argc, char const *const *argv,
                 char const *statedir, int keep, char const **culprit)
{
    *culprit = "out of memory";
    if (make_container(b, envp, statedir) < 0 || make_cmd(b, argc, argv) < 0)
        return -1;
    if (keep)
        b->hooks = b->container;
    else if (make_hooks(b, culprit) < 0)
        return -1;
    return 0;
}
