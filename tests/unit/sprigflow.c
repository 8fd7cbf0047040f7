/* sprigflow: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cairn/sprigflow.h>
#include <cairn/sprigsame.h>
#include "sprigrows.h"

static void sprigflow_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_default \"foo\" nil}} {{sprig_default \"foo\" \"\"}} {{0 | sprig_default 5}}",
         "foo foo 5"},
        {"{{sprig_default \"foo\" \"bar\"}} {{sprig_default \"foo\"}}", "bar foo"},
        {"{{sprig_empty 0}} {{sprig_empty false}} {{sprig_empty (sprig_list)}} {{sprig_empty 1}}",
         "true true true false"},
        {"{{sprig_coalesce 0 nil \"\" 1 2}} {{sprig_coalesce}}", "1 <no value>"},
        {"{{sprig_all 1 \"\"}} {{sprig_all}} {{sprig_any 0 1}} {{sprig_any}}",
         "false true true false"},
        {"{{sprig_ternary \"foo\" \"bar\" true}} {{false | sprig_ternary \"foo\" \"bar\"}}",
         "foo bar"},
        {"{{sprig_ternary 1 2 3}}", "error: true or false"},
        {"{{sprig_fail \"Please stop\"}}", "error: Please stop"},
        {"{{sprig_hello}}", "Hello!"},
        {"{{sprig_kindOf 1}} {{sprig_kindOf \"\"}} {{sprig_kindOf (sprig_list)}}",
         "int string slice"},
        {"{{sprig_kindOf (sprig_dict)}} {{sprig_kindOf 1.5}} {{sprig_kindOf nil}}",
         "map float64 invalid"},
        {"{{sprig_kindIs \"int\" 123}} {{sprig_kindIs \"int\" \"a\"}}", "true false"},
        {"{{sprig_typeOf 1}} {{sprig_typeOf (sprig_list)}}", "int []interface {}"},
        {"{{sprig_typeIs \"string\" \"a\"}} {{sprig_typeIsLike \"string\" 1}}", "true false"},
        {"{{sprig_deepEqual (sprig_list 1 2) (sprig_list 1 2)}}", "true"},
        {"{{sprig_deepEqual (sprig_list 1 2) (sprig_list 1 3)}}", "false"},
        {"{{sprig_deepEqual true true}} {{sprig_deepEqual true false}}", "true false"},
        {"{{sprig_deepEqual \"a\" \"a\"}} {{sprig_deepEqual \"a\" \"b\"}}", "true false"},
        {"{{sprig_deepEqual 1.5 1.5}} {{sprig_deepEqual 1.5 2.5}} {{sprig_deepEqual 1 1.0}}",
         "true false false"},
        {"{{sprig_deepEqual nil nil}} {{sprig_deepEqual nil 0}} {{sprig_deepEqual \"\" nil}}",
         "true false false"},
        {"{{sprig_deepEqual (sprig_dict \"a\" 1) (sprig_dict \"b\" 1)}}", "false"},
        {"{{sprig_deepEqual (sprig_dict \"a\" 1) (sprig_dict \"a\" 2)}}", "false"},
        {"{{sprig_deepEqual (sprig_dict \"a\" (sprig_list)) (sprig_dict \"a\" (sprig_list))}}",
         "true"},
        {"{{sprig_deepEqual 1 1.0}} {{sprig_deepEqual 1.5 1.5}} {{sprig_deepEqual nil nil}}",
         "false true true"},
        {"{{sprig_deepEqual (sprig_list \"a\") (sprig_splitList \",\" \"a\")}}", "false"},
        {"{{sprig_env \"SPRIG_A\"}}|{{sprig_env \"SPRIG_B\"}}", "x y|"},
        {"{{sprig_expandenv \"<$SPRIG_A> ${SPRIG_A}! $SPRIG_B$\"}}", "<x y> x y! $"},
        {"{{sprig_expandenv \"a${b\"}}", "ab"},
        {"{{sprig_getHostByName \"localhost\"}}", "127.0.0.1"},
        {"{{sprig_genPrivateKey \"rsa\"}}", "error: plugin"},
        {"{{sprig_htpasswd \"a\" \"b\"}}", "error: plugin"},
    };
    (void)state;
    setenv("SPRIG_A", "x y", 1);
    unsetenv("SPRIG_B");
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigflow_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
