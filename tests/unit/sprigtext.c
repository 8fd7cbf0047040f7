/* sprigtext: each function, with the examples of sprig's documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigtext.h>

#include "sprigrows.h"

static void sprigtext_parts(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_trunc 5 \"hello world\"}}", "hello"},
        {"{{sprig_trunc -5 \"hello world\"}}", "world"},
        {"{{sprig_trunc 50 \"hello\"}}|{{sprig_trunc -50 \"hello\"}}", "hello|hello"},
        {"{{sprig_trunc 0 \"hello\"}}|", "|"},
        {"{{sprig_abbrev 5 \"hello world\"}}", "he..."},
        {"{{sprig_abbrev 3 \"hello\"}} {{sprig_abbrev 5 \"hello\"}}", "hello hello"},
        {"{{sprig_abbrevboth 5 10 \"1234 5678 9123\"}}", "...5678..."},
        {"{{sprig_abbrevboth 0 8 \"abcdefghijkl\"}}", "abcde..."},
        {"{{sprig_abbrevboth 9 8 \"abcdefghijkl\"}}", "...hijkl"},
        {"{{sprig_substr 0 5 \"hello world\"}}", "hello"},
        {"{{sprig_substr 6 -1 \"hello world\"}}", "world"},
        {"{{sprig_substr 6 99 \"hello world\"}}", "world"},
        {"{{sprig_substr -1 5 \"hello world\"}}", "hello"},
        {"{{sprig_substr 5 2 \"hello world\"}}", "error: no part"},
        {"{{sprig_trim \"  \\t a b \\n\"}}|", "a b|"},
        {"{{sprig_trim \" \"}}|", "|"},
        {"{{sprig_trimAll \"$\" \"$5.00$\"}} {{sprig_trimall \"ab\" \"abcba\"}}", "5.00 c"},
        {"{{sprig_trimPrefix \"-\" \"-hello\"}} {{sprig_trimPrefix \"+\" \"-a\"}}", "hello -a"},
        {"{{sprig_trimSuffix \"-\" \"hello-\"}} {{sprig_trimSuffix \"+\" \"a-\"}}", "hello a-"},
        {"{{sprig_nospace \"hello w o r l d\"}}", "helloworld"},
        {"{{sprig_trunc \"a\" \"b\"}}", "error: integer"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigtext_changes(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_contains \"cat\" \"catch\"}} {{sprig_contains \"x\" \"catch\"}}", "true false"},
        {"{{sprig_hasPrefix \"cat\" \"catch\"}} {{sprig_hasSuffix \"cat\" \"catch\"}}",
         "true false"},
        {"{{sprig_repeat 3 \"hello\"}}|{{sprig_repeat 0 \"a\"}}", "hellohellohello|"},
        {"{{sprig_repeat -1 \"a\"}}", "error: cannot be repeated"},
        {"{{\"I Am Henry VIII\" | sprig_replace \" \" \"-\"}}", "I-Am-Henry-VIII"},
        {"{{sprig_replace \"\" \"-\" \"ab\"}}", "-a-b-"},
        {"{{sprig_replace \"a\" \"\" \"banana\"}}", "bnn"},
        {"{{sprig_indent 4 \"a\\nb\"}}", "    a\n    b"},
        {"{{sprig_indent 2 \"a\\n\"}}|", "  a\n  |"},
        {"{{sprig_nindent 2 \"a\\n\\nb\"}}", "\n  a\n  \n  b"},
        {"{{sprig_indent 2 \"\"}}|", "  |"},
        {"{{1 | sprig_plural \"one anchovy\" \"many anchovies\"}}", "one anchovy"},
        {"{{0 | sprig_plural \"one\" \"many\"}}", "many"},
        {"{{sprig_cat \"hello\" nil \"beautiful\" 3}}", "hello beautiful 3"},
        {"{{sprig_quote \"a\\\"b\" nil 1}}", "\"a\\\"b\" \"1\""},
        {"{{sprig_squote \"a'b\" 1}}", "'a'b' '1'"},
        {"{{sprig_toString 1.5}}{{sprig_toString nil}}", "1.5<nil>"},
    };
    (void)state;
    CHECK(rows);
}

static void sprigtext_lists(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_list \"hello\" \"world\" | sprig_join \"_\"}}", "hello_world"},
        {"{{sprig_list 1 2 nil 3 | sprig_join \"+\"}}", "1+2+3"},
        {"{{sprig_join \"+\" \"a\"}}|{{sprig_join \"+\" nil}}", "a|"},
        {"{{sprig_list 3 1 2 | sprig_sortAlpha}}", "[1 2 3]"},
        {"{{sprig_list \"b\" \"a\" | sprig_sortAlpha | printf \"%T\"}}", "[]string"},
        {"{{sprig_list 1 2 3 | sprig_toStrings | printf \"%q\"}}", "[\"1\" \"2\" \"3\"]"},
        {"{{$a := sprig_split \"$\" \"foo$bar$baz\"}}{{$a._0}} {{$a._2}}{{$a._9}}", "foo baz"},
        {"{{$a := sprig_splitn \"$\" 2 \"foo$bar$baz\"}}{{$a._0}} {{$a._1}}", "foo bar$baz"},
        {"{{sprig_splitList \"$\" \"foo$bar$baz\"}}", "[foo bar baz]"},
        {"{{sprig_splitList \"\" \"abc\"}} {{len (sprig_splitList \",\" \"\")}}", "[a b c] 1"},
        {"{{sprig_splitList \",\" \",a,\" | printf \"%q\"}}", "[\"\" \"a\" \"\"]"},
        {"{{len (sprig_splitn \",\" 0 \"a,b\")}}", "0"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sprigtext_parts),
        cmocka_unit_test(sprigtext_changes),
        cmocka_unit_test(sprigtext_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
