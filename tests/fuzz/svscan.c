/* Any bytes as what is written to the control FIFO of svscan, the first one saying whether init
   gave it --stop-fd: requests to stop are handed on, exactly these, as long as somebody reads them;
   else they are acted on. */

#define main svscan_main
extern int svscan_main(int argc, char const *const *argv);
#include "../../src/supervise/svscan.c"
#undef main

#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static void *memory;
    static size_t const room = 1 << 12;
    struct fuzz_input in = {data, size};
    unsigned int first = fuzz_byte(&in);
    char passed[64];
    char want[64];
    size_t n = 0;
    int fds[2];
    signal(SIGPIPE, SIG_IGN);
    if (!memory) {
        memory = calloc(1, scandir_size(16, 16) + room);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        HOLDS(memory && null >= 0);
        sv.console = null;
    }
    memset(memory, 0, scandir_size(16, 16));
    HOLDS(!pipe2(fds, O_NONBLOCK | O_CLOEXEC));
    sv.goal = GO_ON;
    sv.scan_armed = sv.prune = sv.silent = 0;
    sv.stopfd = fds[1];
    sv.stopmode = first & 1;
    scandir_init(&sv.sd, memory, 16, 16, effect, NULL);
    for (size_t i = 0; i < sizeof want && in.n && sv.goal == GO_ON; i++) {
        char c = (char)fuzz_byte(&in);
        int is_stop = c && strchr("tiqb6780", c);
        if (is_stop && (first & 1))
            want[n++] = c;
        on_control_byte(c);
        if (is_stop && !(first & 1))
            HOLDS(c == 'b' ? sv.goal == FINISH : strchr("6780", c) || sv.sd.ending);
        HOLDS(sv.goal == GO_ON || sv.goal == FINISH);
        HOLDS(!(first & 1) || !sv.sd.ending);
    }
    ssize_t r = read(fds[0], passed, sizeof passed);
    HOLDS(n ? r == (ssize_t)n && !memcmp(passed, want, n) : r < 0);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
