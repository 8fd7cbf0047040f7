#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/resolvtake.h>

static char file[128];
static int fd;
static struct netaddr own;

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(file, sizeof file, "%s/take.XXXXXX", t ? t : "/tmp");
    fd = mkstemp(file);
    return fd < 0 || !netaddr_parse("127.0.0.1", &own);
}

static int teardown(void **state)
{
    (void)state;
    close(fd);
    return unlink(file);
}

static void put(char const *s)
{
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, s, strlen(s), 0), (ssize_t)strlen(s));
}

static char const *get(void)
{
    static char buf[2 * RESOLVTAKE_MAX];
    ssize_t n = pread(fd, buf, sizeof buf - 1, 0);
    assert_true(n >= 0);
    buf[n] = 0;
    return buf;
}

#define PLAIN                                                                                      \
    "# by Docker\nnameserver 10.0.0.1\n  nameserver\t10.0.0.2\nsearch a.test\n"                    \
    "options ndots:0\n#nameserver 10.0.0.3\nnameservers x\n"
#define TAKEN                                                                                      \
    "# nameserver 127.0.0.1 # added by go-dnsmasq\nnameserver 127.0.0.1\n"                         \
    "# by Docker\n# disabled by go-dnsmasq #nameserver 10.0.0.1\n"                                 \
    "# disabled by go-dnsmasq #  nameserver\t10.0.0.2\nsearch a.test\n"                            \
    "options ndots:0\n#nameserver 10.0.0.3\nnameservers x\n"

static void resolvtake_takes_and_gives_back(void **state)
{
    (void)state;
    struct stat before;
    struct stat after;
    put(PLAIN);
    fstat(fd, &before);
    assert_int_equal(resolvtake_file(fd, NULL), 0);
    assert_int_equal(resolvtake_file(fd, &own), 1);
    assert_string_equal(get(), TAKEN);
    /* again, as after a crash */
    assert_int_equal(resolvtake_file(fd, &own), 0);
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(get(), PLAIN);
    assert_int_equal(resolvtake_file(fd, NULL), 0);
    fstat(fd, &after);
    assert_int_equal(before.st_ino, after.st_ino);
    /* another address of ours */
    assert_int_equal(resolvtake_file(fd, &own), 1);
    assert_int_equal(netaddr_parse("::1", &own), 1);
    assert_int_equal(resolvtake_file(fd, &own), 1);
    assert_int_equal(
        strncmp(get(), "# nameserver ::1 # added by go-dnsmasq\nnameserver ::1\n# by", 57), 0);
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(get(), PLAIN);
}

static void resolvtake_without_a_last_newline(void **state)
{
    (void)state;
    put("nameserver 10.0.0.1");
    assert_int_equal(resolvtake_file(fd, &own), 1);
    assert_string_equal(get(),
                        "# nameserver 127.0.0.1 # added by go-dnsmasq\nnameserver 127.0.0.1\n"
                        "# disabled by go-dnsmasq #nameserver 10.0.0.1");
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(get(), "nameserver 10.0.0.1");
    put("");
    assert_int_equal(resolvtake_file(fd, &own), 1);
    assert_string_equal(get(),
                        "# nameserver 127.0.0.1 # added by go-dnsmasq\nnameserver 127.0.0.1\n");
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(get(), "");
}

static void resolvtake_heals(void **state)
{
    (void)state;
    put("nameserver 127.0.0.1 # added by go-dnsmasq \r\n"
        "# disabled by go-dnsmasq ## disabled by go-dnsmasq #nameserver 10.0.0.1\n"
        "nameserver 10.0.0.9\n"
        "nameserver 127.0.0.2 # added by go-dnsmasq");
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(get(), "nameserver 10.0.0.1\nnameserver 10.0.0.9\n");
    /* a mark without its line, in front of another, twice, with blanks, at the end */
    put("# nameserver 127.0.0.1 # added by go-dnsmasq\nnameserver 127.0.0.11\n"
        "# nameserver 127.0.0.1 # added by go-dnsmasq\r\nnameserver 127.0.0.1\t\r\n"
        "nameserver 127.0.0.1\n"
        "#  # added by go-dnsmasq\n\n# added by go-dnsmasq\nx\n"
        "# nameserver ::1 # added by go-dnsmasq\n"
        "# nameserver ::1 # added by go-dnsmasq\nnameserver ::1");
    assert_int_equal(resolvtake_file(fd, NULL), 1);
    assert_string_equal(
        get(), "nameserver 127.0.0.11\nnameserver 127.0.0.1\n\n# added by go-dnsmasq\nx\n");
}

static void resolvtake_is_bounded(void **state)
{
    (void)state;
    char *s = malloc(RESOLVTAKE_MAX + 1);
    memset(s, 'x', RESOLVTAKE_MAX);
    s[RESOLVTAKE_MAX] = 0;
    put(s);
    assert_int_equal(resolvtake_file(fd, NULL), -1);
    assert_int_equal(errno, E2BIG);
    s[RESOLVTAKE_MAX - 1] = 0;
    put(s);
    assert_int_equal(resolvtake_file(fd, NULL), 0);
    assert_int_equal(resolvtake_file(fd, &own), -1); /* no room for our line: as it was */
    assert_int_equal(errno, E2BIG);
    assert_string_equal(get(), s);
    free(s);
    int ro = open(file, O_RDONLY);
    put(PLAIN);
    assert_int_equal(resolvtake_file(ro, &own), -1);
    assert_int_equal(errno, EBADF);
    close(ro);
    assert_string_equal(get(), PLAIN);
}

static void resolvtake_reads_through(void **state)
{
    (void)state;
    struct resolvconf c;
    put(TAKEN);
    assert_int_equal(resolvtake_read(&c, file), 0);
    assert_int_equal(c.servers, 2);
    assert_int_equal(c.server[0].addr.u.bytes[3], 1);
    assert_int_equal(c.server[1].addr.u.bytes[3], 2);
    assert_int_equal(c.searches, 1);
    assert_int_equal(c.ndots, 0);
    assert_int_equal(resolvtake_read(&c, "/nonexistent"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(c.servers, 0);
    assert_int_equal(resolvtake_read(&c, "/"), -1);
    assert_int_equal(errno, EISDIR);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(resolvtake_takes_and_gives_back),
        T(resolvtake_without_a_last_newline),
        T(resolvtake_heals),
        T(resolvtake_is_bounded),
        T(resolvtake_reads_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
