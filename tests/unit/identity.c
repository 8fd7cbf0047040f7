#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/identity.h>

static void identity_reads_numbers(void **state)
{
    (void)state;
    static char const *const bad[] = {"",
                                      ":",
                                      "1",
                                      "1:",
                                      ":1",
                                      "1:x",
                                      "x:1",
                                      "1:2:3",
                                      "-1:1",
                                      "1:4294967295",
                                      " 1:1",
                                      "1:1 ",
                                      "00000000000000000001:1"};
    struct identity id = {.uid = 7, .gid = 8};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(identity_numbers(&id, bad[i]));
    assert_int_equal(id.uid, 7);
    assert_int_equal(id.gid, 8);
    assert_true(identity_numbers(&id, "12:4294967294"));
    assert_int_equal(id.uid, 12);
    assert_int_equal(id.gid, 4294967294u);
    assert_int_equal(id.n, 0);
}

static void identity_lists_groups(void **state)
{
    (void)state;
    static struct identity id;
    static char buf[IDENTITY_LIST_MAX];
    identity_list(&id, buf);
    assert_string_equal(buf, "");
    assert_true(identity_add_list(&id, ""));
    assert_int_equal(id.n, 0);
    assert_true(identity_add_list(&id, "7,,4294967294,7,"));
    identity_list(&id, buf);
    assert_string_equal(buf, "7,4294967294");
    assert_false(identity_add_list(&id, "x"));
    assert_false(identity_add_list(&id, "1 "));
    assert_false(identity_add_list(&id, "1,4294967295"));
    assert_false(identity_add_list(&id, "00000000000000000000000"));
}

static void identity_is_bounded(void **state)
{
    (void)state;
    static struct identity id;
    static char buf[IDENTITY_LIST_MAX];
    for (unsigned int i = 0; i < USERDB_GROUPS - 1; i++)
        identity_add(&id, 4294967294u - i);
    assert_int_equal(identity_add_list(&id, "4294960000,4294960000,4294967294"), 1);
    assert_int_equal(id.n, USERDB_GROUPS);
    assert_int_equal(identity_add_list(&id, "1,2"), -1);
    assert_int_equal(identity_add_list(&id, "1,2,x"), 0);
    assert_int_equal(id.n, USERDB_GROUPS);
    for (unsigned int i = 0; i < 10; i++)
        identity_add(&id, 4294950000u + i);
    assert_int_equal(id.n, IDENTITY_GROUPS);
    assert_int_equal(identity_add_list(&id, "4294967294"), 1);
    identity_list(&id, buf);
    assert_int_equal(strlen(buf), IDENTITY_LIST_MAX - 1);
}

/* What the process is already needs no privilege. */
static void identity_becomes_itself(void **state)
{
    (void)state;
    static struct identity id;
    int n = getgroups(USERDB_GROUPS, id.groups);
    if (n < 0)
        skip();
    id.n = (size_t)n;
    assert_int_equal(identity_set_groups(&id), 0);
    assert_int_equal(identity_set_gid(getgid()), 0);
    assert_int_equal(identity_set_uid(getuid()), 0);
    assert_int_equal(identity_keep(&id), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(identity_reads_numbers),
        cmocka_unit_test(identity_lists_groups),
        cmocka_unit_test(identity_is_bounded),
        cmocka_unit_test(identity_becomes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
