#include "scratch.h"

#include <errno.h>

#include <cairn/owner.h>

static void owner_reads_names_and_numbers(void **state)
{
    (void)state;
    uid_t uid = 7;
    gid_t gid = 7;
    put("passwd", "root:x:0:0::/:\napp:x:1000:2000::/:\n", 0644);
    assert_int_equal(owner_find_in(in("passwd"), "app", &uid, &gid), 1);
    assert_int_equal(uid, 1000);
    assert_int_equal(gid, 2000);
    assert_int_equal(owner_find_in(in("passwd"), "0:5", &uid, &gid), 1);
    assert_int_equal(uid, 0);
    assert_int_equal(gid, 5);
    char const *const bad[] = {
        "", "no", "5", ":", "5:", ":5", "a:b", "1:2:3", "00000000000000001:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(owner_find_in(in("passwd"), bad[i], &uid, &gid), 0);
    assert_int_equal(gid, 5);
    assert_int_equal(owner_find_in(in("none"), "app", &uid, &gid), 0);
}

static void users_and_groups_alone(void **state)
{
    (void)state;
    uid_t uid = 7;
    gid_t gid = 7;
    put("passwd", "app:x:1000:2000::/:\n", 0644);
    put("group", "www:x:33:\n", 0644);
    assert_int_equal(owner_user_in(in("passwd"), "app", &uid), 1);
    assert_int_equal(uid, 1000);
    assert_int_equal(owner_user_in(in("passwd"), "5", &uid), 1);
    assert_int_equal(uid, 5);
    assert_int_equal(owner_user_in(in("passwd"), "no", &uid), 0);
    assert_int_equal(uid, 5);
    assert_int_equal(owner_group_in(in("group"), "www", &gid), 1);
    assert_int_equal(gid, 33);
    assert_int_equal(owner_group_in(in("group"), "0", &gid), 1);
    assert_int_equal(gid, 0);
    assert_int_equal(owner_group_in(in("group"), "app", &gid), 0);
    assert_int_equal(gid, 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(owner_reads_names_and_numbers),
        cmocka_unit_test(users_and_groups_alone),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
