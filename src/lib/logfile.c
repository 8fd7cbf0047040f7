#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/logfile.h>
#include <cairn/makedir.h>

enum { FILE_MODE = 0666, DIR_MODE = 0777 }; /* less the umask */

static int append_to(char const *file)
{
    return open(file, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, FILE_MODE);
}

/* The part of file before its last slash; "/" or "." where there is none. */
static int directory(char const *file, char *dir, size_t size)
{
    char const *slash = strrchr(file, '/');
    size_t len = slash && slash != file ? (size_t)(slash - file) : 1;
    if (len >= size)
        return 0;
    memcpy(dir, slash ? file : ".", len);
    dir[len] = 0;
    return 1;
}

int logfile_make(char const *file, char *dir, size_t size)
{
    struct stat st;
    dir[0] = 0;
    if (!file || !*file || !strncmp(file, "/dev/", 5))
        return 1;
    if (!directory(file, dir, size) || makedir_parents(file, DIR_MODE) < 0 || stat(dir, &st) < 0 ||
        !S_ISDIR(st.st_mode) || access(dir, W_OK) < 0)
        return 0;
    int fd = append_to(file);
    if (fd < 0)
        return -1;
    close(fd);
    return 1;
}

int logfile_take(char const *file)
{
    int fd = file && *file ? append_to(file) : -1;
    if (fd < 0) {
        int e = errno;
        dup2(2, 1);
        errno = e;
        return 0;
    }
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
    else
        fcntl(fd, F_SETFD, 0); /* it stays, for what is started */
    return 1;
}
