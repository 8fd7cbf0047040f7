#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/base64.h>

static void text_and_bytes_stand_for_each_other(void **state)
{
    (void)state;
    /* RFC 4648, section 10 */
    static char const *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xfb\xff\xfe", "+//+"}};
    char buf[64];
    size_t n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char const *bytes = rows[i][0];
        char const *text = rows[i][1];
        assert_int_equal(base64_room(strlen(bytes)), strlen(text));
        assert_int_equal(base64_encode(buf, bytes, strlen(bytes), BASE64_STANDARD), strlen(text));
        assert_memory_equal(buf, text, strlen(text));
        assert_int_equal(base64_decode(buf, &n, text, strlen(text), BASE64_STANDARD), 1);
        assert_int_equal(n, strlen(bytes));
        assert_memory_equal(buf, bytes, n);
    }
    assert_int_equal(base64_encode(buf, "\xfb\xff\xfe", 3, BASE64_URL), 4);
    assert_memory_equal(buf, "-__-", 4);
    assert_int_equal(base64_decode(buf, &n, "-__-", 4, BASE64_URL), 1);
    assert_int_equal(base64_decode(buf, &n, "Zm\n9v\r\nYg==\n", 12, BASE64_STANDARD), 1);
    assert_int_equal(n, 4);
    assert_int_equal(base64_room(SIZE_MAX), SIZE_MAX);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static char const *const rows[] = {"Z",        "Zg",    "Zg=",  "Z===",  "====", "Zg=a",
                                       "Zg==Zg==", "Zm9v-", "-__-", "Zm 9v", "=",    "Zg==="};
    char buf[64];
    size_t n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (base64_decode(buf, &n, rows[i], strlen(rows[i]), BASE64_STANDARD))
            fail_msg("%s is taken", rows[i]);
    assert_int_equal(base64_decode(buf, &n, "Zg\0=", 4, BASE64_STANDARD), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(text_and_bytes_stand_for_each_other),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
