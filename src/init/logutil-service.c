/* logutil-service: becomes the logger of a service.

   logutil-service [-f FIFO] DIR
   logutil-service -C ...
   logutil-service -P HOW ...

   Becomes svlog -bp on standard input, or on FIFO, with the words of S6_LOGGING_SCRIPT (default
   "n20 s1000000 T") and the log directory DIR, as user nobody and with an empty environment. DIR is
   made if it is missing. The script is looked for in the environment, then in that of the
   container.

   -C is the first line of run of the service s6-svscan-log, which init makes for S6_LOGGING: the
   FIFO is STATE/uncaught-logs-fifo, the working directory being STATE/services/s6-svscan-log, DIR
   is /var/log/s6-uncaught-logs, and what the script sends to standard output (1) goes to standard
   error, which svscan makes that of the container: standard output is the FIFO itself.

   -P is that of log/run of services, which services-up makes for S6_LOG_PREFIX, whose value is HOW:
   becomes an svlog that writes to standard output whose line it is (logprefix), as the user we are.

   Exits as svlog; 100 wrong usage; 111 system call failed. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/logprefix.h>
#include <cairn/logservice.h>
#include <cairn/say.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>

#define USAGE      "logutil-service [ -f fifo ] dir, or logutil-service -C, or logutil-service -P how"
#define dieusage() strerr_dieusage(100, USAGE)

enum { SCRIPT_MAX = 4096, PATH_BYTES = 1024, PIPE_MODE = 0622 };

char const *PROG = "logutil-service";

/* Opening waits for no writer. With end, one that never comes is no reason to wait for it either:
   the end of the input is seen when nobody has it open. */
static void open_fifo(char const *fifo, int end)
{
    int fd = open(fifo, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        strerr_diefu2sys(111, "open ", fifo);
    if (end) {
        int writer = open(fifo, O_WRONLY | O_NONBLOCK);
        if (writer >= 0)
            close(writer);
    }
    fcntl(fd, F_SETFL, 0);
    if (fd && (dup2(fd, 0) < 0 || close(fd) < 0))
        strerr_diefu2sys(111, "move the descriptor of ", fifo);
}

static _Noreturn void become_svlog(char const **argv)
{
    char path[PATH_BYTES];
    /* empty, but for how to complain */
    char const *const env[] = {say_is_json() ? SAY_VARIABLE "=json" : NULL, NULL};
    if (!argv || !sibling_path(path, sizeof path, "svlog"))
        strerr_diefu1sys(111, "prepare svlog");
    execve(path, (char *const *)argv, (char *const *)env);
    strerr_diefu2sys(errno == ENOENT ? 127 : 126, "run ", path);
}

static _Noreturn void print_prefixed(char const *value)
{
    char name[256];
    struct stat st;
    enum logprefix how;
    if (logprefix_parse(value, &how) < 0 || how == LOGPREFIX_OFF)
        dieusage();
    /* a service that is another user by now can open /dev/stdout, as with the catch-all logger */
    if (!fstat(0, &st) && S_ISFIFO(st.st_mode))
        fchmod(0, PIPE_MODE);
    if (!logprefix_service(name, sizeof name))
        strerr_diefu1sys(111, "find out whose log directory this is");
    become_svlog(logprefix_argv(how, name));
}

static _Noreturn void log_to(char const *dir, int own)
{
    char script[SCRIPT_MAX];
    struct logservice l;
    char const *words = setting_get("S6_LOGGING_SCRIPT", script, sizeof script);
    if (logservice_user(&l) < 0)
        strerr_diefu1sys(111, "look for the user nobody");
    if (logservice_directory(&l, dir, own) < 0)
        strerr_diefu2sys(111, "make the log directory ", dir);
    char const **argv = logservice_argv(words ? words : LOGSERVICE_SCRIPT, dir);
    if (!argv)
        strerr_diefu1sys(111, "prepare svlog");
    if (logservice_drop(&l) < 0)
        strerr_diefu1sys(111, "become the user nobody");
    if (access(dir, W_OK | X_OK) < 0)
        strerr_diefu3sys(111, "write to ", dir,
                         l.drops ? " as user nobody: change its owner, or let it be made" : "");
    become_svlog(argv);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    char const *fifo = NULL;
    int catchall = 0;
    for (int opt; (opt = subgetopt_r(argc, argv, "CP:f:", &l)) != -1;)
        switch (opt) {
        case 'C':
            catchall = 1;
            break;
        case 'P':
            print_prefixed(l.arg);
        case 'f':
            fifo = l.arg;
            break;
        default:
            dieusage();
        }
    if (catchall) {
        open_fifo("../../" LOGSERVICE_FIFO, 1);
        if (dup2(2, 1) < 0)
            strerr_diefu1sys(111, "move the descriptor of standard error");
        log_to(LOGSERVICE_CATCHALL, 1);
    }
    if (argc - l.ind != 1 || !argv[l.ind][0])
        dieusage();
    if (fifo)
        open_fifo(fifo, 0);
    log_to(argv[l.ind], 0);
}
