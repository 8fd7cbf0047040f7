/* sprigcase: each function, with the examples of sprig's documents and of the library whose words
   it has. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigcase.h>

#include "sprigrows.h"

static void sprigcase_letters(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_upper \"hello \xc3\xa4\"}} {{sprig_lower \"HELLO \xc3\x84\"}}",
         "HELLO \xc3\x84 hello \xc3\xa4"},
        {"{{sprig_title \"hello world\"}} {{sprig_untitle \"Hello World\"}}",
         "Hello World hello world"},
        {"{{sprig_title \"it's a_b\"}}", "It'S A_b"},
        {"{{sprig_swapcase \"This Is A.Test\"}}", "tHIS iS a.tEST"},
        {"{{sprig_initials \"First Try\"}} {{sprig_initials \" a  b\"}}", "FT ab"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigcase_words(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_snakecase \"FirstName\"}}", "first_name"},
        {"{{sprig_snakecase \"HTTPServer\"}} {{sprig_snakecase \"NoHTTPS\"}}",
         "http_server no_https"},
        {"{{sprig_snakecase \"GO_PATH\"}} {{sprig_snakecase \"GO PATH\"}}", "go_path go_path"},
        {"{{sprig_snakecase \"GO-PATH\"}} {{sprig_snakecase \"http2xx\"}}", "go_path http_2xx"},
        {"{{sprig_snakecase \"HTTP20xOK\"}}", "http_20x_ok"},
        {"{{sprig_snakecase \"Duration2m3s\"}}", "duration_2m3s"},
        {"{{sprig_snakecase \"Bld4Floor3rd\"}}", "bld4_floor_3rd"},
        {"{{sprig_kebabcase \"FirstName\"}}", "first-name"},
        {"{{sprig_camelcase \"http_server\"}}", "HttpServer"},
        {"{{sprig_camelcase \"some_words\"}} {{sprig_camelcase \"no_https\"}}",
         "SomeWords NoHttps"},
        {"{{sprig_camelcase \"_complex__case_\"}}", "_Complex_Case_"},
        {"{{sprig_camelcase \"some words\"}}|{{sprig_camelcase \"\"}}", "SomeWords|"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigcase_lines(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_wrap 5 \"Hello World\"}}", "Hello\nWorld"},
        {"{{sprig_wrap 4 \"Hello World\"}}", "Hello\nWorld"},
        {"{{sprig_wrap 7 \"a bc def ghi\"}}", "a bc\ndef ghi"},
        {"{{sprig_wrap 80 \"short\"}}", "short"},
        {"{{sprig_wrapWith 5 \"\\t\" \"Hello World\"}}", "Hello\tWorld"},
        {"{{sprig_wrapWith 3 \"|\" \"abcdefgh\"}}", "abc|def|gh"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sprigcase_letters),
        cmocka_unit_test(sprigcase_words),
        cmocka_unit_test(sprigcase_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
