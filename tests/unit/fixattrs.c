/* Everything that an ordinary user may do too is here; owners are tried by tests/prog/fix-attrs. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/fixattrs.h>
#include <cairn/rmtree.h>

static char dir[128];
static char told[2][4096];

static void tell(void *data, enum fixattrs_kind kind, char const *line)
{
    assert_ptr_equal(data, dir);
    size_t len = strlen(told[kind]);
    snprintf(told[kind] + len, sizeof told[kind] - len, "%s\n", line);
}

static struct fixattrs fa;

static char const *in(char const *name)
{
    static char buf[4][512];
    static unsigned int i;
    i = (i + 1) % 4;
    snprintf(buf[i], sizeof buf[i], "%s/%s", dir, name);
    return buf[i];
}

static void put(char const *name, char const *s)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
    close(fd);
}

static unsigned int mode(char const *name)
{
    struct stat st;
    assert_int_equal(stat(in(name), &st), 0);
    return st.st_mode & 07777;
}

/* applies "DIR/" + line */
static int apply(char const *line)
{
    return fixattrs_line(&fa, "FILE", 7, in(line));
}

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    memset(told, 0, sizeof told);
    fa = (struct fixattrs){.tell = tell, .data = dir};
    snprintf(dir, sizeof dir, "%s/fixattrs.XXXXXX", t ? t : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    mkdir(in("d"), 0700);
    mkdir(in("d/sub"), 0700);
    mkdir(in("d/sub/deep"), 0700);
    mkdir(in("d/.hid"), 0700);
    put("a1", "");
    put("a2", "");
    put("outside", "");
    put("d/f", "");
    put("d/sub/deep/f", "");
    put("d/.hid/f", "");
    return symlink("../outside", in("d/link"));
}

static int teardown(void **state)
{
    (void)state;
    return rmtree_at(AT_FDCWD, dir);
}

static void fixattrs_globs(void **state)
{
    (void)state;
    assert_int_equal(apply("a? false : 0640 0750"), 0);
    assert_int_equal(mode("a1"), 0640);
    assert_int_equal(mode("a2"), 0640);
    assert_int_equal(mode("d"), 0700);
    assert_int_equal(apply("[da]* false : - 750"), 0);
    assert_int_equal(mode("a1"), 0640);
    assert_int_equal(mode("d"), 0750);
    assert_int_equal(mode("d/sub"), 0700);
    /* nothing matches: nothing to do */
    assert_int_equal(apply("x* false : 0 0"), 0);
    assert_int_equal(apply("x false : 0 0"), 0);
    assert_string_equal(told[FIXATTRS_WARNING], "");
}

static void fixattrs_recurses_through_no_link(void **state)
{
    (void)state;
    assert_int_equal(apply("d true : 0640 2750"), 0);
    assert_int_equal(mode("d"), 02750);
    assert_int_equal(mode("d/f"), 0640);
    assert_int_equal(mode("d/sub/deep"), 02750);
    assert_int_equal(mode("d/sub/deep/f"), 0640);
    assert_int_equal(mode("outside"), 0600);
    assert_int_equal(mode("d/.hid"), 0700);
    fa.hidden = 1;
    assert_int_equal(apply("d true : 0604 0705"), 0);
    assert_int_equal(mode("d/.hid"), 0705);
    assert_int_equal(mode("d/.hid/f"), 0604);
    assert_int_equal(mode("outside"), 0600);
    /* the path itself may be one */
    assert_int_equal(apply("d/link true : 0666 0777"), 0);
    assert_int_equal(mode("outside"), 0666);
    assert_string_equal(told[FIXATTRS_WARNING], "");
}

static void fixattrs_says_what_is_wrong(void **state)
{
    (void)state;
    static struct {
        char const *line;
        char const *warning;
    } const bad[] = {
        {"a1 false", "FILE: line 7: too few words"},
        {"a1 false : 0644", "FILE: line 7: too few words"},
        {"a1 false : 0648 -", "the modes 0648 and -"},
        {"a1 false : -1 -", "the modes -1 and -"},
        {"a1 false : 0644 10000", "the modes 0644 and 10000"},
        {"a1 false : 0644 000000", "the modes 0644 and 000000"},
        {"a1 false no_such_user - -", "unknown user no_such_user"},
        {"a1 false 4711 - -", "numbers are written UID:GID"},
        {"a1 false no_such_user:0 - -", "unknown user no_such_user"},
        {"a1 false 0:no_such_group - -", "unknown group no_such_group"},
        {"a1 false root,5 - -", "fallback account 5"},
        {"a1 false no_such_user,a:b - -", "fallback account a:b"},
        {"a1 false root,1:2:3 - -", "fallback account 1:2:3"},
        {"a1 yes : 0600 -", "instead of true or false"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        told[FIXATTRS_WARNING][0] = 0;
        assert_int_equal(apply(bad[i].line), 1);
        assert_non_null(strstr(told[FIXATTRS_WARNING], bad[i].warning));
        assert_int_equal(mode("a1"), 0600);
    }
}

static void fixattrs_file_applies_all_lines(void **state)
{
    (void)state;
    char text[4096];
    snprintf(text, sizeof text,
             "# comment\n\n   \t \n%s false : 0640 0750\nbad\n%s\tfalse  : 0604 -   more words\r\n"
             "bad too\n%s true : 0644 0755",
             in("a1"), in("a2"), in("d"));
    put("file", text);
    assert_int_equal(fixattrs_file(&fa, in("file")), 2);
    assert_int_equal(mode("a1"), 0640);
    assert_int_equal(mode("a2"), 0604);
    assert_int_equal(mode("d/sub/deep/f"), 0644);
    put("file", "");
    assert_int_equal(fixattrs_file(&fa, in("file")), 0);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    put("file", text);
    assert_int_equal(fixattrs_file(&fa, in("file")), 1);
    assert_int_equal(fixattrs_file(&fa, in("none")), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(fixattrs_file(&fa, in("d")), -1);
    assert_int_equal(errno, EISDIR);
}

static void fixattrs_tells_progress(void **state)
{
    (void)state;
    char name[32];
    fa.progress_ms = 1;
    /* as if the first look at the clock had been long ago */
    fa.next_report = 1;
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "d/sub/%d", i);
        put(name, "");
    }
    assert_int_equal(apply("d true : 0640 0750"), 0);
    assert_non_null(strstr(told[FIXATTRS_PROGRESS], "FILE: line 7: still working, "));
}

static void fixattrs_only_checks(void **state)
{
    (void)state;
    fa.check_only = 1;
    assert_int_equal(apply("a1 false 0:0 0600 0700"), 0);
    assert_int_equal(mode("a1"), 0600);
    assert_int_equal(apply("a1 false 0:0 0644 0700"), 0);
    assert_int_equal(mode("a1"), 0600); /* it was not changed */
    assert_int_equal(apply("a1 false nobody-of-this-name 0644 0700"), 1);
    assert_string_equal(told[FIXATTRS_WARNING],
                        "FILE: line 7: unknown user nobody-of-this-name (numbers are written "
                        "UID:GID, a fallback NAME,UID:GID)\n");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(fixattrs_globs),
        T(fixattrs_recurses_through_no_link),
        T(fixattrs_says_what_is_wrong),
        T(fixattrs_file_applies_all_lines),
        T(fixattrs_tells_progress),
        T(fixattrs_only_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
