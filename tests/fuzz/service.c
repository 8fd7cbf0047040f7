/* Any bytes as what is written to the control FIFO of a service whose run is not there: read by the
   supervisor, piece by piece, as it reads them. What it says of itself stays true, down is there
   when it was asked for last, and x ends it. */

#include <signal.h>

#include <cairn/service.h>

#include "fuzzfile.h"

static void warn(struct service const *s, char const *what, char const *object, int e)
{
    (void)s;
    (void)e;
    HOLDS(*what && object);
}

static void halt(struct service const *s, unsigned int code)
{
    (void)s;
    HOLDS(code < 256);
}

static char const *name(struct service const *s)
{
    (void)s;
    return "a";
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct service_host host;
    static struct service s;
    int const io[3] = {0, 1, 2};
    char const *culprit;
    tain now = {{1000}, 0};
    int has_down = 0;
    int is_gone = 0;
    host = (struct service_host){.warn = warn, .halt = halt, .name = name};
    signal(SIGPIPE, SIG_IGN);
    mkdirat(fuzz_dir(), "service", 0700);
    int dir = openat(fuzz_dir(), "service", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    HOLDS(dir >= 0);
    unlinkat(dir, "down", 0);
    memset(&s, 0, sizeof s);
    HOLDS(!service_open(&s, &host, dir, io, 0, &culprit));
    service_start(&s, &now);
    int fifo = openat(dir, "supervise/control", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    HOLDS(fifo >= 0);
    size = size < 64 ? size : 64; /* a start that fails costs a process */
    for (size_t at = 0, n; at < size && !is_gone; at += n) {
        struct svstatus status;
        n = size - at < 5 ? size - at : 5;
        HOLDS(write(fifo, data + at, n) == (ssize_t)n);
        for (size_t i = at; i < at + n && !is_gone; i++) {
            if (strchr("DQ", data[i]) && data[i])
                has_down = 1;
            if (data[i] == 'U')
                has_down = 0;
            is_gone = data[i] == 'x';
        }
        service_on_fd(&s, SERVICE_CONTROL, &now);
        now.sec.x += 2;
        service_on_timeout(&s, &now);
        HOLDS(!svstatus_read(dir, ".", &status));
        HOLDS(!status.pid && !svstatus_is_up(&status) && svstatus_is_never_started(&status));
        HOLDS((s.fsm.state == SVFSM_GONE) == is_gone);
        HOLDS(faccessat(dir, "down", F_OK, 0) == (has_down ? 0 : -1));
    }
    close(fifo);
    service_close(&s);
    close(dir);
    return 0;
}
