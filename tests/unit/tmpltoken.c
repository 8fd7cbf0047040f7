#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmpltoken.h>

static char text[1024];

/* The tokens of a template: kind in a letter, and what it is. */
static char const *tokens(char const *s, char const *left, char const *right)
{
    static char const letters[] = "$!T{}nfv.0b#'\"`()|,:=IELRWDPBKC";
    struct tmplscan scan;
    struct tmpltoken t;
    size_t n = 0;
    tmplscan_init(&scan, s, strlen(s), left, right);
    do {
        tmplscan_next(&scan, &t);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%.*s", n ? " " : "", letters[t.kind],
                              t.kind == TMPLTOKEN_ERROR ? 0 : (int)t.n, t.s);
    } while (t.kind != TMPLTOKEN_END && t.kind != TMPLTOKEN_ERROR);
    return text;
}

static char const *why(char const *s)
{
    struct tmplscan scan;
    struct tmpltoken t;
    tmplscan_init(&scan, s, strlen(s), NULL, NULL);
    do
        tmplscan_next(&scan, &t);
    while (t.kind != TMPLTOKEN_END && t.kind != TMPLTOKEN_ERROR);
    snprintf(text, sizeof text, "%zu %s", (size_t)(t.s - s),
             t.kind == TMPLTOKEN_END ? "fine" : scan.why);
    return text;
}

static void texts_and_actions_alternate(void **state)
{
    (void)state;
    assert_string_equal(tokens("", NULL, NULL), "$");
    assert_string_equal(tokens("a } {b", NULL, NULL), "Ta } {b $");
    assert_string_equal(tokens("a{{.x}}b", NULL, NULL), "Ta {{{ f.x }}} Tb $");
    assert_string_equal(tokens("{{}}", NULL, NULL), "{{{ }}} $");
    assert_string_equal(tokens("<<x>>{{y}}", "<<", ">>"), "{<< nx }>> T{{y}} $");
    assert_string_equal(tokens("{{x}}", "", ""), "{{{ nx }}} $");
}

static void trim_markers_take_blanks(void **state)
{
    (void)state;
    assert_string_equal(tokens("a \n{{- .x -}}\t\r\n b", NULL, NULL), "Ta {{{- f.x } -}} Tb $");
    assert_string_equal(tokens("a {{-3}}", NULL, NULL), "Ta  {{{ #-3 }}} $");
    assert_string_equal(tokens(" {{- 3 -}} ", NULL, NULL), "{{{- #3 } -}} $");
    assert_string_equal(tokens("a\v{{- 1}}", NULL, NULL), "Ta\v {{{- #1 }}} $");
}

static void comments_are_gone(void **state)
{
    (void)state;
    assert_string_equal(tokens("a{{/* b }} */}}c", NULL, NULL), "Ta Tc $");
    assert_string_equal(tokens("a {{- /* b */ -}} c", NULL, NULL), "Ta Tc $");
    assert_string_equal(why("a{{/* b"), "1 a comment without its */");
    assert_string_equal(why("{{/* b */ x}}"), "9 a comment must end where its action ends");
    assert_string_equal(why("{{ /* b */}}"), "3 a character that has no meaning here");
}

static void words_of_an_action(void **state)
{
    (void)state;
    assert_string_equal(
        tokens("{{if else end range with define template block break continue}}", NULL, NULL),
        "{{{ Iif Eelse Lend Rrange Wwith Ddefine Ptemplate Bblock Kbreak "
        "Ccontinue }}} $");
    assert_string_equal(
        tokens("{{$ $x .a.b . .5 nil true false x1 (1|y),$z:=`r`=\"}}\"'}'}}", NULL, NULL),
        "{{{ v$ v$x f.a f.b .. #.5 0nil btrue bfalse nx1 (( #1 || ny )) ,, v$z ::= "
        "``r` == \"\"}}\" ''}' }}} $");
    assert_string_equal(tokens("{{iffy \xc3\xa9t\xc3\xa9}}", NULL, NULL),
                        "{{{ niffy n\xc3\xa9t\xc3\xa9 }}} $");
    assert_string_equal(tokens("{{0x1e+2 1e+2 0x1p-2 +1}}", NULL, NULL), "{{{ !");
    assert_string_equal(tokens("{{1e+2 0x1p-2 +1}}", NULL, NULL), "{{{ #1e+2 #0x1p-2 #+1 }}} $");
}

static void faults_are_named_where_they_are(void **state)
{
    (void)state;
    assert_string_equal(why("{{x"), "3 an action without its end");
    assert_string_equal(why("{{\"a\nb\"}}"), "2 a string without its closing \"");
    assert_string_equal(why("{{\"a\\"), "2 a string without its closing \"");
    assert_string_equal(why("{{'a"), "2 a character without its closing '");
    assert_string_equal(why("{{`a"), "2 a raw string without its closing `");
    assert_string_equal(why("{{(x}}"), "4 a ( without its ) in this action");
    assert_string_equal(why("{{x)}}"), "3 a ) without its (");
    assert_string_equal(why("{{a : b}}"), "4 a : that is no :=");
    assert_string_equal(why("{{#}}"), "2 a character that has no meaning here");
    assert_string_equal(why("{{3-}}"), "2 a bad number");
}

static void blanks_before_a_token_are_known(void **state)
{
    (void)state;
    char const *s = "{{.a .b.c}}";
    struct tmplscan scan;
    struct tmpltoken t;
    int spaced[8];
    tmplscan_init(&scan, s, strlen(s), NULL, NULL);
    for (int i = 0; i < 5; i++) {
        tmplscan_next(&scan, &t);
        spaced[i] = t.is_spaced;
    }
    assert_int_equal(spaced[1], 0);
    assert_int_equal(spaced[2], 1);
    assert_int_equal(spaced[3], 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(texts_and_actions_alternate),
        cmocka_unit_test(trim_markers_take_blanks),
        cmocka_unit_test(comments_are_gone),
        cmocka_unit_test(words_of_an_action),
        cmocka_unit_test(faults_are_named_where_they_are),
        cmocka_unit_test(blanks_before_a_token_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
