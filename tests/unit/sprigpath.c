/* sprigpath: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigpath.h>

#include "sprigrows.h"

static void sprigpath_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_base \"foo/bar/baz\"}} {{sprig_dir \"foo/bar/baz\"}}", "baz foo/bar"},
        {"{{sprig_clean \"foo/bar/../baz\"}} {{sprig_ext \"foo.bar\"}}", "foo/baz .bar"},
        {"{{sprig_ext \"a.b/c\"}}|{{sprig_ext \"a.tar.gz\"}}|{{sprig_ext \"\"}}", "|.gz|"},
        {"{{sprig_isAbs \"/a\"}} {{sprig_isAbs \"a\"}} {{sprig_isAbs \"\"}}", "true false false"},
        {"{{sprig_osBase \"/a/b\"}} {{sprig_osDir \"/a/b\"}} {{sprig_osClean \"/a//b\"}}",
         "b /a /a/b"},
        {"{{sprig_osExt \"/a.txt\"}} {{sprig_osIsAbs \"/a\"}}", ".txt true"},
        {"{{sprig_base \"\"}} {{sprig_dir \"\"}}", ". ."},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigpath_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
