#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigregex.h>

#include "sprigrows.h"

static void sprigregex_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_regexMatch \"^[a-z]+$\" \"abc\"}} {{sprig_regexMatch \"(\" \"(\"}} "
         "{{sprig_mustRegexMatch \"b\" \"abc\"}}",
         "true false true"},
        {"{{sprig_mustRegexMatch \"(\" \"x\"}}", "error: error parsing regexp"},
        {"{{sprig_regexFind \"[a-z][1-9]\" \"ab1cd2\"}}|{{sprig_regexFind \"z\" "
         "\"a\"}}|{{sprig_mustRegexFind \"b.\" \"abc\"}}",
         "b1||bc"},
        {"{{sprig_regexFindAll \"[2,4,6,8]\" \"123456789\" -1}} {{sprig_regexFindAll \"[2,4,6,8]\" "
         "\"123456789\" 2}}",
         "[2 4 6 8] [2 4]"},
        {"{{sprig_mustRegexFindAll \"a*\" \"baab\" -1 | len}} {{sprig_regexFindAll \"x\" \"y\" "
         "-1}}",
         "3 []"},
        {"{{sprig_regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\"}} {{sprig_mustRegexReplaceAll "
         "\"a\" \"aa\" \"b\"}}",
         "-W-xxW- bb"},
        {"{{sprig_regexReplaceAllLiteral \"a(x*)b\" \"-ab-axxb-\" \"${1}\"}} "
         "{{sprig_mustRegexReplaceAllLiteral \"a\" \"a\" \"$0\"}}",
         "-${1}-${1}- $0"},
        {"{{sprig_regexSplit \"z+\" \"pizza\" -1}} {{sprig_regexSplit \"a*\" \"abaabaccadaaae\" 5 "
         "| len}} {{sprig_mustRegexSplit \",\" \"a,b,c\" 2}}",
         "[pi a] 5 [a b,c]"},
        {"{{sprig_regexSplit \"a*\" \"abaabaccadaaae\" 5 | sprig_join \"|\"}}", "|b|b|c|cadaaae"},
        {"{{sprig_regexSplit \",\" \"\" -1 | len}} {{sprig_regexSplit \",\" \"a\" 0 | len}} "
         "{{sprig_regexSplit \",\" \",\" -1 | len}} {{sprig_regexSplit \"\" \"ab\" -1}}",
         "1 0 2 [a b]"},
        {"{{sprig_regexQuoteMeta \"1.2+3\"}}", "1\\.2\\+3"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigregex_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
