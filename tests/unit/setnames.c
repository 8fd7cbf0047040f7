#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/setnames.h>

static void setnames_finds_what_means_nothing(void **state)
{
    (void)state;
    static char const *const envp[] = {"S6_KILL_GRACTIME=1",
                                       "S6_KILL_GRACETIME=1",
                                       "S6_OVERLAY_VERSION=3",
                                       "S6_LOGGING_SCRIPT=T",
                                       "S6_SERVICES_DISABLE=a",
                                       "S6_SERVICES_ENABLE=b",
                                       "S6_CMD_USE_TERMINAL=1",
                                       "HOME=S6_X",
                                       "XS6_Y=1",
                                       NULL};
    char buf[128];
    assert_int_equal(setnames_unknown(buf, sizeof buf, envp), 2);
    assert_string_equal(buf, "S6_KILL_GRACTIME (is it S6_KILL_GRACETIME?), S6_CMD_USE_TERMINAL");
    assert_int_equal(setnames_unknown(buf, sizeof buf, envp + 7), 0);
    assert_string_equal(buf, "");
}

static void setnames_writes_whole_names_only(void **state)
{
    (void)state;
    static char const *const envp[] = {"S6_A=1", "S6_LONG_NAME=1", "S6_B=1", NULL};
    char buf[16];
    memset(buf, 'x', sizeof buf);
    assert_int_equal(setnames_unknown(buf, 13, envp), 3);
    assert_string_equal(buf, "S6_A, S6_B");
    assert_int_equal(setnames_unknown(buf, 0, envp), 3);
}

static void setnames_knows_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(setnames_nearest("S6_KEEPENV"), "S6_KEEP_ENV");
    assert_string_equal(setnames_nearest("S6_LOGING"), "S6_LOGGING");
    assert_string_equal(setnames_nearest("S6_SERVICE_GRACETIME"), "S6_SERVICES_GRACETIME");
    assert_null(setnames_nearest("S6_STAGE2_HOOK"));
    assert_null(setnames_nearest("S6_OVERLAY"));
    assert_null(setnames_nearest(""));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(setnames_finds_what_means_nothing),
        cmocka_unit_test(setnames_writes_whole_names_only),
        cmocka_unit_test(setnames_knows_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
