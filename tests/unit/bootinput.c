#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include <cairn/bootinput.h>

static void bootinput_finds_the_directory(void **state)
{
    (void)state;
    char buf[64];
    assert_int_equal(bootinput_find(buf, sizeof buf, NULL), 0);
    assert_string_equal(buf, "/etc");
    assert_int_equal(bootinput_find(buf, sizeof buf, ""), 0);
    assert_string_equal(buf, "/etc");
    assert_int_equal(bootinput_find(buf, sizeof buf, "no-such-profile"), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(buf, "/etc/cont-profile.d/no-such-profile");
}

static void bootinput_refuses_what_does_not_fit(void **state)
{
    (void)state;
    char buf[24] = "x";
    assert_int_equal(bootinput_find(buf, 4, NULL), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(buf, "x");
    assert_int_equal(bootinput_find(buf, sizeof buf, "1234"), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(bootinput_find(buf, sizeof buf, "123"), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(bootinput_finds_the_directory),
        cmocka_unit_test(bootinput_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
