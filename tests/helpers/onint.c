/* onint: says "ready", waits for SIGINT, says "got INT" and exits 3.
   In busybox' shell a trap races with the children that it is just starting; here nothing does. */

#include <signal.h>
#include <unistd.h>

static void on_int(int sig)
{
    (void)sig;
}

int main(void)
{
    struct sigaction sa = {.sa_handler = on_int};
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGINT, &sa, NULL);
    if (write(1, "ready\n", 6) != 6)
        return 111;
    sigsuspend(&none);
    return write(1, "got INT\n", 8) == 8 ? 3 : 111;
}
