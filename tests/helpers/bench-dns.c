/* bench-dns: how long a DNS server takes from its start to its first answer.

   bench-dns N PORT NAME COMMAND...

   Starts COMMAND N times (and once to warm up), asks 127.0.0.1 PORT for the address of NAME until
   an answer comes, and kills it. Prints the median and the minimum in microseconds. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "bench.h"

static size_t make_query(unsigned char *b, char const *name)
{
    static unsigned char const head[12] = {0x12, 0x34, 1, 0, 0, 1};
    static unsigned char const tail[5] = {0, 0, 1, 0, 1};
    size_t n = sizeof head;
    memcpy(b, head, sizeof head);
    while (*name) {
        size_t len = strcspn(name, ".");
        b[n++] = (unsigned char)len;
        memcpy(b + n, name, len);
        n += len;
        name += len + (name[len] == '.');
    }
    memcpy(b + n, tail, sizeof tail);
    return n + sizeof tail;
}

/* Nobody listens yet: the kernel says so at once (ECONNREFUSED). Asked again 0.1 ms later, for a
   client that only asks takes a processor from who starts. */
static void ask(uint16_t port, unsigned char const *query, size_t len)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 5};
    unsigned char reply[512];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
        bench_die("socket");
    struct timespec pause = {.tv_nsec = 100000};
    int64_t end = bench_now() + 5000000000;
    while (send(fd, query, len, 0) < 0 || recv(fd, reply, sizeof reply, 0) < 0) {
        if (errno != ECONNREFUSED || bench_now() > end)
            bench_die("no answer");
        nanosleep(&pause, NULL);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    long n = argc > 4 ? atol(argv[1]) : 0;
    if (n < 1 || strlen(argv[3]) > 200) {
        fputs("bench-dns: usage: bench-dns N PORT NAME COMMAND...\n", stderr);
        return 100;
    }
    unsigned char query[256];
    size_t len = make_query(query, argv[3]);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    int64_t *t = calloc((size_t)n, sizeof *t);
    if (!t)
        bench_die("calloc");
    for (long k = -1; k < n; k++) {
        int64_t start = bench_now();
        pid_t pid = bench_spawn(argv + 4, &quiet, NULL);
        ask((uint16_t)atoi(argv[2]), query, len);
        if (k >= 0)
            t[k] = bench_now() - start;
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0)
            if (errno != EINTR)
                bench_die("waitpid");
    }
    int64_t median = bench_median(t, (size_t)n);
    printf("%lld %lld\n", (long long)median / 1000, (long long)t[0] / 1000);
    return 0;
}
