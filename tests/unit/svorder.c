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
    svorder_free(o);
    *o = (struct svorder)SVORDER_ZERO;
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

static void svorder_notes_what_is_wrong(void **state)
{
    (void)state;
    struct svorder o = SVORDER_ZERO;
    stralloc sa = STRALLOC_ZERO;
    unsigned int a = add(&o, "a"), b = add(&o, "b"), c = add(&o, "c");
    assert_int_equal(svorder_need(&o, a, "x"), 0);
    assert_int_equal(svorder_need(&o, a, "x"), 0);
    assert_int_equal(svorder_need(&o, b, "x"), 0);
    struct svorder_unknown const *u = genalloc_s(struct svorder_unknown, &o.unknown);
    assert_int_equal(genalloc_len(struct svorder_unknown, &o.unknown), 2);
    assert_int_equal(u[1].node, b);
    assert_string_equal(o.names.s + u[1].name, "x");
    assert_int_equal(svorder_circle(&o, &sa), 0);
    assert_int_equal(svorder_need(&o, b, "b"), 0);
    assert_int_equal(svorder_circle(&o, &sa), 1);
    assert_string_equal(sa.s, "b -> b");
    svorder_there(&o, b, 1); /* switched off: it does not matter */
    assert_int_equal(svorder_circle(&o, &sa), 0);
    assert_int_equal(svorder_need(&o, c, "a"), 0);
    assert_int_equal(svorder_need(&o, a, "c"), 0);
    sa.len = 0;
    assert_int_equal(svorder_circle(&o, &sa), 1);
    assert_string_equal(sa.s, "a -> c -> a");
    stralloc_free(&sa);
    drop(&o);
}

static void svorder_starts_in_order(void **state)
{
    (void)state;
    struct svorder o = SVORDER_ZERO;
    unsigned int a = add(&o, "a"), b = add(&o, "b"), c = add(&o, "c");
    assert_int_equal(svorder_need(&o, a, "b"), 0);
    assert_int_equal(svorder_need(&o, a, "b"), 0); /* twice is once */
    assert_int_equal(svorder_need(&o, a, "c"), 0);
    assert_int_equal(svorder_startable(&o), b);
    svorder_begun(&o, b);
    assert_int_equal(svorder_startable(&o), c);
    svorder_begun(&o, c);
    svorder_there(&o, b, 1);
    svorder_there(&o, b, 1);
    assert_int_equal(svorder_startable(&o), -1);
    svorder_there(&o, c, 1);
    assert_int_equal(svorder_startable(&o), a);
    svorder_there(&o, b, 0);
    assert_int_equal(svorder_startable(&o), -1);
    svorder_there(&o, b, 1);
    svorder_begun(&o, a);
    assert_int_equal(svorder_startable(&o), -1);
    drop(&o);
}

enum { MOST = 12 };

static unsigned int number(unsigned int *seed, unsigned int below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

/* Does node reach to by needs (at least one step)? The slow way. */
static int reaches(unsigned char needs[MOST][MOST], unsigned char *seen, unsigned int node,
                   unsigned int to)
{
    for (unsigned int i = 0; i < MOST; i++)
        if (needs[node][i] && (i == to || (!seen[i]++ && reaches(needs, seen, i, to))))
            return 1;
    return 0;
}

/* The circle that is named must be one. */
static void check_circle(unsigned char needs[MOST][MOST], char const *s)
{
    unsigned int last = (unsigned int)(s[0] - 'a');
    unsigned int first = last;
    for (s++; *s; s += 5) {
        assert_memory_equal(s, " -> ", 4);
        unsigned int i = (unsigned int)(s[4] - 'a');
        assert_true(needs[last][i]);
        assert_true(i >= first);
        last = i;
    }
    assert_int_equal(last, first);
}

static void svorder_holds_for_random_graphs(void **state)
{
    (void)state;
    unsigned int circles = 0, orders = 0;
    for (unsigned int seed = 1, round = 0; round < 3000; round++) {
        struct svorder o = SVORDER_ZERO;
        stralloc sa = STRALLOC_ZERO;
        unsigned char needs[MOST][MOST] = {{0}};
        unsigned int n = 1 + number(&seed, MOST);
        for (unsigned int i = 0; i < n; i++)
            add(&o, (char[]){(char)('a' + i), 0});
        for (unsigned int k = number(&seed, 2 * n); k; k--) {
            unsigned int from = number(&seed, n), to = number(&seed, n);
            needs[from][to] = 1;
            assert_int_equal(svorder_need(&o, from, (char[]){(char)('a' + to), 0}), 0);
        }
        int circular = 0;
        for (unsigned int i = 0; i < n; i++) {
            unsigned char seen[MOST] = {0};
            circular |= reaches(needs, seen, i, i);
        }
        assert_int_equal(svorder_circle(&o, &sa), circular);
        if (circular) {
            check_circle(needs, sa.s);
            circles++;
        } else {
            /* everything is started, nothing before what it needs; and stopped, nothing after */
            unsigned int rank[MOST] = {0};
            unsigned int started = 0, stopped = 0;
            for (int i; (i = svorder_startable(&o)) >= 0; rank[i] = ++started) {
                for (unsigned int k = 0; k < n; k++)
                    assert_false(needs[i][k] && !rank[k]);
                svorder_begun(&o, (unsigned int)i);
                svorder_there(&o, (unsigned int)i, 1);
            }
            assert_int_equal(started, n);
            for (int i; (i = svorder_next(&o)) >= 0; stopped++) {
                for (unsigned int k = 0; k < n; k++)
                    assert_false(needs[k][i] && rank[k]);
                rank[i] = 0;
                svorder_asked(&o, (unsigned int)i);
                svorder_down(&o, (unsigned int)i);
            }
            assert_int_equal(stopped, n);
            orders++;
        }
        stralloc_free(&sa);
        drop(&o);
    }
    assert_true(circles > 300 && orders > 300);
}

static void svorder_sees_who_waits(void **state)
{
    (void)state;
    int fd = open(scratch, O_RDONLY | O_DIRECTORY);
    assert_false(svorder_any_waiting(fd)); /* a/down is the user's */
    put("services/b/down", "dependencies\n", 0644);
    assert_true(svorder_any_waiting(fd));
    put("services/b/down", "S6_SERVICES_DISABLE\n", 0644);
    assert_false(svorder_any_waiting(fd));
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svorder_ends_users_first),
        cmocka_unit_test(svorder_cuts_circles),
        cmocka_unit_test(svorder_reads_a_scan_directory),
        cmocka_unit_test(svorder_sees_who_waits),
        cmocka_unit_test(svorder_notes_what_is_wrong),
        cmocka_unit_test(svorder_starts_in_order),
        cmocka_unit_test(svorder_holds_for_random_graphs),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
