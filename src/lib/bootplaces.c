#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/bootplaces.h>
#include <cairn/ctlfifo.h>
#include <cairn/exitfile.h>
#include <cairn/sibling.h>

enum { PATH_BYTES = 1024 };

static char const *const user_dirs[] = {"fix-attrs.d", "cont-init.d", "services.d",
                                        "cont-finish.d"};

/* v3's commands; its scripts call them by these paths */
static char const *const basedir_commands[] = {"halt", "poweroff", "reboot", "shutdown"};

/* Links the directories that exist, so that a missing one stays missing. */
static int link_user_dirs(int fd, char const *input)
{
    char path[PATH_BYTES];
    char name[32] = "etc/";
    size_t len = strlen(input);
    if (len + 1 + sizeof name > sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, input, len);
    path[len++] = '/';
    for (size_t i = 0; i < sizeof user_dirs / sizeof *user_dirs; i++) {
        strcpy(path + len, user_dirs[i]);
        strcpy(name + 4, user_dirs[i]);
        if (!access(path, F_OK) && symlinkat(path, fd, name) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static void link_commands(int fd)
{
    char path[PATH_BYTES];
    char name[32] = "basedir/bin/";
    if (!sibling_path(path, sizeof path, "halt") || mkdirat(fd, "basedir", 0755) < 0 ||
        mkdirat(fd, "basedir/bin", 0755) < 0)
        return;
    for (size_t i = 0; i < sizeof basedir_commands / sizeof *basedir_commands; i++) {
        strcpy(name + 12, basedir_commands[i]);
        (void)!symlinkat(path, fd, name);
    }
}

static int make_dir(int fd, char const *name, mode_t mode)
{
    return mkdirat(fd, name, mode) < 0 && errno != EEXIST ? -1 : 0;
}

static int make_state(struct bootplaces *b, char const *input, char const **culprit)
{
    /* before there is anything that could look as if all were well */
    *culprit = STATEDIR_BOOTING;
    int fd = openat(b->fd, *culprit, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    close(fd);
    *culprit = "services";
    if (make_dir(b->fd, "services", 0755) < 0 || make_dir(b->fd, "services/.s6-svscan", 0700) < 0)
        return -1;
    *culprit = "services/" CTLFIFO_SCAN;
    b->control = ctlfifo_serve(b->fd, *culprit, 0600, 0);
    if (b->control < 0)
        return -1;
    *culprit = "env-stage3";
    if (make_dir(b->fd, "env-stage3", 0755) < 0)
        return -1;
    *culprit = "etc";
    if (make_dir(b->fd, "etc", 0755) < 0 || link_user_dirs(b->fd, input) < 0)
        return -1;
    return 0;
}

int bootplaces_make(struct bootplaces *b, char const *input, char const **culprit)
{
    *culprit = b->state;
    b->is_public = !strcmp(b->state, STATEDIR_PUBLIC);
    b->is_private = !b->is_public && getenv(STATEDIR_VARIABLE) != NULL;
    b->fd = open(b->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->fd < 0 || make_state(b, input, culprit) < 0)
        return -1;
    link_commands(b->fd);
    return 0;
}

void bootplaces_booted(struct bootplaces const *b)
{
    unlinkat(b->fd, STATEDIR_BOOTING, 0);
}

/* Does the link's target (changed) lie in the state directory of a boot that is over? */
static int is_stale(char *target)
{
    size_t len = strlen(target);
    size_t tail = sizeof "/services" - 1;
    if (len > tail && !strcmp(target + len - tail, "/services"))
        target[len - tail] = 0;
    return statedir_is_over(target);
}

/* Makes a link at path to target if the name is free or such a link of an earlier boot. */
static void link_if_free(char const *target, char const *path)
{
    char old[PATH_BYTES];
    if (!symlink(target, path) || errno != EEXIST)
        return;
    ssize_t r = readlink(path, old, sizeof old);
    if (r < 0 || (size_t)r == sizeof old)
        return;
    old[r] = 0;
    if (!strcmp(old, target))
        return;
    /* only one that nobody misses is replaced: it leads nowhere, or to what an earlier boot left */
    if (((access(path, F_OK) < 0 && errno == ENOENT) || is_stale(old)) && !unlink(path))
        (void)!symlink(target, path);
}

static int is_same(struct bootplaces const *b, char const *path)
{
    struct stat there, here;
    return !stat(path, &there) && !fstat(b->fd, &here) && there.st_dev == here.st_dev &&
           there.st_ino == here.st_ino;
}

/* Returns whether the state can be reached as /var/run/s6. */
static int link_var_run(struct bootplaces const *b)
{
    if (is_same(b, "/var" STATEDIR_PUBLIC))
        return 1;
    if (b->is_public && access("/var/run", F_OK) < 0) {
        mkdir("/var", 0755);
        link_if_free("/run", "/var/run");
    }
    rmdir("/var" STATEDIR_PUBLIC); /* an empty one that an image made in advance */
    link_if_free(b->state, "/var" STATEDIR_PUBLIC);
    return is_same(b, "/var" STATEDIR_PUBLIC);
}

static void link_service(struct bootplaces const *b)
{
    char path[STATEDIR_MAX + 16];
    strcpy(path, b->state);
    strcat(path, "/services");
    rmdir("/run/service");
    link_if_free(path, "/run/service");
}

static void link_execlineb(void)
{
    char path[PATH_BYTES];
    if (access("/usr/bin/execlineb", F_OK) < 0 && sibling_path(path, sizeof path, "execlineb") &&
        !access(path, X_OK))
        link_if_free(path, "/usr/bin/execlineb");
}

void bootplaces_public(struct bootplaces *b)
{
    strcpy(b->etcbuf, b->state);
    strcat(b->etcbuf, "/etc");
    b->etc = b->etcbuf;
    if (b->is_private)
        return;
    if (link_var_run(b))
        b->etc = "/var" STATEDIR_PUBLIC "/etc";
    link_service(b);
    link_execlineb();
    mkdir(EXITFILE_V3_DIR, 0755);
    exitfile_put(AT_FDCWD, EXITFILE_V3, 0, 1);
}
