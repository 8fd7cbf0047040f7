#include "scratch.h"

#include <cairn/svorder.h>

/* Asks and ends services one by one and returns the order, as a string of their one-letter names.
 */
static char const *order(struct svorder *o)
{
    static char s[32];
    size_t n = 0;
    int node;
    while ((node = svorder_next(o)) >= 0) {
        s[n++] = svorder_name(o, (unsigned int)node)[0];
        svorder_asked(o, (unsigned int)node);
        svorder_down(o, (unsigned int)node);
    }
    s[n] = 0;
    return s;
}

static unsigned int add(struct svorder *o, char const *name)
{
    assert_int_equal(svorder_add(o, name), 0);
    return (unsigned int)genalloc_len(struct svorder_node, &o->nodes) - 1;
}

static void drop(struct svorder *o)
{
    stralloc_free(&o->names);
    genalloc_free(struct svorder_node, &o->nodes);
    genalloc_free(unsigned int, &o->edges);
}

static void svorder_ends_users_first(void **state)
{
    (void)state;
    struct svorder o = SVORDER_ZERO;
    unsigned int a = add(&o, "a"), b = add(&o, "b"), c = add(&o, "c"), d = add(&o, "d");
    /* c needs b, b needs a; d needs what does not exist, and itself */
    assert_int_equal(svorder_need(&o, c, "b"), 0);
    assert_int_equal(svorder_need(&o, b, "a"), 0);
    assert_int_equal(svorder_need(&o, d, "x"), 0);
    assert_int_equal(svorder_need(&o, d, "d"), 0);
    assert_int_equal(svorder_next(&o), c);
    svorder_asked(&o, c);
    assert_int_equal(svorder_next(&o), d);
    svorder_asked(&o, d);
    assert_int_equal(svorder_next(&o), -1); /* both are still up */
    svorder_down(&o, d);
    assert_int_equal(svorder_next(&o), -1);
    svorder_down(&o, c);
    svorder_down(&o, c); /* twice is once */
    assert_int_equal(svorder_next(&o), b);
    svorder_asked(&o, b);
    svorder_down(&o, b);
    assert_int_equal(svorder_next(&o), a);
    drop(&o);
}

static void svorder_cuts_circles(void **state)
{
    (void)state;
    struct svorder o = SVORDER_ZERO;
    unsigned int a = add(&o, "a"), b = add(&o, "b"), c = add(&o, "c");
    assert_int_equal(svorder_need(&o, a, "b"), 0);
    assert_int_equal(svorder_need(&o, b, "a"), 0);
    assert_int_equal(svorder_need(&o, c, "a"), 0);
    assert_string_equal(order(&o), "cab");
    drop(&o);
}

static void svorder_reads_a_scan_directory(void **state)
{
    (void)state;
    struct svorder o = SVORDER_ZERO;
    int fd = open(scratch, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_false(svorder_any_service(fd, 0));
    dir("services");
    dir("services/.hidden");
    put("services/file", "", 0644);
    assert_false(svorder_any_service(fd, 0));
    dir("services/a");
    put("services/a/down", "", 0644);
    assert_true(svorder_any_service(fd, 0));
    assert_false(svorder_any_service(fd, 1));
    assert_false(svorder_any_dependency(fd));
    dir("services/b");
    dir("services/b/dependencies.d");
    put("services/b/dependencies.d/a", "", 0644);
    put("services/b/dependencies.d/.not", "", 0644);
    assert_true(svorder_any_service(fd, 1));
    assert_true(svorder_any_dependency(fd));
    int scan = open(in("services"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(svorder_load(&o, scan), 0);
    assert_string_equal(order(&o), "ba");
    drop(&o);
    close(scan);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svorder_ends_users_first),
        cmocka_unit_test(svorder_cuts_circles),
        cmocka_unit_test(svorder_reads_a_scan_directory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
