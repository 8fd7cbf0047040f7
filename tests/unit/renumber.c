#include "scratch.h"

#include <errno.h>

#include <cairn/renumber.h>

#define PASSWD                                                                                     \
    "# users\nroot:x:0:0:root:/root:/bin/sh\n\napp:x:1000:2000:an "                                \
    "app:/srv:/bin/sh\napple:x:1:2000\n"
#define GROUP "root:x:0:\nfirst:x:2000:root,app\nsecond:x:2000:\n"

static int change(char const *name, uid_t const *uid, gid_t const *gid)
{
    return renumber_in(in("passwd"), in("group"), name, uid, gid);
}

static void begin(void)
{
    put("passwd", PASSWD, 0644);
    put("group", GROUP, 0640);
}

static void renumber_changes_its_fields_only(void **state)
{
    (void)state;
    struct stat was, st;
    begin();
    assert_int_equal(stat(in("group"), &was), 0);
    assert_int_equal(change("app", &(uid_t){5}, &(gid_t){4000000000u}), 1);
    assert_string_equal(get("passwd"),
                        "# users\nroot:x:0:0:root:/root:/bin/sh\n\napp:x:5:4000000000:an "
                        "app:/srv:/bin/sh\napple:x:1:2000\n");
    assert_string_equal(get("group"), "root:x:0:\nfirst:x:4000000000:root,app\nsecond:x:2000:\n");
    assert_int_equal(stat(in("group"), &st), 0);
    assert_int_equal(st.st_ino, was.st_ino);
    assert_int_equal(st.st_mode & 07777, 0640);
    /* shorter, and no newline in the end */
    put("passwd", "app:x:1000:2000", 0644);
    put("group", GROUP, 0644);
    assert_int_equal(change("app", NULL, &(gid_t){7}), 1);
    assert_string_equal(get("passwd"), "app:x:1000:7");
    assert_string_equal(get("group"), "root:x:0:\nfirst:x:7:root,app\nsecond:x:2000:\n");
}

static void renumber_one_of_both(void **state)
{
    (void)state;
    begin();
    assert_int_equal(change("app", &(uid_t){77}, NULL), 1);
    assert_string_equal(get("group"), GROUP);
    assert_non_null(strstr(get("passwd"), "\napp:x:77:2000:"));
    assert_int_equal(change("app", NULL, NULL), 1);
    assert_non_null(strstr(get("passwd"), "\napp:x:77:2000:"));
    /* no group has the number that the user has */
    put("group", "root:x:0:\n", 0644);
    assert_int_equal(change("app", NULL, &(gid_t){8}), 1);
    assert_non_null(strstr(get("passwd"), "\napp:x:77:8:"));
    assert_string_equal(get("group"), "root:x:0:\n");
}

static void renumber_finds_nobody(void **state)
{
    (void)state;
    begin();
    assert_int_equal(change("nobody", &(uid_t){5}, &(gid_t){5}), 0);
    assert_int_equal(change("", &(uid_t){5}, &(gid_t){5}), 0);
    assert_int_equal(change("ap", &(uid_t){5}, &(gid_t){5}), 0);
    assert_string_equal(get("passwd"), PASSWD);
    assert_string_equal(get("group"), GROUP);
}

static void renumber_says_what_failed(void **state)
{
    (void)state;
    /* a group file that cannot be read: the user is renumbered, its group is not */
    begin();
    assert_int_equal(unlink(in("group")), 0);
    dir("group");
    assert_int_equal(change("app", &(uid_t){5}, &(gid_t){6}), -1);
    assert_int_equal(errno, EISDIR);
    assert_non_null(strstr(get("passwd"), "\napp:x:5:2000:"));
    assert_int_equal(rmdir(in("group")), 0);
    if (!geteuid())
        return; /* who may write anything */
    /* what is right already needs no right to write */
    begin();
    assert_int_equal(chmod(in("passwd"), 0444), 0);
    assert_int_equal(change("app", &(uid_t){1000}, &(gid_t){2000}), 1);
    assert_int_equal(change("app", &(uid_t){1001}, NULL), -1);
    assert_int_equal(errno, EACCES);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(renumber_changes_its_fields_only),
        cmocka_unit_test(renumber_one_of_both),
        cmocka_unit_test(renumber_finds_nobody),
        cmocka_unit_test(renumber_says_what_failed),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
