/* execlineb (the launcher): starts the execlineb of the execline package, wherever it lies.

   execlineb [ARG...]
   Reads: the places below. Scripts that begin with "#!/usr/bin/execlineb" or "#!/command/execlineb"
   run on every distribution, and find execline's other programs: its directory becomes the first of
   PATH. Never starts itself or a copy of itself. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

char const *PROG = "execlineb";

static char const *const places[] = {"/usr/lib/execline/bin", "/bin", "/usr/bin"};
enum { PLACES = sizeof places / sizeof *places, CHUNK = 4096 };

#define DEFAULT_PATH "/usr/bin:/bin"

/* Do the two files hold the same bytes? Two copies of this program would start each other for ever.
 */
static int is_copy(int a, int b)
{
    char abuf[CHUNK], bbuf[CHUNK];
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(a, abuf, CHUNK, at);
        if (n < 0 || pread(b, bbuf, CHUNK, at) != n)
            return 0;
        if (!n)
            return 1;
        if (memcmp(abuf, bbuf, (size_t)n) != 0)
            return 0;
        at += n;
    }
}

/* self: a descriptor of this program, or -1 if it cannot be had. */
static int is_usable(char const *path, int self)
{
    struct stat me, st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return 0;
    if (self < 0 || fstat(self, &me) < 0)
        return 1;
    if (st.st_dev == me.st_dev && st.st_ino == me.st_ino)
        return 0;
    if (st.st_size != me.st_size)
        return 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int copy = fd >= 0 && is_copy(self, fd);
    if (fd >= 0)
        close(fd);
    return !copy;
}

static int open_self(char const *argv0)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && argv0 && strchr(argv0, '/'))
        fd = open(argv0, O_RDONLY | O_CLOEXEC);
    return fd;
}

static void put_first_in_path(char const *dir)
{
    char const *path = getenv("PATH");
    size_t len = strlen(dir);
    if (!path)
        path = DEFAULT_PATH;
    else if (!strncmp(path, dir, len) && (!path[len] || path[len] == ':'))
        return;
    char *value = malloc(len + 1 + strlen(path) + 1);
    if (!value)
        strerr_diefu1sys(111, "make PATH");
    memcpy(value, dir, len);
    value[len] = ':';
    strcpy(value + len + 1, path);
    if (setenv("PATH", value, 1) < 0)
        strerr_diefu1sys(111, "set PATH");
    free(value);
}

int main(int argc, char *const *argv)
{
    int self = open_self(argc ? argv[0] : NULL);
    for (size_t i = 0; i < PLACES; i++) {
        char file[64];
        size_t len = strlen(places[i]);
        memcpy(file, places[i], len);
        strcpy(file + len, "/execlineb");
        if (!is_usable(file, self))
            continue;
        put_first_in_path(places[i]);
        execv(file, argv);
        strerr_diefu2sys(errno == ENOENT ? 127 : 126, "exec ", file);
    }
    strerr_dief1x(127, "execline is not here (looked for execlineb in /usr/lib/execline/bin, /bin "
                       "and /usr/bin): install execline");
}
