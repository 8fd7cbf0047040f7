/* instance-create: makes an instance of an instanced service.

   instance-create [-d | -D] [-f] [-P] [-t MS] SERVICEDIR NAME

   Copies SERVICEDIR/template to SERVICEDIR/instances/NAME, which appears complete, links
   SERVICEDIR/instance/NAME to it, and waits until supervisors run for the instance and its logger
   (sclink.h). If anything fails both are removed again.

   Exits 0; 1 the instanced service is not running; 99 timed out; 100 wrong usage, NAME exists
   already, or its run cannot be started; 111 system call failed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include <cairn/instance.h>
#include <cairn/join.h>
#include <cairn/livesd.h>
#include <cairn/rmtree.h>
#include <cairn/sclink.h>
#include <cairn/sclinkopt.h>
#include <cairn/script.h>
#include <cairn/statedir.h>

#define USAGE "instance-create [ -d | -D ] [ -f ] [ -P ] [ -t timeout ] servicedir name"

char const *PROG = "instance-create";

/* Enters the service directory and looks whether the service runs. Returns the scan directory. */
static int enter(char const *servicedir)
{
    char buf[PATH_MAX];
    if (chdir(statedir_map(servicedir, buf, sizeof buf)) < 0)
        strerr_diefusys(111, "chdir to ", servicedir);
    int fd = open(INSTANCE_SCANDIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefusys(111, "open ", servicedir, "/" INSTANCE_SCANDIR);
    int r = sclink_is_scanned(fd);
    if (r < 0)
        strerr_diefusys(111, "check the svscan of ", servicedir, "/" INSTANCE_SCANDIR);
    if (!r)
        strerr_dief(1, "instanced service not running on ", servicedir);
    return fd;
}

/* Returns the directory of the instances. */
static int copy_template(char const *servicedir, char const *name)
{
    char culprit[PATH_MAX];
    if (mkdir(INSTANCE_COPIES, 0755) < 0 && errno != EEXIST)
        strerr_diefusys(111, "mkdir ", servicedir, "/" INSTANCE_COPIES);
    int fd = open(INSTANCE_COPIES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefusys(111, "open ", servicedir, "/" INSTANCE_COPIES);
    if (!livesd_clone(INSTANCE_TEMPLATE, fd, name, culprit, sizeof culprit))
        return fd;
    if (errno == EEXIST)
        strerr_dief(100, "instance appears to already exist at ", servicedir,
                    "/" INSTANCE_COPIES "/", name);
    strerr_diefusys(111, "copy ", servicedir, "/" INSTANCE_TEMPLATE " to ", servicedir,
                    "/" INSTANCE_COPIES "/", name, ": ", culprit);
}

/* Says why it failed, and returns the exit code. */
static int report(struct sclink const *s, enum sclink_result r, char const *servicedir, int e)
{
    char why[PATH_MAX + 256];
    errno = e;
    switch (r) {
    case SCLINK_NO_SVSCAN:
        strerr_warn(PROG, ": fatal: instanced service not running on ", servicedir);
        return 1;
    case SCLINK_UNSTARTABLE:
        script_explain(why, sizeof why, open(INSTANCE_TEMPLATE, O_PATH | O_CLOEXEC), "run", e);
        strerr_warn(PROG, ": fatal: unable to create instance of ", servicedir, " named ", s->name,
                    ": ", why);
        return e == ENOENT ? 111 : 100;
    case SCLINK_TIMEOUT:
        strerr_warn(PROG, ": fatal: unable to create instance of ", servicedir, " named ", s->name,
                    ": timed out");
        return 99;
    case SCLINK_ERROR:
        strerr_warnsys(PROG, ": fatal: unable to ", s->what, servicedir, "/" INSTANCE_COPIES "/",
                       s->name, "/", s->file);
        return 111;
    default:
        return 111;
    }
}

int main(int argc, char const *const *argv)
{
    char target[sizeof "../" INSTANCE_COPIES "/" + NAME_MAX];
    struct sclink s = {.name = NULL};
    int operands = sclinkopt(&s, argc, argv, SCLINKOPT_ADD);
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    argv += operands;
    s.name = argv[1];
    if (!sclink_is_name(s.name))
        strerr_dief(100, "invalid instance name: '", s.name, SCLINK_NO_NAME);
    s.scanfd = enter(argv[0]);
    join(target, sizeof target, "../" INSTANCE_COPIES "/", s.name);
    s.target = target;
    s.servicedir = target + strlen("../");
    int copies = copy_template(argv[0], s.name);
    enum sclink_result r = sclink_add(&s);
    if (r == SCLINK_OK || r == SCLINK_SUPERVISED)
        return 0;
    int e = errno;
    rmtree_at(copies, s.name);
    return report(&s, r, argv[0], e);
}
