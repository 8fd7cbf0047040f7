/* The parts of goregex one by one; what they do together is in goregex.c, by Go's own answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/goregexclass.h>
#include <cairn/goregexparse.h>
#include <cairn/goregexprog.h>
#include <cairn/goregextext.h>

static struct pool pool;
static char why[GOREGEX_WHY];

static struct goregextext text(char const *s)
{
    size_t n = strlen(s);
    return (struct goregextext){.p = s, .begin = s, .end = s + n, .pool = &pool, .why = why};
}

static void escapes_are_characters(void **state)
{
    (void)state;
    static unsigned int const runes[] = {'\n', 0xe9, 0xe9, 'A', '.', 'x', 0x2603};
    struct goregextext in = text("\\n\\xe9\\x{e9}\\101\\.x\xe2\x98\x83");
    for (size_t i = 0; i < sizeof runes / sizeof *runes; i++) {
        unsigned int rune;
        assert_true(goregextext_literal(&in, &rune));
        assert_int_equal(rune, runes[i]);
    }
    assert_ptr_equal(in.p, in.end);
    assert_int_equal(goregextext_peek(&in, 0), 0);
}

static void long_texts_are_cut_in_messages(void **state)
{
    (void)state;
    char s[400] = "ab";
    for (size_t i = 2; i + 3 < sizeof s; i += 3)
        memcpy(s + i, "\xe2\x98\x83", 4);
    struct goregextext in = text(s);
    assert_false(goregextext_fail(&in, "what", in.begin, in.end));
    assert_memory_equal(why, "what: `ab\xe2\x98\x83", 12);
    assert_string_equal(why + strlen(why) - 7, "\xe2\x98\x83...`");
}

static void classes_are_taken_whole(void **state)
{
    (void)state;
    struct goregexset set = {.pool = &pool};
    struct goregextext in = text("[^a-c\\d[:space:]]x");
    assert_true(goregexclass_brackets(&in, &set));
    assert_string_equal(in.p, "x");
    assert_true(goregexset_has(&set, 'd') && !goregexset_has(&set, 'b'));
    assert_false(goregexset_has(&set, '5') || goregexset_has(&set, '\t'));
    assert_int_equal(goregexclass_escape(&in, &set), -1);
    in = text("\\D");
    struct goregexset other = {.pool = &pool};
    assert_int_equal(goregexclass_escape(&in, &other), 1);
    assert_true(goregexset_finish(&other, 0) && goregexset_has(&other, 'a'));
}

static void the_tree_has_groups_and_names(void **state)
{
    (void)state;
    struct goregextree tree;
    assert_true(goregexparse(&tree, &pool, "(a)(?P<x>b|c)+?", 15, why));
    assert_int_equal(tree.groups, 3);
    assert_string_equal(tree.name->name, "x");
    assert_int_equal(tree.name->group, 2);
    struct goregexnode const *last = tree.root->child->child;
    assert_int_equal(tree.root->child->kind, GOREGEXNODE_CHAIN);
    assert_int_equal(last->kind, GOREGEXNODE_REPEAT);
    assert_true(last->u.repeat.is_lazy && last->u.repeat.min == 1);
    assert_int_equal(last->child->child->kind, GOREGEXNODE_CHOICE);
    assert_int_equal(last->older->kind, GOREGEXNODE_GROUP);
}

/* a+ is a set and a fork back to it, between the two marks of the whole */
static void the_program_is_made_from_its_end(void **state)
{
    (void)state;
    struct goregextree tree;
    struct goregexprog prog;
    assert_true(goregexparse(&tree, &pool, "a+", 2, why));
    assert_true(goregexprog_make(&prog, &tree, &pool, why));
    assert_int_equal(prog.n, 5);
    assert_int_equal(prog.step[0].kind, GOREGEXSTEP_MATCH);
    struct goregexstep const *mark = prog.step + prog.start;
    assert_int_equal(mark->kind, GOREGEXSTEP_MARK);
    struct goregexstep const *set = prog.step + mark->next;
    assert_int_equal(set->kind, GOREGEXSTEP_SET);
    struct goregexstep const *fork = prog.step + set->next;
    assert_int_equal(fork->kind, GOREGEXSTEP_FORK);
    assert_int_equal(fork->next, mark->next);
    assert_int_equal(prog.step[fork->u.other].u.mark, 1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(escapes_are_characters),
        cmocka_unit_test(long_texts_are_cut_in_messages),
        cmocka_unit_test(classes_are_taken_whole),
        cmocka_unit_test(the_tree_has_groups_and_names),
        cmocka_unit_test(the_program_is_made_from_its_end),
    };
    pool_init(&pool, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
