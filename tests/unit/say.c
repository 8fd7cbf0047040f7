#include "scratch.h"

#include <errno.h>
#include <sys/wait.h>

#include <skalibs/strerr.h>

#include <cairn/logjson.h>
#include <cairn/say.h>

char const *PROG = "prog";

static char buf[SAY_MAX];

static char const *object(time_t sec, long nsec, char const *prog, enum say_level level,
                          char const *text)
{
    struct timespec const now = {.tv_sec = sec, .tv_nsec = nsec};
    size_t n = say_json(buf, sizeof buf - 1, &now, prog, 7, level, text, strlen(text));
    buf[n] = 0;
    return buf;
}

#define AT0(level, prog, msg)                                                                      \
    "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"" level "\",\"prog\":\"" prog           \
    "\",\"pid\":7,\"msg\":\"" msg "\"}\n"

static void say_json_finds_the_level(void **state)
{
    (void)state;
    assert_string_equal(object(0, 0, "init", SAY_INFO, "[cont-init.d] a: executing... "),
                        AT0("info", "init", "[cont-init.d] a: executing..."));
    assert_string_equal(object(0, 0, "a", SAY_INFO, "a: warning: x"), AT0("warning", "a", "x"));
    assert_string_equal(object(0, 0, "a", SAY_WARNING, "a: fatal: x"), AT0("fatal", "a", "x"));
    assert_string_equal(object(0, 0, "a", SAY_WARNING, "a: info: x"), AT0("info", "a", "x"));
    assert_string_equal(object(0, 0, "a", SAY_INFO, "a: usage: a b"),
                        AT0("fatal", "a", "usage: a b"));
    assert_string_equal(object(0, 0, "a", SAY_WARNING, "a: tracing: x"),
                        AT0("warning", "a", "tracing: x"));
    assert_string_equal(object(0, 0, "supervise b", SAY_INFO, "supervise b: warning: c: d"),
                        AT0("warning", "supervise b", "c: d"));
    assert_string_equal(object(0, 0, "a", SAY_FATAL, "ab: warning: x"),
                        AT0("fatal", "a", "ab: warning: x"));
    assert_string_equal(object(0, 0, "a", SAY_FATAL, ""), AT0("fatal", "a", ""));
}

static void say_json_escapes(void **state)
{
    (void)state;
    assert_string_equal(object(0, 0, "a\"b", SAY_INFO, "\"\\\n\t\x01\xff\xc3\xa9"),
                        AT0("info", "a\\\"b", "\\\"\\\\\\n\\t\\u0001\xef\xbf\xbd\xc3\xa9"));
}

static char const *stamp(time_t sec, long nsec)
{
    static char s[28];
    memcpy(s, object(sec, nsec, "a", SAY_INFO, "") + 9, 27);
    return s;
}

static void say_json_knows_the_calendar(void **state)
{
    (void)state;
    assert_string_equal(stamp(951782399, 999999999), "2000-02-28T23:59:59.999999Z");
    assert_string_equal(stamp(951782400, 1000), "2000-02-29T00:00:00.000001Z");
    assert_string_equal(stamp(951868800, 0), "2000-03-01T00:00:00.000000Z");
    assert_string_equal(stamp(978307199, 0), "2000-12-31T23:59:59.000000Z");
    assert_string_equal(stamp(1798761599, 0), "2026-12-31T23:59:59.000000Z");
    assert_string_equal(stamp(4107542400, 0), "2100-03-01T00:00:00.000000Z");
    for (time_t t = 0; t < 5000000000; t += 86400 * 7 + 12345) {
        char want[32];
        struct tm tm;
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.000000Z", gmtime_r(&t, &tm));
        assert_string_equal(stamp(t, 0), want);
    }
}

/* what is cut is still an object, with whole characters */
static void say_json_cuts(void **state)
{
    (void)state;
    static char text[SAY_MAX * 2 + 1];
    struct timespec const now = {0};
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    for (size_t size = SAY_LEAST; size < SAY_LEAST + 40; size++)
        for (size_t skip = 0; skip < 2; skip++) {
            size_t n = say_json(buf, size, &now, text + skip, 4294967295, SAY_WARNING, text + skip,
                                sizeof text - 3);
            assert_true(n <= size);
            assert_true(n > size - 20);
            assert_memory_equal(buf + n - 3, "\"}\n", 3);
            char *msg = strstr(buf, "\"msg\":\"") + 7;
            assert_true((buf + n - 3 - msg - (skip ? 3 : 0)) % 2 == 0);
        }
    size_t n = say_json(buf, sizeof buf, &now, "a", 1, SAY_INFO, text, sizeof text - 1);
    assert_true(n <= sizeof buf && n > sizeof buf - 20);
}

/* What a child that does f writes to standard error; its exit code in *code. */
static char const *errors(void (*f)(void), int *code)
{
    int wstat;
    pid_t pid = fork();
    if (!pid) {
        int fd = open(in("err"), O_RDWR | O_CREAT | O_TRUNC, 0600);
        dup2(fd, 2);
        f();
        _exit(errno == EEXIST ? 0 : 1);
    }
    waitpid(pid, &wstat, 0);
    *code = WEXITSTATUS(wstat);
    return get("err");
}

static void warns(void)
{
    errno = EEXIST;
    strerr_warnw("a ", "b");
    strerr_warnwu2sys("open ", "c");
}
static void dies(void)
{
    strerr_dief2x(42, "a ", "b");
}
static void dies_sys(void)
{
    errno = ENOENT;
    strerr_diefu2sys(43, "open ", "c");
}

static void say_is_what_strerr_calls(void **state)
{
    (void)state;
    int code;
    unsetenv(SAY_VARIABLE);
    assert_int_equal(say_is_json(), 0);
    assert_string_equal(errors(warns, &code),
                        "prog: warning: a b\nprog: warning: unable to open c: File exists\n");
    assert_int_equal(code, 0); /* errno is kept */
    assert_string_equal(errors(dies, &code), "prog: fatal: a b\n");
    assert_int_equal(code, 42);
    setenv(SAY_VARIABLE, "json", 1);
    assert_int_equal(say_is_json(), 1);
    char const *got = errors(warns, &code);
    assert_int_equal(code, 0);
    assert_memory_equal(got, "{\"time\":\"20", 11);
    assert_non_null(strstr(got, "Z\",\"level\":\"warning\",\"prog\":\"prog\",\"pid\":"));
    assert_non_null(strstr(got, ",\"msg\":\"a b\"}\n{\"time\":"));
    assert_non_null(strstr(got, ",\"msg\":\"unable to open c: File exists\"}\n"));
    assert_non_null(strstr(errors(dies_sys, &code), "\"level\":\"fatal\""));
    assert_int_equal(code, 43);
    unsetenv(SAY_VARIABLE);
}

static void say_is_known_knows_two_words(void **state)
{
    (void)state;
    assert_true(say_is_known(NULL) && say_is_known("") && say_is_known("text") &&
                say_is_known("json"));
    assert_false(say_is_known("JSON"));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(say_json_finds_the_level),
        cmocka_unit_test(say_json_escapes),
        cmocka_unit_test(say_json_knows_the_calendar),
        cmocka_unit_test(say_json_cuts),
        cmocka_unit_test(say_is_what_strerr_calls),
        cmocka_unit_test(say_is_known_knows_two_words),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
