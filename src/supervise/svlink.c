/* svlink: adds a service directory to a live scan directory.

   svlink [-d | -D] [-f] [-P] [-t MS] SCANDIR SERVICEDIR [NAME]

   Links SCANDIR/NAME (default: the last part of SERVICEDIR) to the absolute path of SERVICEDIR,
   tells svscan, and waits until supervisors run for the service and its logger (sclink.h). Where
   SERVICEDIR/event is missing it is made first. If anything fails the link is removed again.

   Exits 0, also when SERVICEDIR had a supervisor already (with a warning); 1 no svscan runs on
   SCANDIR; 99 timed out; 100 wrong usage, or run cannot be started; 111 system call failed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include <cairn/sclink.h>
#include <cairn/sclinkopt.h>
#include <cairn/script.h>
#include <cairn/statedir.h>

#define USAGE "svlink [ -d | -D ] [ -f ] [ -P ] [ -t timeout ] scandir servicedir [ name ]"

char const *PROG = "svlink";

static _Noreturn void die_name(char const *name)
{
    strerr_dief(100, "invalid name: '", name, SCLINK_NO_NAME);
}

/* The last part of dir, slashes at its end left out, in buf. */
static char const *last_part(char const *dir, char *buf, size_t size)
{
    size_t end = strlen(dir);
    while (end && dir[end - 1] == '/')
        end--;
    size_t start = end;
    while (start && dir[start - 1] != '/')
        start--;
    if (end - start >= size)
        die_name(dir + start);
    memcpy(buf, dir + start, end - start);
    buf[end - start] = 0;
    return buf;
}

/* What can be no service is told before anything else, by the name that was given. */
static void check_directory(char const *path, char const *servicedir)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefusys(111, "open ", servicedir);
    close(fd);
}

/* Says why it failed, and returns the exit code. */
static int report(struct sclink const *s, enum sclink_result r, char const *scandir,
                  char const *servicedir)
{
    char why[PATH_MAX + 256];
    int e = errno;
    switch (r) {
    case SCLINK_SUPERVISED:
        strerr_warnw("supervisor already running on ", servicedir);
        return 0;
    case SCLINK_NO_SVSCAN:
        strerr_dief(1, "no svscan is running on ", scandir);
    case SCLINK_UNSTARTABLE:
        script_explain(why, sizeof why, open(s->servicedir, O_PATH | O_CLOEXEC), "run", e);
        strerr_dief(e == ENOENT ? 111 : 100, "unable to link ", servicedir, ": ", why);
    case SCLINK_TIMEOUT:
        strerr_dief(99, "unable to link servicedir ", servicedir, " into scandir ", scandir,
                    " with name ", s->name, ": timed out");
    case SCLINK_ERROR:
        strerr_diefusys(111, s->what, s->file[0] ? servicedir : scandir, "/",
                        s->file[0] ? s->file : s->name);
    default:
        return r == SCLINK_OK ? 0 : 111;
    }
}

int main(int argc, char const *const *argv)
{
    char scanbuf[PATH_MAX], svbuf[PATH_MAX], name[NAME_MAX + 1], target[PATH_MAX];
    struct sclink s = {.name = NULL};
    int operands = sclinkopt(&s, argc, argv, SCLINKOPT_ADD);
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    argv += operands;
    char const *scandir = statedir_map(argv[0], scanbuf, sizeof scanbuf);
    s.servicedir = statedir_map(argv[1], svbuf, sizeof svbuf);
    s.name = argv[2] ? argv[2] : last_part(argv[1], name, sizeof name);
    if (!sclink_is_name(s.name))
        die_name(s.name);
    s.scanfd = open(scandir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s.scanfd < 0)
        strerr_diefusys(111, "open ", argv[0]);
    if (!realpath(s.servicedir, target))
        strerr_diefusys(111, "find ", argv[1]);
    check_directory(target, argv[1]);
    s.target = target;
    return report(&s, sclink_add(&s), argv[0], argv[1]);
}
