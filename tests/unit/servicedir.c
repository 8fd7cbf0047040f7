#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/servicedir.h>

static int dir;

static void put(char const *content, size_t len)
{
    int fd = openat(dir, "f", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(write(fd, content, len), (ssize_t)len);
    close(fd);
}

static void reads_integers(void **state)
{
    (void)state;
    static struct {
        char const *content;
        int result;
        uint32_t value;
    } const t[] = {
        {"3\n", 1, 3},
        {"3", 1, 3},
        {"0\n", 1, 0},
        {"007\n", 1, 7},
        {"3\nrubbish\n", 1, 3},
        {"4294967295", 1, 4294967295u},
        {"4294967296", -1, 0},
        {"99999999999", -1, 0},
        {"999999999999999", -1, 0},
        {"", -1, 0},
        {"\n", -1, 0},
        {"3 \n", -1, 0},
        {" 3\n", -1, 0},
        {"-1\n", -1, 0},
        {"+1\n", -1, 0},
        {"3x\n", -1, 0},
        {"0x3\n", -1, 0},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        uint32_t v = 12345;
        put(t[i].content, strlen(t[i].content));
        int r = servicedir_uint(dir, "f", &v);
        if (r != t[i].result || (r == 1 && v != t[i].value))
            fail_msg("'%s' gives %d %u", t[i].content, r, v);
        if (r == -1) {
            assert_int_equal(errno, EINVAL);
            assert_int_equal(v, 12345);
        }
    }
    uint32_t v;
    put("3\0", 2);
    assert_int_equal(servicedir_uint(dir, "f", &v), 1);
    assert_int_equal(servicedir_uint(dir, "absent", &v), 0);
    assert_int_equal(mkdirat(dir, "d", 0700), 0);
    assert_int_equal(servicedir_uint(dir, "d", &v), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
    assert_int_equal(servicedir_uint(dir, "fifo", &v), -1); /* and does not hang */
}

static void reads_signals(void **state)
{
    (void)state;
    static struct {
        char const *content;
        int result;
        int value;
    } const t[] = {
        {"TERM\n", 1, SIGTERM},
        {"SIGTERM\n", 1, SIGTERM},
        {"sigterm", 1, SIGTERM},
        {"usr1\n", 1, SIGUSR1},
        {"2\n", 1, SIGINT},
        {"SIGWINCH\nx\n", 1, SIGWINCH},
        {"0\n", -1, 0},
        {"\n", -1, 0},
        {"", -1, 0},
        {"NOSUCHSIG\n", -1, 0},
        {"999\n", -1, 0},
        {"TERM \n", -1, 0},
        {"-9\n", -1, 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaa\n", -1, 0},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        int sig = SIGHUP; /* a default */
        put(t[i].content, strlen(t[i].content));
        int r = servicedir_signal(dir, "f", &sig);
        if (r != t[i].result || sig != (r == 1 ? t[i].value : SIGHUP))
            fail_msg("'%s' gives %d %d", t[i].content, r, sig);
    }
    int sig;
    assert_int_equal(servicedir_signal(dir, "absent", &sig), 0);
}

static void sees_what_exists(void **state)
{
    (void)state;
    put("", 0);
    assert_int_equal(servicedir_exists(dir, "f"), 1);
    assert_int_equal(servicedir_exists(dir, "absent"), 0);
    assert_int_equal(servicedir_exists(dir, "f/x"), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void knows_who_announces(void **state)
{
    (void)state;
    char const *const names[] = {SERVICEDIR_NOTIFICATION_FD, SERVICEDIR_READY_CHECK};
    assert_int_equal(servicedir_announces(dir), 0);
    for (size_t i = 0; i < 2; i++) {
        int fd = openat(dir, names[i], O_WRONLY | O_CREAT, 0644);
        assert_int_equal(servicedir_announces(dir), i == 0); /* a ready-check without a check */
        assert_int_equal(write(fd, "tcp 80\n", 7), 7);
        close(fd);
        assert_int_equal(servicedir_announces(dir), 1);
        unlinkat(dir, names[i], 0);
    }
}

static int setup(void **state)
{
    (void)state;
    static char name[] = "servicedir.XXXXXX";
    if (!mkdtemp(name))
        return -1;
    dir = open(name, O_RDONLY | O_DIRECTORY);
    return dir == -1;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(reads_signals),
        cmocka_unit_test(sees_what_exists),
        cmocka_unit_test(knows_who_announces),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
