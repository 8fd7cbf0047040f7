/* sprig: the tables are as many as there is room for, and no name is in them twice. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/sprig.h>

enum { NAMES_MAX = 512 };

static void sprig_names(void **state)
{
    struct tmplfunc_table table[SPRIG_TABLES];
    char const *name[NAMES_MAX];
    size_t names = 0;
    size_t n = sprig_tables(table);
    (void)state;
    assert_in_range(n, 1, SPRIG_TABLES);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < table[i].n; k++) {
            assert_in_range(names, 0, NAMES_MAX - 1);
            name[names] = table[i].func[k].name;
            assert_int_equal(strncmp(name[names], "sprig_", 6), 0);
            for (size_t j = 0; j < names; j++)
                assert_string_not_equal(name[j], name[names]);
            names++;
        }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprig_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
