#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tomltree.h>

static struct pool pool;
static struct tomltree_node root;

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 20);
    root = (struct tomltree_node){.kind = TOMLTREE_HEADED};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static struct tomltree_node *key(struct tomltree_node *table, char const *s, size_t n, int is_new)
{
    int was_new;
    struct tomltree_node *node = tomltree_key(table, &pool, s, n, &was_new);
    assert_non_null(node);
    assert_int_equal(was_new, is_new);
    assert_int_equal(node->n, n);
    assert_memory_equal(node->key, s, n);
    return node;
}

/* All strings of up to 4 of 3 bytes, which are prefixes of each other in all ways, long ones first.
 */
static void tomltree_finds_each_key_once(void **state)
{
    (void)state;
    static char const bytes[] = {0, 1, (char)0xff};
    static char keys[4][81][4];
    static struct tomltree_node *node[4][81];
    size_t const many[] = {3, 9, 27, 81};
    for (size_t len = 4; len--;)
        for (size_t i = 0; i < many[len]; i++) {
            size_t rest = i;
            for (size_t k = 0; k <= len; k++, rest /= 3)
                keys[len][i][k] = bytes[rest % 3];
            node[len][i] = key(&root, keys[len][i], len + 1, 1);
        }
    struct tomltree_node *empty = key(&root, "", 0, 1);
    for (size_t len = 0; len < 4; len++)
        for (size_t i = 0; i < many[len]; i++)
            assert_ptr_equal(key(&root, keys[len][i], len + 1, 0), node[len][i]);
    assert_ptr_equal(key(&root, "", 0, 0), empty);
    assert_int_equal(root.count, 121);
    for (struct tomltree_node *t = root.first; t; t = t->next)
        t->value = tmplvalue_int((int64_t)t->n);
    struct tmplvalue v;
    assert_int_equal(tomltree_value(&root, &pool, &v), 1);
    assert_int_equal(v.kind, TMPLVALUE_MAP);
    assert_int_equal(v.n, 121);
    for (size_t i = 0; i < v.n; i++)
        assert_int_equal(v.u.entry[i].value.u.i, v.u.entry[i].n);
}

static void tomltree_becomes_a_value(void **state)
{
    (void)state;
    struct tmplvalue v;
    assert_int_equal(tomltree_value(&root, &pool, &v), 1);
    assert_true(v.kind == TMPLVALUE_MAP && !v.n);
    struct tomltree_node *tables = key(&root, "t", 1, 1);
    tables->kind = TOMLTREE_TABLES;
    for (unsigned int i = 0; i < 3; i++) {
        struct tomltree_node *item = tomltree_item(tables, &pool);
        assert_non_null(item);
        assert_int_equal(item->depth, 2);
        item->kind = TOMLTREE_DOTTED;
        key(item, "n", 1, 1)->value = tmplvalue_int(i);
    }
    assert_int_equal(tomltree_value(&root, &pool, &v), 1);
    struct tmplvalue const *list = tmplvalue_get(&v, "t", 1);
    assert_true(list && list->kind == TMPLVALUE_LIST && list->n == 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tmplvalue_get(list->u.item + i, "n", 1)->u.i, i);
}

static void tomltree_tells_what_the_pool_has_not(void **state)
{
    (void)state;
    int is_new;
    struct tmplvalue v;
    struct pool none;
    pool_init(&none, 0);
    errno = 0;
    assert_null(tomltree_key(&root, &none, "a", 1, &is_new));
    assert_int_equal(errno, EDQUOT);
    assert_null(tomltree_item(&root, &none));
    assert_int_equal(root.count, 0);
    assert_null(root.root);
    key(&root, "a", 1, 1);
    assert_int_equal(tomltree_value(&root, &none, &v), 0);
    pool_free(&none);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(tomltree_finds_each_key_once),
        T(tomltree_becomes_a_value),
        T(tomltree_tells_what_the_pool_has_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
