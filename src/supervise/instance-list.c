/* instance-list: prints the names of the instances of an instanced service.

   instance-list SERVICEDIR

   One name a line, in no order: what is in SERVICEDIR/instance and does not begin with a dot. Exits
   0; 1 the instanced service is not running; 100 wrong usage; 111 system call failed. */

#include <fcntl.h>
#include <limits.h>

#include <skalibs/buffer.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/dents.h>
#include <cairn/instance.h>
#include <cairn/sclink.h>

#define USAGE "instance-list servicedir"

char const *PROG = "instance-list";

static void print(int fd, char const *dir)
{
    _Alignas(struct dent) char buf[4096];
    long len;
    while ((len = dents_read(fd, buf, sizeof buf)) > 0)
        for (long at = 0; at < len;) {
            char const *name = dents_next(buf, &at)->name;
            if (name[0] != '.' &&
                (buffer_puts(buffer_1, name) < 0 || buffer_put(buffer_1, "\n", 1) < 0))
                strerr_diefusys(111, "write to standard output");
        }
    if (len < 0)
        strerr_diefusys(111, "read ", dir, "/" INSTANCE_SCANDIR);
    if (!buffer_flush(buffer_1))
        strerr_diefusys(111, "write to standard output");
}

int main(int argc, char const *const *argv)
{
    char path[PATH_MAX];
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) != -1 || l.ind >= argc)
        strerr_dieusage(100, USAGE);
    char const *dir = argv[l.ind];
    if (!instance_path(path, sizeof path, dir, ""))
        strerr_diefusys(111, "find ", dir);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -1 : sclink_is_scanned(fd);
    if (r < 0)
        strerr_diefusys(111, "open ", dir, "/" INSTANCE_SCANDIR);
    if (!r)
        strerr_dief(1, "instanced service not running on ", dir);
    print(fd, dir);
    return 0;
}
