/* s6-sleep: waits for a number of seconds.

   s6-sleep [-m] N
   -m: N is in milliseconds. A stopped and continued process ends when it would have without. */

#include <errno.h>
#include <stdint.h>
#include <time.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

char const *PROG = "s6-sleep";
#define USAGE      "s6-sleep [-m] N"
#define dieusage() strerr_dieusage(100, USAGE)

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    struct timespec end;
    unsigned int n;
    int milli = 0;
    int r;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "m", &l);
        if (opt < 0)
            break;
        if (opt != 'm')
            dieusage();
        milli = 1;
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc != 1 || !uint0_scan(argv[0], &n))
        dieusage();
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)(milli ? n / 1000 : n);
    end.tv_nsec += milli ? (long)(n % 1000) * 1000000 : 0;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    do
        r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
    while (r == EINTR);
    if (r) {
        errno = r;
        strerr_diefu1sys(111, "sleep");
    }
    return 0;
}
