/* /etc/s6-overlay itself: tests/pid1/variables. Here, the same below a profile. */

#include "scratch.h"

#include <cairn/legacytree.h>

static void legacytree_finds_content_but_no_empty_bundles(void **state)
{
    (void)state;
    char const *profile = in("p");
    char input[512];
    strcpy(input, profile);
    dir("p");
    assert_null(legacytree_find(input));
    dir("p/s6-overlay");
    assert_null(legacytree_find(input));
    dir("p/s6-overlay/s6-rc.d");
    dir("p/s6-overlay/s6-rc.d/user");
    dir("p/s6-overlay/s6-rc.d/user/contents.d");
    dir("p/s6-overlay/s6-rc.d/user2");
    put("p/s6-overlay/s6-rc.d/user/type", "bundle\n", 0644);
    put("p/s6-overlay/s6-rc.d/file", "", 0644);
    put("p/s6-overlay/s6-rc.d/user/contents.d/.keep", "", 0644);
    assert_null(legacytree_find(input));
    put("p/s6-overlay/s6-rc.d/user/contents.d/app", "", 0644);
    assert_string_equal(legacytree_find(input), in("p/s6-overlay/s6-rc.d/user/contents.d/app"));
    dir("p/s6-overlay/s6-rc.d/app");
    assert_string_equal(legacytree_find(input), in("p/s6-overlay/s6-rc.d/app"));
}

static void legacytree_finds_the_newer_place(void **state)
{
    (void)state;
    char input[512];
    strcpy(input, in("q"));
    dir("q");
    dir("q/s6-overlay");
    dir("q/s6-overlay/user-bundles.d");
    dir("q/s6-overlay/user-bundles.d/user2");
    dir("q/s6-overlay/user-bundles.d/user2/contents.d");
    assert_null(legacytree_find(input));
    dir("q/s6-overlay/user-bundles.d/user2/contents.d/app");
    assert_string_equal(legacytree_find(input),
                        in("q/s6-overlay/user-bundles.d/user2/contents.d/app"));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(legacytree_finds_content_but_no_empty_bundles),
        cmocka_unit_test(legacytree_finds_the_newer_place),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
