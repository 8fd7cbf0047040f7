/* sprigmath: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigarg.h>
#include <cairn/sprigmath.h>

#include "sprigrows.h"

static void sprigmath_integers(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_add 1 2 3}} {{sprig_add \"4\" 1.9 true}} {{2 | sprig_add 1}}", "6 6 3"},
        {"{{sprig_add1 4}} {{sprig_sub 3 5}} {{sprig_mul 1 2 3}}", "5 -2 6"},
        {"{{sprig_div 7 2}} {{sprig_mod 7 3}}", "3 1"},
        {"{{sprig_div 1 0}}", "error: division by zero"},
        {"{{sprig_mod 1 0}}", "error: division by zero"},
        {"{{sprig_max 1 2 3}} {{sprig_biggest 1 5}} {{sprig_min 1 2 -3}}", "3 5 -3"},
        {"{{$r := sprig_randInt 12 30}}{{and (ge $r 12) (lt $r 30)}}", "true"},
        {"{{sprig_randInt 3 3}}", "error: must be greater"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigmath_floats(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_addf 1.5 2 2}} {{sprig_addf 0.1 0.2}}", "5.5 0.3"},
        {"{{sprig_add1f 1.5}} {{sprig_subf 7.5 2 3}} {{sprig_subf 0.3 0.1}}", "2.5 2.5 0.2"},
        {"{{sprig_mulf 1.5 2 2}} {{sprig_mulf 1.1 1.1}} {{sprig_divf 10 2 4}}", "6 1.21 1.25"},
        {"{{sprig_divf 1 0}}", "error: division by zero"},
        {"{{sprig_maxf 1 2.5 3}} {{sprig_minf 1.5 2 3}}", "3 1.5"},
        {"{{sprig_floor 123.9999}} {{sprig_ceil 123.001}}", "123 124"},
        {"{{sprig_round 123.555555 3}} {{sprig_round -1.5 0}}", "123.556 -2"},
        {"{{sprig_round 1.55 1 0.6}} {{sprig_round \"2.25\" 1}}", "1.5 2.3"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigmath_conversions(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_int64 \"0x10\"}} {{sprig_int \"12\"}} {{sprig_int \"1.0\"}}", "16 12 1"},
        {"{{sprig_int \"1.5\"}} {{sprig_int \"x\"}} {{sprig_int nil}} {{sprig_int 3.9}}",
         "0 0 0 3"},
        {"{{sprig_int \"0b11\"}} {{sprig_int \"0o17\"}} {{sprig_int \"-0x2\"}}", "3 15 -2"},
        {"{{sprig_float64 \"1.5\"}} {{sprig_float64 \"x\"}} {{sprig_float64 true}}", "1.5 0 1"},
        {"{{sprig_atoi \"42\"}} {{sprig_atoi \"-7\"}} {{sprig_atoi \"4x\"}}", "42 -7 0"},
        {"{{sprig_toDecimal \"0777\"}} {{sprig_toDecimal 777}} {{sprig_toDecimal \"9\"}}",
         "511 511 0"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigmath_sequences(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_until 5}} {{sprig_until 0}} {{sprig_until -3}}", "[0 1 2 3 4] [] [0 -1 -2]"},
        {"{{sprig_untilStep 3 6 2}} {{sprig_untilStep 5 0 -2}}", "[3 5] [5 3 1]"},
        {"{{sprig_untilStep 0 5 0}} {{sprig_untilStep 0 5 -1}}", "[] []"},
        {"{{sprig_seq 5}}|{{sprig_seq -3}}", "1 2 3 4 5|1 0 -1 -2 -3"},
        {"{{sprig_seq 0 2}}|{{sprig_seq 2 -2}}", "0 1 2|2 1 0 -1 -2"},
        {"{{sprig_seq 0 2 10}}|{{sprig_seq 0 -2 -5}}", "0 2 4 6 8 10|0 -2 -4"},
        {"{{sprig_seq}}|{{sprig_seq 0 2 -5}}|", "||"},
        {"{{sprig_until 9000000000000000000}}", "error: too long"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sprigmath_integers),
        cmocka_unit_test(sprigmath_floats),
        cmocka_unit_test(sprigmath_conversions),
        cmocka_unit_test(sprigmath_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
