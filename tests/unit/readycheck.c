#include "scratch.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>

#include <cairn/readycheck.h>
#include <cairn/readytry.h>

#include "fakeroot.h"

static struct readycheck r;

static int takes(char const *line)
{
    char const *why = NULL;
    int result = readycheck_line(&r, line, strlen(line), &why);
    assert_true(result == 0 || (why && *why));
    return result == 0;
}

static struct readycheck_one const *only(char const *line)
{
    readytry_end(&r);
    readycheck_init(&r);
    assert_true(takes(line));
    assert_int_equal(r.n, 1);
    return r.list;
}

static int is_addr(struct readycheck_one const *o, char const *addr, unsigned int port)
{
    struct netaddr a;
    return netaddr_parse(addr, &a) && netaddr_is(&a, &o->addr) && o->port == port;
}

static void readycheck_parses(void **state)
{
    (void)state;
    assert_true(is_addr(only("tcp 80"), "127.0.0.1", 80));
    assert_true(is_addr(only("  tcp\t 65535  "), "127.0.0.1", 65535));
    assert_true(is_addr(only("tcp localhost:1"), "127.0.0.1", 1));
    assert_true(is_addr(only("tcp 10.1.2.3:81"), "10.1.2.3", 81));
    assert_true(is_addr(only("tcp [::1]:82"), "::1", 82));
    struct readycheck_one const *o = only("http http://127.0.0.1/a/b?c=d");
    assert_true(is_addr(o, "127.0.0.1", 80));
    assert_string_equal(o->operand, "/a/b?c=d");
    assert_string_equal(o->host, "127.0.0.1");
    assert_true(o->least == 200 && o->most == 399);
    o = only("http http://localhost:8080 204");
    assert_true(is_addr(o, "127.0.0.1", 8080));
    assert_string_equal(o->operand, "/");
    assert_string_equal(o->host, "localhost:8080");
    assert_true(o->least == 204 && o->most == 204);
    o = only("http http://[::1]:8080/x 200-299");
    assert_true(is_addr(o, "::1", 8080) && o->least == 200 && o->most == 299);
    assert_string_equal(only("unix /run/a b.sock")->operand, "/run/a b.sock");
    assert_string_equal(only("file flag")->operand, "flag");
    assert_string_equal(only("cmd test -e 'a b' && true")->operand, "test -e 'a b' && true");
    assert_string_equal(only("log /var/log/x ^a b$")->operand, "/var/log/x");
    assert_string_equal(r.list[0].line, "log /var/log/x ^a b$");
    readycheck_init(&r);
    assert_int_equal(r.every, 1000);
    assert_true(takes("every 20") && takes("within 30") && takes("after 40") && takes("") &&
                takes("# tcp x"));
    assert_true(r.every == 20 && r.within == 30 && r.after == 40 && !r.n);
}

static void readycheck_refuses(void **state)
{
    (void)state;
    static char const *const bad[] = {"tcp",
                                      "tcp x",
                                      "tcp 0",
                                      "tcp 65536",
                                      "tcp host:80",
                                      "tcp 1.2.3.4",
                                      "tcp 1.2.3.4:0",
                                      "tcp localhost",
                                      "tcp localhost:",
                                      "http x",
                                      "http https://127.0.0.1/",
                                      "http http://example.org/",
                                      "http http:///",
                                      "http http://127.0.0.1:0/",
                                      "http http://127.0.0.1/ x",
                                      "http http://127.0.0.1/ 99",
                                      "http http://127.0.0.1/ 600",
                                      "http http://127.0.0.1/ 300-200",
                                      "http http://127.0.0.1/ 200x",
                                      "log",
                                      "log /x",
                                      "every",
                                      "every x",
                                      "every 0",
                                      "every 1 2",
                                      "file",
                                      "unix",
                                      "cmd",
                                      "TCP 80",
                                      "ping 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        readycheck_init(&r);
        if (takes(bad[i]))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(r.n, 0);
    }
    readycheck_init(&r);
    for (unsigned int i = 0; i < READYCHECK_MAX; i++)
        assert_true(takes("file x"));
    assert_false(takes("file x"));
    readycheck_init(&r);
    static char line[READYCHECK_BYTES];
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "file ", 5);
    assert_false(takes(line));
}

static void readycheck_reads_a_file(void **state)
{
    (void)state;
    unsigned int number;
    char const *why;
    readycheck_init(&r);
    assert_int_equal(readycheck_file(&r, AT_FDCWD, in("none"), &number, &why), -1);
    assert_true(!number && !why && errno == ENOENT);
    put("good", "# text\n\nfile /a\nevery 5\nfile /b", 0644);
    assert_int_equal(readycheck_file(&r, AT_FDCWD, in("good"), &number, &why), 0);
    assert_true(r.n == 2 && r.every == 5);
    put("bad", "file /a\n\nfile", 0644);
    readycheck_init(&r);
    assert_int_equal(readycheck_file(&r, AT_FDCWD, in("bad"), &number, &why), -1);
    assert_true(number == 3 && why);
    put("empty", "every 5\n", 0644);
    readycheck_init(&r);
    assert_int_equal(readycheck_file(&r, AT_FDCWD, in("empty"), &number, &why), -1);
    assert_true(!number && why);
}

