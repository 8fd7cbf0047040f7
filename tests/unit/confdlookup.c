/* confdlookup, as far as it needs no servers: those are asked by tests/prog/confd-lookup. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/confdlookup.h>

static struct pool pool;
static struct tmplcall call;
static struct tmplvalue result;

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 18);
    call = (struct tmplcall){.pool = &pool};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static int ask(int (*f)(struct tmplcall *, struct tmplvalue *), char const *name)
{
    struct tmplvalue arg = tmplvalue_text(name);
    call.arg = &arg;
    call.n = 1;
    *call.why = 0;
    return f(&call, &result);
}

/* want NULL: nothing is found. Else that alone. */
static void gives(int (*f)(struct tmplcall *, struct tmplvalue *), char const *name,
                  char const *want)
{
    assert_true(ask(f, name));
    assert_int_equal(result.kind, TMPLVALUE_LIST);
    assert_int_equal(result.flags, TMPLVALUE_OF_STRINGS);
    assert_int_equal(result.n, !!want);
    if (!want)
        return;
    assert_int_equal(result.u.item->n, strlen(want));
    assert_memory_equal(result.u.item->u.s, want, strlen(want));
}

static void confdlookup_of_addresses(void **state)
{
    (void)state;
    gives(confdlookup_ip, "192.0.2.7", "192.0.2.7");
    gives(confdlookup_ip4, "192.0.2.7", "192.0.2.7");
    gives(confdlookup_ip6, "192.0.2.7", NULL);
    gives(confdlookup_ip, "2001:DB8:0::1", "2001:db8::1");
    gives(confdlookup_ip4, "2001:db8::1", NULL);
    gives(confdlookup_ip6, "2001:db8::1", "2001:db8::1");
}

static void confdlookup_of_no_names(void **state)
{
    (void)state;
    gives(confdlookup_ip, "", NULL);
    gives(confdlookup_ip, "a..b", NULL);
    gives(confdlookup_ip4, "..", NULL);
    struct tmplvalue arg[3] = {tmplvalue_text(""), tmplvalue_text(""), tmplvalue_text("a..b")};
    call.arg = arg;
    call.n = 3;
    assert_true(confdlookup_srv(&call, &result));
    assert_int_equal(result.n, 0);
    arg[0] = tmplvalue_string("a\0b", 3);
    assert_false(confdlookup_srv(&call, &result));
    assert_non_null(strstr(call.why, "byte 0"));
    assert_false(confdlookup_ip(&call, &result));
    assert_non_null(strstr(call.why, "byte 0"));
}

static void confdlookup_wants_memory(void **state)
{
    (void)state;
    pool.max = 64;
    assert_false(ask(confdlookup_ip, "192.0.2.7"));
    assert_non_null(strstr(call.why, "memory"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    struct CMUnitTest const tests[] = {
        TEST(confdlookup_of_addresses),
        TEST(confdlookup_of_no_names),
        TEST(confdlookup_wants_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
