/* pauser: the service that the benchmarks and the 1,000-service tests run: it reports its pid and
   pauses.

   run -> pauser

   It writes its pid, four bytes in host order, to descriptor 9 if that is open, then, if its
   directory has a notification-fd file, a newline to descriptor 3, and waits for a signal. Linked
   statically: what is measured is the supervisor, not the dynamic loader. */

#include <sys/types.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = getpid();
    int ready = access("notification-fd", F_OK) == 0;
    if (ready && write(3, "\n", 1) != 1)
        return 111;
    if (write(9, &pid, sizeof pid) == -1 && ready)
        return 111;
    for (;;)
        pause();
}