static void append(char const *name, char const *text)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_APPEND, 0644);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void begin(void)
{
    char const *wrong = NULL;
    assert_int_equal(readytry_begin(&r, &wrong), 0);
}

static int log_passes(void)
{
    readytry_logs(&r);
    return readytry_all(&r) == 1;
}

static void readycheck_reads_logs(void **state)
{
    (void)state;
    char line[512];
    snprintf(line, sizeof line, "log %s ^go+d$", in("log"));
    append("log", "good\n");
    only(line);
    begin();
    assert_false(log_passes());
    append("log", "bad\ngo");
    assert_false(log_passes());
    append("log", "od");
    assert_false(log_passes()); /* the line has no end */
    append("log", "\n");
    assert_true(log_passes());
    assert_int_equal(unlink(in("log")), 0);
    assert_true(log_passes()); /* what was found stays */

    only(line); /* a file that comes, is emptied, is replaced */
    begin();
    assert_false(log_passes());
    append("log", "bad bad bad\n");
    assert_false(log_passes());
    put("log", "good\n", 0644);
    assert_true(log_passes());
    only(line);
    begin();
    assert_int_equal(rename(in("log"), in("old")), 0);
    append("log", "good\n");
    assert_true(log_passes());

    only(line); /* emptied and written again, as it was */
    put("log", "good\n", 0644);
    begin();
    assert_false(log_passes());
    put("log", "good\n", 0644);
    assert_true(log_passes());
    only(line); /* emptied, and longer than it was */
    begin();
    put("log", "bad\ngood\nbad\n", 0644);
    assert_true(log_passes());
    only(line); /* a line, then a rotation, between two looks */
    begin();
    append("log", "good\n");
    assert_int_equal(rename(in("log"), in("old")), 0);
    append("log", "bad\n");
    assert_true(log_passes());
    only(line); /* removed, and made anew */
    put("log", "good\n", 0644);
    begin();
    assert_int_equal(unlink(in("log")), 0);
    assert_false(log_passes());
    append("log", "good\n");
    assert_true(log_passes());
    char const *wrong = NULL;
    only("log /x (");
    assert_int_equal(readytry_begin(&r, &wrong), -1);
    assert_string_equal(wrong, "log /x (");

    static char longest[10000];
    memset(longest, 'x', sizeof longest - 1);
    only(line);
    begin();
    append("log", longest);
    assert_false(log_passes());
    append("log", "\ngood\n");
    assert_true(log_passes());
    readytry_end(&r);
}

/* Of a line that came while its file was read, the file's new time was taken for a sign that all
   had been written anew, so that the lines of an earlier life counted. */
static void readycheck_reads_logs_that_grow_meanwhile(void **state)
{
    (void)state;
    enum { ROUNDS = 20, LINES = 40000 };
    char path[512], line[600];
    static char bulk[2 * LINES + 1];
    strcpy(path, in("growing"));
    snprintf(line, sizeof line, "log %s ^go+d$", path);
    for (int i = 0; i < LINES; i++)
        memcpy(bulk + 2 * i, "x\n", 2);
    put("growing", "good\n", 0644);
    only(line);
    begin();
    for (int i = 0; i < ROUNDS; i++) {
        append("growing", bulk);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (!pid) {
            usleep(500u * (unsigned int)(i % 10 + 1));
            int fd = open(path, O_WRONLY | O_APPEND);
            _exit(write(fd, "y\n", 2) != 2);
        }
        readytry_logs(&r);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_false(log_passes());
        assert_false(log_passes());
    }
    append("growing", "good\n");
    assert_true(log_passes());
    readytry_end(&r);
}

static void readycheck_tries(void **state)
{
    (void)state;
    char line[512];
    readycheck_init(&r);
    put("here", "", 0644);
    snprintf(line, sizeof line, "file %s", in("here"));
    assert_true(takes(line) && takes("cmd true") && takes("cmd exit 3") && takes("file /"));
    assert_int_equal(readytry_all(&r), 2); /* the first that does not pass */
    readycheck_init(&r);
    assert_true(takes("cmd true") && takes("file /"));
    assert_int_equal(readytry_all(&r), 2);
    only("unix /no/such/socket");
    assert_int_equal(readytry_all(&r), 0);
    only("tcp 1");
    assert_int_equal(readytry_all(&r), 0);
}

