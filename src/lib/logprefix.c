#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/logprefix.h>
#include <cairn/rmtree.h>
#include <cairn/scandir.h>
#include <cairn/servicedir.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>

#define NEW ".log:new"

enum { PATH_BYTES = 1024 };

static char const *const words[] = {
    [LOGPREFIX_NAME] = "1", [LOGPREFIX_STAMP] = "2", [LOGPREFIX_JSON] = "json"};

int logprefix_parse(char const *value, enum logprefix *how)
{
    unsigned int n = LOGPREFIX_OFF;
    *how = LOGPREFIX_OFF;
    if (value && !strcmp(value, "json"))
        n = LOGPREFIX_JSON;
    else if (value && !strcmp(value, "stamp"))
        n = LOGPREFIX_STAMP;
    else if (setting_parse_uint(value, &n, LOGPREFIX_STAMP) < 0 &&
             (setting_parse_bool(value, &n) < 0 || (value[0] >= '0' && value[0] <= '9')))
        return -1;
    *how = n;
    return 0;
}

/* --- loggers --- */

static int write_file(int dirfd, char const *name, char const *text, mode_t mode)
{
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    ssize_t len = (ssize_t)strlen(text);
    if ((len && write(fd, text, (size_t)len) != len) || fchmod(fd, mode) < 0) {
        close_keeping_errno(fd);
        return -1;
    }
    return close(fd);
}

/* run is an interpreter line alone: no shell is needed, and nothing is executed from the state
   directory. */
static int make_logger(int sd, char const *run)
{
    if (rmtree_at(sd, NEW) < 0 || mkdirat(sd, NEW, 0755) < 0)
        return -1;
    if (write_file(sd, NEW "/run", run, 0755) < 0 ||
        write_file(sd, SERVICEDIR_MERGE_STDERR, "", 0644) < 0)
        return -1;
    return renameat(sd, NEW, sd, "log");
}

/* Not a service, or one that has a logger: nothing to do. */
static int give_one(int scanfd, char const *name, char const *run)
{
    struct stat st;
    int r = 0;
    int sd = openat(scanfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sd < 0)
        return errno == ENOTDIR || errno == ENOENT ? 0 : -1;
    if (fstatat(sd, "log", &st, AT_SYMLINK_NOFOLLOW) < 0)
        r = errno == ENOENT ? make_logger(sd, run) : -1;
    close_keeping_errno(sd);
    return r;
}

int logprefix_make(int scanfd, enum logprefix how, char *culprit, size_t size)
{
    char run[PATH_BYTES + 16] = "#!";
    int r = 0;
    culprit[0] = 0;
    if (!sibling_path(run + 2, PATH_BYTES - 2, "logutil-service"))
        return -1;
    strcat(strcat(strcat(run, " -P"), words[how]), "\n");
    int fd = openat(scanfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close_keeping_errno(fd);
        return -1;
    }
    for (struct dirent const *d; !r && (d = readdir(dir));) {
        if (d->d_name[0] == '.' || !strcmp(d->d_name, SCANDIR_CATCHALL))
            continue;
        r = give_one(scanfd, d->d_name, run);
        if (r < 0 && strlen(d->d_name) + sizeof "/log" <= size)
            strcat(strcpy(culprit, d->d_name), "/log");
    }
    int e = errno;
    closedir(dir);
    errno = e;
    return r;
}

/* --- in the logger --- */

char const **logprefix_argv(enum logprefix how, char const *name)
{
    enum { WORDS = 8, PREFIX = 16 };
    size_t len = strlen(name);
    char const **argv = malloc(WORDS * sizeof *argv + PREFIX + len + 1);
    if (!argv)
        return NULL;
    char *s = (char *)(argv + WORDS);
    size_t n = 0;
    argv[n++] = "svlog";
    argv[n++] = "-bp";
    if (how == LOGPREFIX_STAMP) {
        argv[n++] = "--";
        argv[n++] = "T";
        argv[n++] = strcat(strcat(strcpy(s, "p"), name), ":");
        argv[n++] = "1";
    } else {
        argv[n++] = strcat(strcpy(s, how == LOGPREFIX_JSON ? "--json=" : "--prefix="), name);
    }
    argv[n] = NULL;
    return argv;
}

char *logprefix_service(char *buf, size_t size)
{
    char cwd[PATH_BYTES * 4];
    if (!getcwd(cwd, sizeof cwd))
        return NULL;
    char *end = strrchr(cwd, '/');
    if (end)
        *end = 0;
    char const *name = strrchr(cwd, '/');
    name = name ? name + 1 : cwd;
    if (!*name || strlen(name) >= size) {
        errno = *name ? ENAMETOOLONG : ENOENT;
        return NULL;
    }
    return strcpy(buf, name);
}
