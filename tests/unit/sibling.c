/* sibling: where the other programs lie */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <cairn/sibling.h>

#include "config.h"

static void sibling_is_in_the_compiled_in_directory(void **state)
{
    (void)state;
    char buf[256];
    unsetenv("CAIRN_BINDIR");
    assert_ptr_equal(sibling_path(buf, sizeof buf, "svc"), buf);
    assert_string_equal(buf, CAIRN_BINDIR "/svc");
}

static void sibling_follows_the_environment(void **state)
{
    (void)state;
    char buf[256];
    setenv("CAIRN_BINDIR", "/elsewhere", 1);
    assert_non_null(sibling_path(buf, sizeof buf, "svc"));
    assert_string_equal(buf, "/elsewhere/svc");
    /* a relative directory would mean another one after each chdir */
    setenv("CAIRN_BINDIR", "elsewhere", 1);
    assert_non_null(sibling_path(buf, sizeof buf, "svc"));
    assert_string_equal(buf, CAIRN_BINDIR "/svc");
    setenv("CAIRN_BINDIR", "", 1);
    assert_non_null(sibling_path(buf, sizeof buf, "svc"));
    assert_string_equal(buf, CAIRN_BINDIR "/svc");
}

static void sibling_never_writes_past_the_buffer(void **state)
{
    (void)state;
    char buf[16] = "untouched";
    setenv("CAIRN_BINDIR", "/x", 1);
    /* "/x/abc" and its end take 7 bytes */
    assert_non_null(sibling_path(buf, 7, "abc"));
    assert_string_equal(buf, "/x/abc");
    buf[0] = 'u';
    errno = 0;
    assert_null(sibling_path(buf, 6, "abc"));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(buf[0], 'u');
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sibling_is_in_the_compiled_in_directory),
        cmocka_unit_test(sibling_follows_the_environment),
        cmocka_unit_test(sibling_never_writes_past_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
