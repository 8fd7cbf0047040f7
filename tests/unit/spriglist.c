/* spriglist: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/spriglist.h>

#include "sprigrows.h"

static void spriglist_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_list 1 \"a\" nil}} {{sprig_tuple 1 2}} {{sprig_list}}", "[1 a <nil>] [1 2] []"},
        {"{{$l := sprig_list 1 2 3}}{{sprig_first $l}} {{sprig_rest $l}}", "1 [2 3]"},
        {"{{$l := sprig_list 1 2 3}}{{sprig_last $l}} {{sprig_initial $l}}", "3 [1 2]"},
        {"{{sprig_first (sprig_list)}} {{sprig_rest (sprig_list)}} {{sprig_initial nil}}",
         "<no value> [] []"},
        {"{{sprig_mustFirst \"a\"}}", "error: a list"},
        {"{{$l := sprig_list 1 2 3}}{{sprig_slice $l}}{{sprig_slice $l 1}}{{sprig_slice $l 1 2}}",
         "[1 2 3][2 3][2]"},
        {"{{sprig_slice (sprig_list 1) 0 2}}", "error: no part"},
        {"{{sprig_append (sprig_list 1) 2}}{{sprig_push (sprig_list) 1}}", "[1 2][1]"},
        {"{{sprig_prepend (sprig_list 1 2) 0}}", "[0 1 2]"},
        {"{{$l := sprig_list 1}}{{$m := sprig_append $l 2}}{{$l}}{{$m}}", "[1][1 2]"},
        {"{{sprig_concat (sprig_list 1) (sprig_list) (sprig_list 2 3)}}", "[1 2 3]"},
        {"{{sprig_reverse (sprig_list 1 2 3)}}", "[3 2 1]"},
        {"{{sprig_list 1 1 2 \"1\" 2 | sprig_uniq}}", "[1 2 1]"},
        {"{{sprig_list (sprig_list 1) (sprig_list 1) | sprig_uniq}}", "[[1]]"},
        {"{{sprig_without (sprig_list 1 2 3) 3 1}} {{sprig_without (sprig_list 1)}}", "[2] [1]"},
        {"{{sprig_list 1 2 | sprig_has 2}} {{sprig_has 2.0 (sprig_list 2)}} {{sprig_has 1 nil}}",
         "true false false"},
        {"{{sprig_list 1 \"\" 0 nil \"a\" false | sprig_compact}}", "[1 a]"},
        {"{{sprig_list 1 2 3 4 5 | sprig_chunk 2}} {{sprig_chunk 2 nil}}", "[[1 2] [3 4] [5]] []"},
        {"{{sprig_chunk 0 (sprig_list 1)}}", "error: cannot have 0 items"},
        {"{{sprig_splitList \",\" \"a,b\" | sprig_rest | printf \"%T\"}}", "[]string"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(spriglist_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
