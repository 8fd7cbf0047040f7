/* sprigdict: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigdict.h>

#include "sprigrows.h"

static void sprigdict_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_dict \"a\" 1 \"b\" (sprig_dict \"c\" 2) 3}}", "map[3: a:1 b:map[c:2]]"},
        {"{{sprig_dict}} {{sprig_dict \"a\" 1 \"a\" 2}}", "map[] map[a:2]"},
        /* the variable is changed, what was taken from it before is not */
        {"{{$d := sprig_dict \"a\" 1}}{{$e := $d}}{{$_ := sprig_set $d \"b\" 2}}{{$d}}{{$e}}",
         "map[a:1 b:2]map[a:1]"},
        {"{{$d := sprig_dict}}{{range sprig_until 2}}{{$_ := sprig_set $d (print .) .}}{{end}}"
         "{{$d}}",
         "map[0:0 1:1]"},
        {"{{$d := sprig_dict}}{{$_ := 1 | sprig_set $d \"a\"}}{{$d}}", "map[a:1]"},
        {"{{$d := sprig_dict \"a\" 1}}{{sprig_set $d \"a\" nil}}", "map[a:<nil>]"},
        {"{{$d := sprig_dict \"s\" (sprig_dict)}}{{$_ := sprig_set $d.s \"a\" 1}}{{$d}}",
         "map[s:map[]]"},
        {"{{$d := sprig_dict \"a\" 1 \"b\" 2}}{{$_ := sprig_unset $d \"a\"}}{{$d}}", "map[b:2]"},
        {"{{sprig_set (sprig_list) \"a\" 1}}", "error: a map"},
        {"{{$d := sprig_dict \"a\" 1}}{{sprig_get $d \"a\"}}|{{sprig_get $d \"x\"}}|", "1||"},
        {"{{$d := sprig_dict \"a\" nil}}{{sprig_hasKey $d \"a\"}} {{sprig_hasKey $d \"x\"}}",
         "true false"},
        {"{{sprig_pluck \"n\" (sprig_dict \"n\" 1) (sprig_dict \"m\" 2) (sprig_dict \"n\" 3)}}",
         "[1 3]"},
        {"{{sprig_dig \"a\" \"b\" 0 (sprig_dict \"a\" (sprig_dict \"b\" 1))}}", "1"},
        {"{{sprig_dig \"a\" \"x\" \"no\" (sprig_dict \"a\" (sprig_dict \"b\" 1))}}", "no"},
        {"{{sprig_dig \"a\" \"b\" 0 (sprig_dict \"a\" 1)}}", "error: dict"},
        {"{{sprig_keys (sprig_dict \"b\" 1 \"a\" 2) (sprig_dict \"c\" 1)}}", "[a b c]"},
        {"{{sprig_values (sprig_dict \"b\" 1 \"a\" 2)}}", "[2 1]"},
        {"{{$d := sprig_dict \"a\" 1 \"b\" 2 \"c\" 3}}{{sprig_pick $d \"a\" \"c\" \"x\"}}",
         "map[a:1 c:3]"},
        {"{{$d := sprig_dict \"a\" 1 \"b\" 2 \"c\" 3}}{{sprig_omit $d \"a\" \"c\"}}{{len $d}}",
         "map[b:2]3"},
        {"{{sprig_merge (sprig_dict \"a\" 1) (sprig_dict \"a\" 2 \"b\" 3) (sprig_dict \"b\" 4)}}",
         "map[a:1 b:3]"},
        {"{{sprig_merge (sprig_dict \"a\" \"\") (sprig_dict \"a\" 2)}}", "map[a:2]"},
        {"{{$d := sprig_dict \"a\" 1}}{{$_ := sprig_merge $d (sprig_dict \"b\" 2)}}{{$d}}",
         "map[a:1 b:2]"},
        {"{{sprig_mergeOverwrite (sprig_dict \"a\" 1 \"b\" 1) (sprig_dict \"a\" 2)}}",
         "map[a:2 b:1]"},
        {"{{$a := sprig_dict \"s\" (sprig_dict \"x\" 1 \"y\" 1)}}"
         "{{$b := sprig_dict \"s\" (sprig_dict \"y\" 2 \"z\" 2)}}"
         "{{sprig_mergeOverwrite (sprig_deepCopy $a) $b}}{{sprig_merge $a $b}}",
         "map[s:map[x:1 y:2 z:2]]map[s:map[x:1 y:1 z:2]]"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigdict_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
