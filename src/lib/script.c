#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/script.h>

/* Longest path of a link's target that the script gets as its name; beyond it the link itself is
   started. Small, because this runs on the stack of a daemon (vfork), whose pages stay dirty. */
enum { TARGET_MAX = 512 };
enum { LINKS_MAX = 40 };      /* as the kernel */
enum { FIRSTLINE_MAX = 256 }; /* what the kernel reads of a script */

struct shebang {
    char line[FIRSTLINE_MAX + 1];
    char *interpreter; /* into line */
    char *arg;         /* into line, or NULL: all that follows the interpreter is one argument */
};

/* Puts the target of the link path in the place of path. Returns 1, 0 if it is no link, or -1. Not
 * inlined: it is needed for a link to a link only. */
static int __attribute__((noinline)) follow(int dirfd, char path[static TARGET_MAX])
{
    char target[TARGET_MAX];
    ssize_t n = readlinkat(dirfd, path, target, sizeof target);
    if (n == -1)
        return errno == EINVAL ? 0 : -1;
    char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
    size_t base = slash ? (size_t)(slash + 1 - path) : 0;
    if (base + (size_t)n >= TARGET_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path + base, target, (size_t)n);
    path[base + (size_t)n] = 0;
    return 1;
}

/* The same for the first link, whose target is read where it shall stand. */
static int follow_first(int dirfd, char const *file, char path[static TARGET_MAX])
{
    char const *slash = strrchr(file, '/');
    size_t base = slash ? (size_t)(slash + 1 - file) : 0;
    ssize_t n = readlinkat(dirfd, file, path + base, TARGET_MAX - base);
    int e = n == -1 ? errno : base + (size_t)n == TARGET_MAX ? ENAMETOOLONG : 0;
    memcpy(path, file, e ? strlen(file) + 1 : base);
    if (e) {
        errno = e;
        return e == EINVAL ? 0 : -1;
    }
    path[base + (size_t)n] = 0;
    if (path[base] == '/')
        memmove(path, path + base, (size_t)n + 1);
    return 1;
}

/* Follows file while its last component is a symbolic link; path gets the name that is none.
   Returns 0, or -1 when it is too long or cannot be read: then the caller uses file as it stands.
 */
static int resolve(int dirfd, char const *file, char path[static TARGET_MAX])
{
    char byte;
    path[0] = 0;
    if (strlen(file) >= TARGET_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int r = follow_first(dirfd, file, path);
    for (int i = 1; r > 0 && i < LINKS_MAX; i++) {
        /* most are none, which one byte is enough to learn */
        if (readlinkat(dirfd, path, &byte, 1) == -1)
            return errno == EINVAL ? 0 : -1;
        r = follow(dirfd, path);
    }
    if (r > 0)
        errno = ELOOP;
    return r ? -1 : 0;
}

/* Splits "#! interpreter argument" as the kernel does. Returns 0 if it is no such line. */
static int parse_shebang(struct shebang *s, size_t len)
{
    s->line[len] = 0;
    if (len < 3 || s->line[0] != '#' || s->line[1] != '!')
        return 0;
    char *p = s->line + 2;
    char *end = p + strcspn(p, "\n");
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = 0;
    p += strspn(p, " \t");
    if (!*p)
        return 0;
    s->interpreter = p;
    p += strcspn(p, " \t");
    s->arg = NULL;
    if (*p) {
        *p++ = 0;
        p += strspn(p, " \t");
        if (*p)
            s->arg = p;
    }
    return 1;
}

static int read_shebang(int dirfd, char const *path, struct shebang *s)
{
    int fd = openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1)
        return 0;
    ssize_t n;
    do
        n = read(fd, s->line, FIRSTLINE_MAX);
    while (n == -1 && errno == EINTR);
    close(fd);
    return n > 0 && parse_shebang(s, (size_t)n);
}

/* EACCES: the kernel would not, but we can read the script and give it to its interpreter. Sets
   errno to the interpreter's failure, or leaves EACCES when there is none. */
static void __attribute__((noinline))
exec_interpreter(char const *path, char *const *argv, char *const *envp)
{
    struct shebang s;
    size_t argc = 0;
    if (!read_shebang(AT_FDCWD, path, &s)) {
        errno = EACCES;
        return;
    }
    while (argv[argc])
        argc++;
    char *new[argc + 4];
    size_t n = 0;
    new[n++] = s.interpreter;
    if (s.arg)
        new[n++] = s.arg;
    new[n++] = (char *)path;
    for (size_t i = 1; i < argc; i++)
        new[n++] = argv[i];
    new[n] = NULL;
    execve(s.interpreter, new, envp);
}

