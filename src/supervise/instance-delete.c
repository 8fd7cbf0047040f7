/* instance-delete: removes an instance of an instanced service.

   instance-delete [-X] [-t MS] SERVICEDIR NAME

   Removes the link SERVICEDIR/instance/NAME, tells the svscan there, which stops the instance and
   its logger, waits until their supervisors have ended (sclink.h), and removes
   SERVICEDIR/instances/NAME. With -X it does not wait. An instance that has not ended after MS
   milliseconds still uses its directory, which is left there, with a warning: the next
   instance-delete removes it.

   Exits 0, also when there was no such instance; 1 the instanced service is not running; 100 wrong
   usage; 111 system call failed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include <cairn/instance.h>
#include <cairn/rmtree.h>
#include <cairn/sclink.h>
#include <cairn/sclinkopt.h>
#include <cairn/statedir.h>

#define USAGE "instance-delete [ -X ] [ -t timeout ] servicedir name"

enum { TRIES = 16 };

char const *PROG = "instance-delete";

/* Enters the scan directory of the instances. */
static int enter(char const *servicedir)
{
    char buf[PATH_MAX];
    if (chdir(statedir_map(servicedir, buf, sizeof buf)) < 0 || chdir(INSTANCE_SCANDIR) < 0)
        strerr_diefusys(111, "chdir to ", servicedir, "/" INSTANCE_SCANDIR);
    int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefusys(111, "open ", servicedir, "/" INSTANCE_SCANDIR);
    int r = sclink_is_scanned(fd);
    if (r < 0)
        strerr_diefusys(111, "check the svscan of ", servicedir, "/" INSTANCE_SCANDIR);
    if (!r)
        strerr_dief(1, "instanced service not running on ", servicedir);
    return fd;
}

static void remove_copy(char const *servicedir, char const *name)
{
    int fd = open("../" INSTANCE_COPIES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return;
    int r = fd < 0 ? -1 : rmtree_at(fd, name);
    /* with -X the supervisor may have written its last words into what was just emptied */
    for (int tries = 1; r < 0 && errno == ENOTEMPTY && tries < TRIES; tries++)
        r = rmtree_at(fd, name);
    if (r < 0)
        strerr_diefusys(111, "remove ", servicedir, "/" INSTANCE_COPIES "/", name);
}

int main(int argc, char const *const *argv)
{
    struct sclink s = {.name = NULL};
    int operands = sclinkopt(&s, argc, argv, SCLINKOPT_REMOVE);
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    argv += operands;
    s.name = argv[1];
    if (!sclink_is_name(s.name))
        strerr_dief(100, "invalid instance name: '", s.name, SCLINK_NO_NAME);
    s.scanfd = enter(argv[0]);
    switch (sclink_remove(&s)) {
    case SCLINK_ERROR:
        if (errno == ENOTSUP)
            strerr_dief(100, argv[0], "/" INSTANCE_SCANDIR "/", s.name, " is not a symbolic link");
        strerr_diefusys(111, s.what, argv[0], "/" INSTANCE_SCANDIR "/", s.name);
    case SCLINK_TIMEOUT:
        strerr_warnw("instance ", s.name, " of ", argv[0],
                     " has not ended yet: its directory is left there");
        return 0;
    default:
        remove_copy(argv[0], s.name);
        return 0;
    }
}
