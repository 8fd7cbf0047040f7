#include "scratch.h"

#include <errno.h>

#include <cairn/svswitch.h>

static char const *variable(void *data, char const *name)
{
    (void)data;
    if (!strcmp(name, "SET"))
        return "1";
    if (!strcmp(name, "EMPTY"))
        return "";
    if (!strcmp(name, "WORDS"))
        return "a b=c ";
    return NULL;
}

static struct svswitch_env const env = {.get = variable};
static char line[32];

/* What enable-if-env with this text says; line has the line it is about. */
static enum svswitch_condition with(char const *text)
{
    put("enable-if-env", text, 0644);
    int fd = open(scratch, O_PATH | O_DIRECTORY);
    assert_true(fd >= 0);
    strcpy(line, "old");
    enum svswitch_condition r = svswitch_condition(&env, fd, line, sizeof line);
    close(fd);
    return r;
}

static void svswitch_reads_conditions(void **state)
{
    (void)state;
    assert_int_equal(with(""), SVSWITCH_HOLDS);
    assert_string_equal(line, "");
    assert_int_equal(with("SET"), SVSWITCH_HOLDS);
    assert_int_equal(with("SET\n"), SVSWITCH_HOLDS);
    assert_int_equal(with("SET=1\n"), SVSWITCH_HOLDS);
    assert_int_equal(with("EMPTY=\n"), SVSWITCH_HOLDS);
    assert_int_equal(with("WORDS=a b=c \n"), SVSWITCH_HOLDS);
    assert_int_equal(with("# NO\n\nSET\nSET=1\n"), SVSWITCH_HOLDS);
    assert_string_equal(line, "");

    assert_int_equal(with("EMPTY\n"), SVSWITCH_FAILS);
    assert_int_equal(with("NO\n"), SVSWITCH_FAILS);
    assert_int_equal(with("NO=\n"), SVSWITCH_FAILS);
    assert_int_equal(with("WORDS=a b=c\n"), SVSWITCH_FAILS);
    assert_int_equal(with("SET=1 \n"), SVSWITCH_FAILS);
    assert_string_equal(line, "SET=1 ");
    assert_int_equal(with("SET\nNO\nNOT\nSET\n"), SVSWITCH_FAILS);
    assert_string_equal(line, "NO");
}

static void svswitch_refuses_nonsense(void **state)
{
    (void)state;
    static char big[5000];
    assert_int_equal(with("!SET\n"), SVSWITCH_BAD);
    assert_int_equal(with("SET \n"), SVSWITCH_BAD);
    assert_int_equal(with("SET\r\n"), SVSWITCH_BAD);
    assert_int_equal(with("=1\n"), SVSWITCH_BAD);
    assert_int_equal(with("NO\nset -a\nSET\n"), SVSWITCH_BAD);
    assert_string_equal(line, "set -a");
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(with(big), SVSWITCH_BAD);
    assert_int_equal(unlink(in("enable-if-env")), 0);
    int fd = open(scratch, O_RDONLY | O_DIRECTORY);
    assert_int_equal(svswitch_condition(&env, fd, line, sizeof line), SVSWITCH_NONE);
    dir("enable-if-env");
    assert_int_equal(svswitch_condition(&env, fd, line, sizeof line), SVSWITCH_ERROR);
    assert_int_equal(errno, EISDIR);
    assert_string_equal(line, "");
    assert_int_equal(rmdir(in("enable-if-env")), 0);
    close(fd);
}

static void svswitch_walks_lists(void **state)
{
    (void)state;
    static char const list[] = " ,a,, bc\td\n";
    size_t at = 0, len = 0;
    assert_memory_equal(svswitch_next(list, &at, &len), "a", 1);
    assert_int_equal(len, 1);
    assert_memory_equal(svswitch_next(list, &at, &len), "bc", 2);
    assert_int_equal(len, 2);
    assert_memory_equal(svswitch_next(list, &at, &len), "d", 1);
    assert_null(svswitch_next(list, &at, &len));
    assert_null(svswitch_next(list, &at, &len));
}

static void svswitch_decides(void **state)
{
    (void)state;
    /* every combination: the first rule that applies wins */
    for (unsigned int i = 0; i < 16; i++) {
        enum svswitch_why wanted = i & 8   ? SVSWITCH_DISABLED
                                   : i & 4 ? SVSWITCH_ENABLED
                                   : i & 2 ? SVSWITCH_UNMET
                                   : i & 1 ? SVSWITCH_DOWN
                                           : SVSWITCH_ON;
        enum svswitch_why why = svswitch_decide(i & 8 ? "x,sv" : "svx", i & 4 ? "sv" : NULL, "sv",
                                                i & 2 ? SVSWITCH_FAILS : SVSWITCH_HOLDS, i & 1);
        assert_int_equal(why, wanted);
        assert_int_equal(svswitch_is_off(why), !!(i & 8) || (!(i & 4) && i & 2));
        assert_int_equal(svswitch_is_on(why), !(i & 8) && (i & 4 || !(i & 3)));
    }
    assert_int_equal(svswitch_decide(NULL, NULL, "sv", SVSWITCH_BAD, 0), SVSWITCH_ON);
    assert_int_equal(svswitch_decide("", "s", "sv", SVSWITCH_ERROR, 0), SVSWITCH_ON);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svswitch_reads_conditions),
        cmocka_unit_test(svswitch_refuses_nonsense),
        cmocka_unit_test(svswitch_walks_lists),
        cmocka_unit_test(svswitch_decides),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
