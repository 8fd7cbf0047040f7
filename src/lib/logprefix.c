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
#include <cairn/servicedir.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>

#define NEW ".log:new"

enum { PATH_BYTES = 1024 };

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

/* An interpreter line alone: no shell is needed, and nothing is executed from the state directory.
 */
char *logprefix_run(char *buf, size_t size, enum logprefix how)
{
    static char const *const words[] = {
        [LOGPREFIX_NAME] = " -P1\n", [LOGPREFIX_STAMP] = " -P2\n", [LOGPREFIX_JSON] = " -Pjson\n"};
    size_t more = strlen(words[how]);
    if (size < more + 3 || !sibling_path(buf + 2, size - more - 2, "logutil-service"))
        return NULL;
    memcpy(buf, "#!", 2);
    return strcat(buf, words[how]);
}

int logprefix_give(int sd, char const *run)
{
    struct stat st;
    if (!fstatat(sd, "log", &st, AT_SYMLINK_NOFOLLOW))
        return 0;
    if (errno != ENOENT)
        return -1;
    if (rmtree_at(sd, NEW) < 0 || mkdirat(sd, NEW, 0755) < 0)
        return -1;
    if (write_file(sd, NEW "/run", run, 0755) < 0 ||
        write_file(sd, SERVICEDIR_MERGE_STDERR, "", 0644) < 0)
        return -1;
    return renameat(sd, NEW, sd, "log");
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
