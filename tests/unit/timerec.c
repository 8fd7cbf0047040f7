#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/timerec.h>

static char dir[] = "/tmp/timerec.XXXXXX";
static char path[sizeof dir + 8];
static char text[8192];

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/file", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static char *slurp(void)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t r = read(fd, text, sizeof text - 1);
    assert_true(r >= 0);
    text[r] = 0;
    close(fd);
    return text;
}

static void writes_what_can_be_read(void **state)
{
    (void)state;
    struct timerec t = TIMEREC_NONE;
    struct timeline line = TIMELINE_ZERO;
    timerec_put(&t, TIMELINE_HOOK, TIMELINE_START, 0, NULL, "nobody listens");
    /* what lies there is replaced, a link not followed */
    assert_int_equal(symlink("/dev/null", path), 0);
    timerec_make(&t, path, timerec_now());
    timerec_put(&t, TIMELINE_HOOK, TIMELINE_START, 0, "cont-init.d", "a\nb");
    timerec_put(&t, TIMELINE_HOOK, TIMELINE_END, 3, "cont-init.d", "a\nb");
    timerec_put(&t, TIMELINE_COMMAND, TIMELINE_START, 0, NULL, "");
    close(t.fd);
    t.fd = -1; /* as another process has it */
    timerec_service(&t, 0, 1, "s");
    timerec_service(&t, 1, 1, "s");
    slurp();
    assert_int_equal(timeline_read(&line, text, strlen(text)), 0);
    assert_int_equal(timeline_count(&line), 3);
    assert_true(!line.damaged && !line.unknown && !line.torn && line.wall_us != TIMELINE_NEVER);
    assert_string_equal(timeline_name(&line, timeline_row(&line, 0)), "cont-init.d/a\nb");
    assert_int_equal(timeline_row(&line, 0)->code, 3);
    assert_string_equal(timeline_name(&line, timeline_row(&line, 1)), "-");
    assert_true(timeline_row(&line, 2)->ready != TIMELINE_NEVER);
    timeline_free(&line);
}

static void passes_it_on(void **state)
{
    (void)state;
    struct timerec t = {1234, "/a/path:with", -1}, back = TIMEREC_NONE;
    char value[TIMEREC_VALUE + 64];
    char a[] = "A=1", z[] = "Z=2";
    char *env[] = {a, timerec_format(&t, value), z, NULL};
    assert_string_equal(value, "CAIRN_TIMELINE=1234:/a/path:with");
    timerec_take(&back, env);
    assert_true(back.base == 1234);
    assert_string_equal(back.path, "/a/path:with");
    assert_true(env[0] == a && env[1] == z && !env[2]);
    timerec_take(&back, env);
    assert_null(back.path);
    static char const *const bad[] = {"", ":/x", "1", "1:", "1:x", "x:/y", "1/x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char wrong[64];
        char *e[] = {wrong, NULL};
        snprintf(wrong, sizeof wrong, TIMEREC_ENV "=%s", bad[i]);
        timerec_take(&back, e);
        assert_null(back.path);
        assert_null(e[0]);
    }
}

static void stops_silently(void **state)
{
    (void)state;
    struct timerec t = TIMEREC_NONE;
    timerec_make(&t, "/nonexistent/file", 0);
    assert_null(t.path);
    timerec_make(&t, path, timerec_now());
    assert_ptr_equal(t.path, path);
    close(t.fd);
    t.fd = -1;
    /* a service that is started long after */
    size_t n = strlen(slurp());
    struct timerec old = {timerec_now() - TIMEREC_BOOT_US, path, -1};
    timerec_service(&old, 0, 0, "late");
    assert_int_equal(strlen(slurp()), n);
    /* a file that has grown too big */
    struct stat st;
    assert_int_equal(truncate(path, TIMEREC_MAX), 0);
    timerec_put(&t, TIMELINE_STAGE, TIMELINE_START, 0, NULL, "x");
    assert_true(!stat(path, &st) && st.st_size == TIMEREC_MAX);
    /* one that has gone is not made anew */
    unlink(path);
    timerec_put(&t, TIMELINE_STAGE, TIMELINE_START, 0, NULL, "x");
    assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_what_can_be_read),
                                       cmocka_unit_test(passes_it_on),
                                       cmocka_unit_test(stops_silently)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