void script_exec(char const *file, char *const *argv, char *const *envp)
{
    char path[TARGET_MAX];
    char const *name = resolve(AT_FDCWD, file, path) == 0 ? path : file;
    execve(name, argv, envp);
    if (errno == EACCES)
        exec_interpreter(name, argv, envp);
}

static char *copy(char *buf, size_t size, char const *s)
{
    size_t len = strlen(s);
    return len && len < size ? memcpy(buf, s, len + 1) : NULL;
}

char *script_target(char *buf, size_t size, int dirfd, char const *file)
{
    char path[TARGET_MAX];
    resolve(dirfd, file, path);
    return copy(buf, size, path);
}

char *script_interpreter(char *buf, size_t size, int dirfd, char const *file)
{
    struct shebang s;
    return read_shebang(dirfd, file, &s) ? copy(buf, size, s.interpreter) : NULL;
}

/* --- why it failed --- */

struct text {
    char *s;
    size_t size;
    size_t len;
};

static void add(struct text *t, char const *s)
{
    /* control characters of a file's first line must not break the log line */
    for (; *s && t->len + 1 < t->size; s++)
        t->s[t->len++] = (unsigned char)*s < 32 || *s == 127 ? '?' : *s;
    t->s[t->len] = 0;
}

static void add_mode(struct text *t, mode_t mode)
{
    char fmt[8] = {'0', (char)('0' + (mode >> 6 & 7)), (char)('0' + (mode >> 3 & 7)),
                   (char)('0' + (mode & 7)), 0};
    add(t, fmt);
}

/* Interpreters by their file name, and what to install. A pattern that ends with '*' is a prefix.
 */
static char const *const PACKAGES[][2] = {
    {"execlineb", "execline"},
    {"bash", "bash"},
    {"dash", "dash"},
    {"zsh", "zsh"},
    {"ksh*", "ksh"},
    {"fish", "fish"},
    {"python3*", "python3"},
    {"python*", "python3 (python is its old name)"},
    {"perl", "perl"},
    {"node", "nodejs"},
    {"nodejs", "nodejs"},
    {"ruby*", "ruby"},
    {"php*", "php"},
    {"lua*", "lua"},
    {"tclsh*", "tcl"},
    {"gawk", "gawk"},
    {"make", "make"},
    {"java", "a Java runtime"},
    {"env", "coreutils"},
    {"busybox", "busybox"},
    {"with-contenv", "cairn"},
    {"import", "cairn"},
    {"s6-*", "s6"},
    {"sh", "busybox"},
};

static char const *package_of(char const *interpreter)
{
    char const *base = strrchr(interpreter, '/');
    base = base ? base + 1 : interpreter;
    for (size_t i = 0; i < sizeof PACKAGES / sizeof *PACKAGES; i++) {
        char const *name = PACKAGES[i][0];
        size_t len = strlen(name);
        if (name[len - 1] == '*' ? !strncmp(base, name, len - 1) : !strcmp(base, name))
            return PACKAGES[i][1];
    }
    return NULL;
}

char *script_loader(char *buf, size_t size, int fd)
{
#if UINTPTR_MAX > 0xffffffffu
    Elf64_Ehdr h;
    Elf64_Phdr p;
    unsigned char const class = ELFCLASS64;
#else
    Elf32_Ehdr h;
    Elf32_Phdr p;
    unsigned char const class = ELFCLASS32;
#endif
    if (pread(fd, &h, sizeof h, 0) != (ssize_t)sizeof h || memcmp(h.e_ident, ELFMAG, SELFMAG) ||
        h.e_ident[EI_CLASS] != class)
        return NULL;
    for (unsigned int i = 0; i < h.e_phnum && i < 64; i++) {
        if (pread(fd, &p, sizeof p, (off_t)(h.e_phoff + i * sizeof p)) != (ssize_t)sizeof p)
            return NULL;
        if (p.p_type != PT_INTERP || p.p_filesz < 1 || p.p_filesz > size)
            continue;
        if (pread(fd, buf, p.p_filesz, (off_t)p.p_offset) != (ssize_t)p.p_filesz)
            return NULL;
        buf[p.p_filesz - 1] = 0;
        return *buf ? buf : NULL; /* a broken file names nothing */
    }
    return NULL;
}

static void explain_elf(struct text *t, char const *path, int fd, int e)
{
    char loader[256];
    add(t, path);
    if (e == ENOENT && script_loader(loader, sizeof loader, fd)) {
        add(t, " is a program that needs the loader ");
        add(t, loader);
        add(t, strstr(loader, "musl") ? ", which does not exist; install musl"
                                      : ", which does not exist; install the C library it was "
                                        "built for (gcompat on Alpine) or use a static program");
    } else if (e == ENOEXEC) {
        add(t, " is a program for another kind of machine");
    } else {
        add(t, " is a program that cannot be run: ");
        add(t, strerror(e));
    }
}

