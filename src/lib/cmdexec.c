#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cairn/bootenv.h>
#include <cairn/cmdexec.h>
#include <cairn/livesd.h>
#include <cairn/script.h>

enum { PATH_BYTES = 4096 };

static char const *path_of(char *const *envp)
{
    for (; *envp; envp++)
        if (!strncmp(*envp, "PATH=", 5))
            return *envp + 5;
    return BOOTENV_PATH_DEFAULT;
}

/* Writes to buf what name is called in the first directory of dirs: "" if that is too long. Returns
   the rest of dirs, or NULL after the last. */
static char const *candidate(char buf[static PATH_BYTES], char const *dirs, char const *name)
{
    size_t len = strcspn(dirs, ":");
    size_t namelen = strlen(name);
    buf[0] = 0;
    if (len + namelen + 2 <= PATH_BYTES) {
        memcpy(buf, dirs, len);
        if (len)
            buf[len++] = '/';
        memcpy(buf + len, name, namelen + 1);
    }
    dirs += strcspn(dirs, ":");
    return *dirs ? dirs + 1 : NULL;
}

void cmdexec_exec(char *const *argv, char *const *envp)
{
    char path[PATH_BYTES];
    int e = ENOENT;
    if (strchr(argv[0], '/')) {
        execve(argv[0], argv, envp);
        return;
    }
    for (char const *dirs = argv[0][0] ? path_of(envp) : NULL; dirs;) {
        dirs = candidate(path, dirs, argv[0]);
        execve(path, argv, envp);
        /* what exists but cannot be run is worth more than what does not exist */
        if (errno != ENOENT && errno != ENOTDIR)
            e = errno;
    }
    errno = e;
}

/* As the kernel would: unlike a hook's, the command's mode counts. */
static int startable(char const *file)
{
    int e = livesd_startable(AT_FDCWD, file);
    return e ? e : access(file, X_OK) < 0 ? errno : 0;
}

int cmdexec_startable(char const *name, char *const *envp)
{
    char path[PATH_BYTES];
    int e = ENOENT;
    if (strchr(name, '/'))
        return startable(name);
    for (char const *dirs = *name ? path_of(envp) : NULL; dirs;) {
        dirs = candidate(path, dirs, name);
        if (access(path, F_OK) < 0)
            continue;
        int r = startable(path);
        if (!r)
            return 0;
        e = r;
    }
    return e;
}

static char *say(char *buf, size_t size, char const *a, char const *b, char const *c)
{
    char const *part[] = {a, b, c};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        for (char const *s = part[i]; *s && n + 1 < size; s++)
            buf[n++] = (unsigned char)*s < 32 || *s == 127 ? '?' : *s; /* one line in any case */
    if (size)
        buf[n] = 0;
    return buf;
}

/* The file was found and was refused. Unlike a hook's, the command's mode counts. */
static char *explain_file(char *buf, size_t size, char const *file, int e)
{
    struct stat st;
    struct statvfs vfs;
    if (e != EACCES || stat(file, &st) < 0 || !S_ISREG(st.st_mode))
        return script_explain(buf, size, AT_FDCWD, file, e);
    char const mode[] = {'0', (char)('0' + (st.st_mode >> 6 & 7)),
                         (char)('0' + (st.st_mode >> 3 & 7)), (char)('0' + (st.st_mode & 7)), 0};
    if (!(st.st_mode & 0111)) {
        char end[64] = " is not executable (mode ";
        return say(buf, size, file, strcat(strcat(end, mode), "); use chmod +x"), "");
    }
    if (!statvfs(file, &vfs) && vfs.f_flag & ST_NOEXEC)
        return say(buf, size, file, " lies on a file system mounted noexec", "");
    return say(buf, size, file, " may not be executed by this user, or its interpreter not: mode ",
               mode);
}

char *cmdexec_explain(char *buf, size_t size, char const *name, char *const *envp, int e)
{
    char path[PATH_BYTES];
    struct stat st;
    if (!*name)
        return say(buf, size, "its name is empty", "", "");
    if (strchr(name, '/'))
        return explain_file(buf, size, name, e);
    for (char const *dirs = path_of(envp); dirs;) {
        dirs = candidate(path, dirs, name);
        if (!stat(path, &st) && !S_ISDIR(st.st_mode))
            return explain_file(buf, size, path, e);
    }
    return say(buf, size, name, " is in no directory of PATH: ", path_of(envp));
}