/* A server on loopback that gives one answer to each connection, and writes down what was asked. */
static pid_t serve(char const *const *answers, unsigned int n, uint16_t *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t len = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    *port = ntohs(here.sin_port);
    pid_t pid = fork();
    if (!pid) {
        for (unsigned int i = 0; i < n; i++) {
            char buf[512] = "";
            int c = accept(fd, NULL, NULL);
            if (read(c, buf, sizeof buf - 1) > 0)
                append("asked", buf);
            for (char const *s = answers[i]; *s; s++) /* in pieces */
                if (write(c, s, 1) != 1)
                    break;
            close(c);
        }
        _exit(0);
    }
    close(fd);
    return pid;
}

static void readycheck_asks_http(void **state)
{
    (void)state;
    static struct {
        char const *answer, *status;
        int passes;
    } const rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", "", 1},
        {"HTTP/1.0 399 Something that is longer than what is looked at of a line of status\r\n\r\n",
         "", 1},
        {"HTTP/1.1 400 Bad\r\n\r\n", "", 0},
        {"HTTP/1.1 503 \r\n\r\n", " 503", 1},
        {"HTTP/1.1 299 x\r\n", " 200-299", 1},
        {"HTTP/1.1 300 x\r\n", " 200-299", 0},
        {"HTTP/2 200\r\n", "", 0},
        {"HTTP/1.", "", 0},
        {"ICY 200 OK\r\n", "", 0},
        {"", "", 0},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    char const *answers[ROWS];
    char line[128], host[64];
    uint16_t port;
    int wstat;
    signal(SIGPIPE, SIG_IGN);
    put("asked", "", 0644);
    for (unsigned int i = 0; i < ROWS; i++)
        answers[i] = rows[i].answer;
    pid_t pid = serve(answers, ROWS, &port);
    for (unsigned int i = 0; i < ROWS; i++) {
        snprintf(line, sizeof line, "http http://127.0.0.1:%u/health?x=%u%s", port, i,
                 rows[i].status);
        readycheck_init(&r);
        assert_true(takes(line));
        if (readytry_all(&r) != (unsigned int)rows[i].passes)
            fail_msg("%s: %s", line, rows[i].answer);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &wstat, 0);
    snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%u\r\n", port);
    char const *asked = get("asked");
    assert_memory_equal(asked, "GET /health?x=0 HTTP/1.1\r\n", 26);
    assert_non_null(strstr(asked, host));
    assert_non_null(strstr(asked, "\r\nConnection: close\r\n"));
    /* nobody is there any more */
    assert_int_equal(readytry_all(&r), 0);
}

static void readycheck_connects(void **state)
{
    (void)state;
    char line[256], far[200];
    uint16_t port;
    pid_t pid = serve(NULL, 0, &port);
    waitpid(pid, NULL, 0);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    snprintf(un.sun_path, sizeof un.sun_path, "%s", in("socket"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    snprintf(line, sizeof line, "unix %s", un.sun_path);
    only(line);
    assert_int_equal(readytry_all(&r), 0); /* a file, and nobody listens */
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(readytry_all(&r), 1);
    close(fd);
    assert_int_equal(readytry_all(&r), 0);
    /* a path that no socket can have */
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = 0;
    snprintf(line, sizeof line, "unix /%s", far);
    only(line);
    assert_int_equal(readytry_all(&r), 0);
    /* a log that is no file never says anything, and does not make us wait */
    assert_int_equal(mkfifo(in("fifo"), 0600), 0);
    snprintf(line, sizeof line, "log %s x", in("fifo"));
    only(line);
    assert_true(takes("file /"));
    begin();
    readytry_logs(&r);
    assert_int_equal(readytry_all(&r), 0);
    readytry_end(&r);
}

/* With one port to give, the kernel gives a client that of the server which is not there. */
static int alone(void)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ||
        fakeroot_write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000") < 0)
        return FAKEROOT_CANNOT;
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(40000)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(!connect(fd, (struct sockaddr *)&there, sizeof there)); /* to itself */
    struct linger at_once = {.l_onoff = 1};
    check(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) && !close(fd));
    readycheck_init(&r);
    check(takes("tcp 40000"));
    check(readytry_all(&r) == 0);
    return 0;
}

static void readycheck_does_not_meet_itself(void **state)
{
    (void)state;
    in_process(CLONE_NEWNET, alone);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(readycheck_parses),
        cmocka_unit_test(readycheck_refuses),
        cmocka_unit_test(readycheck_reads_a_file),
        cmocka_unit_test(readycheck_reads_logs),
        cmocka_unit_test(readycheck_reads_logs_that_grow_meanwhile),
        cmocka_unit_test(readycheck_tries),
        cmocka_unit_test(readycheck_asks_http),
        cmocka_unit_test(readycheck_connects),
        cmocka_unit_test(readycheck_does_not_meet_itself),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