static void explain_interpreter(struct text *t, char const *path, struct shebang const *s, int e)
{
    size_t len = strlen(s->interpreter);
    add(t, path);
    if (len && s->interpreter[len - 1] == '\r') {
        add(t,
            " has DOS line endings (its first line ends with a carriage return); convert it with "
            "'sed -i \"s/\\r$//\"'");
        return;
    }
    add(t, " needs the interpreter ");
    add(t, s->interpreter);
    if (e != ENOENT) {
        add(t, ", which cannot be run: ");
        add(t, strerror(e));
        return;
    }
    int fd = open(s->interpreter, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) {
        add(t, ": ");
        explain_elf(t, s->interpreter, fd, e);
        close(fd);
        return;
    }
    char const *package = package_of(s->interpreter);
    add(t, ", which does not exist");
    if (package) {
        add(t, "; install ");
        add(t, package);
    }
}

/* Names the mount point above the file fd: the highest directory on the same device. */
static void add_mountpoint(struct text *t, int fd, dev_t dev)
{
    char proc[32] = "/proc/self/fd/";
    char path[TARGET_MAX];
    struct stat st;
    proc[14 + uint_fmt(proc + 14, (unsigned int)fd)] = 0;
    ssize_t n = readlink(proc, path, sizeof path - 1);
    if (n < 1 || path[0] != '/')
        return;
    path[n] = 0;
    for (;;) {
        char *slash = strrchr(path, '/');
        char saved = slash[1];
        slash[slash == path] = 0;
        if (stat(path, &st) == -1 || st.st_dev != dev) {
            if (slash == path)
                slash[1] = saved;
            *slash = '/';
            break;
        }
        if (slash == path)
            break;
    }
    add(t, " (");
    add(t, path);
    add(t, ")");
}

static void explain_denied(struct text *t, char const *path, int fd, struct stat const *st)
{
    char magic[SELFMAG];
    struct statvfs vfs;
    add(t, path);
    if (S_ISDIR(st->st_mode)) {
        add(t, " is a directory");
    } else if (fstatvfs(fd, &vfs) == 0 && vfs.f_flag & ST_NOEXEC &&
               pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
               !memcmp(magic, ELFMAG, SELFMAG)) {
        add(t, " is a program on a file system mounted noexec");
        add_mountpoint(t, fd, st->st_dev);
        add(t, "; move the program or remount with exec");
    } else {
        add(t, " is not executable (mode ");
        add_mode(t, st->st_mode);
        add(t, ") and has no '#!' line; use chmod +x");
    }
}

static void explain_file(struct text *t, char const *path, int fd, struct shebang const *s,
                         int is_script, int e)
{
    char magic[SELFMAG];
    struct stat st;
    if (fstat(fd, &st) == -1)
        st.st_mode = 0;
    int is_elf = pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
                 !memcmp(magic, ELFMAG, SELFMAG);
    if (is_script && (e == ENOENT || e == EACCES || e == ENOTDIR || e == ENOEXEC)) {
        explain_interpreter(t, path, s, e);
    } else if (e == EACCES) {
        explain_denied(t, path, fd, &st);
    } else if (is_elf && (e == ENOENT || e == ENOEXEC)) {
        explain_elf(t, path, fd, e);
    } else if (e == ENOEXEC) {
        add(t, path);
        add(t, st.st_size ? " has no '#!' line" : " is empty");
    } else if (e == ETXTBSY) {
        add(t, path);
        add(t, " is still open for writing");
    } else if (e == ENOENT) {
        add(t, path);
        add(t, " was not there when it was started, but is now");
    } else {
        add(t, path);
        add(t, ": ");
        add(t, strerror(e));
    }
}

char *script_explain(char *buf, size_t size, int dirfd, char const *file, int e)
{
    struct text t = {buf, size, 0};
    char path[TARGET_MAX];
    struct shebang s;
    if (!size)
        return buf;
    buf[0] = 0;
    int is_link = resolve(dirfd, file, path) == 0 && strcmp(file, path);
    char const *name = is_link ? path : file;
    int fd = openat(dirfd, file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1) {
        int why = errno;
        add(&t, file);
        /* a dangling link: resolve stops where readlink finds nothing */
        char target[TARGET_MAX];
        ssize_t n = readlinkat(dirfd, file, target, sizeof target - 1);
        if (n > 0) {
            target[n] = 0;
            add(&t, " is a symbolic link to ");
            add(&t, target);
            add(&t, why == ENOENT ? ", which does not exist" : ", which cannot be opened: ");
        } else {
            add(&t, why == ENOENT ? " does not exist" : " cannot be read: ");
        }
        if (why != ENOENT)
            add(&t, strerror(why));
        return buf;
    }
    explain_file(&t, name, fd, &s, read_shebang(dirfd, file, &s), e);
    close(fd);
    return buf;
}
