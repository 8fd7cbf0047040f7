#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/svorder.h>

/* Is there an entry in services/ below statefd that, with suffix, is a directory? */
static int any(int statefd, char const *suffix)
{
    char path[300];
    struct stat st;
    int fd = openat(statefd, "services", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return 0;
    }
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));) {
        size_t len = strlen(d->d_name);
        if (d->d_name[0] == '.' || len + strlen(suffix) >= sizeof path)
            continue;
        memcpy(path, d->d_name, len);
        strcpy(path + len, suffix);
        r = !fstatat(fd, path, &st, 0) && S_ISDIR(st.st_mode);
    }
    closedir(dir);
    return r;
}

int svorder_any_service(int statefd)
{
    return any(statefd, "");
}

int svorder_any_dependency(int statefd)
{
    return any(statefd, "/dependencies.d");
}
