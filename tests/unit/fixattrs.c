/* Everything that an ordinary user may do too is here; owners are tried by tests/prog/fix-attrs. */

#define in  scratch_in
#define put scratch_put
#define dir scratch_dir
#include "scratch.h"

#include <errno.h>
#include <sys/resource.h>

#include <cairn/fixattrs.h>

#include "fakeroot.h"

static char told[2][4096];

static void tell(void *data, enum fixattrs_kind kind, char const *line)
{
    assert_ptr_equal(data, scratch);
    size_t len = strlen(told[kind]);
    snprintf(told[kind] + len, sizeof told[kind] - len, "%s\n", line);
}

static struct fixattrs fa;

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
    memset(told, 0, sizeof told);
    fa = (struct fixattrs){.tell = tell, .data = scratch};
    if (scratch_setup(state))
        return -1;
    mkdir(in("d"), 0700);
    mkdir(in("d/sub"), 0700);
    mkdir(in("d/sub/deep"), 0700);
    mkdir(in("d/.hid"), 0700);
    put("a1", "", 0600);
    put("a2", "", 0600);
    put("outside", "", 0600);
    put("d/f", "", 0600);
    put("d/sub/deep/f", "", 0600);
    put("d/.hid/f", "", 0600);
    return symlink("../outside", in("d/link"));
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
    put("file", text, 0600);
    assert_int_equal(fixattrs_file(&fa, in("file")), 2);
    assert_int_equal(mode("a1"), 0640);
    assert_int_equal(mode("a2"), 0604);
    assert_int_equal(mode("d/sub/deep/f"), 0644);
    put("file", "", 0600);
    assert_int_equal(fixattrs_file(&fa, in("file")), 0);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    put("file", text, 0600);
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
        put(name, "", 0600);
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

static void fixattrs_file_tells_of_lines_that_are_too_long(void **state)
{
    (void)state;
    char text[6000];
    memset(text, '#', 5000);
    snprintf(text + 5000, sizeof text - 5000, "\n%s false : 0640 -\n", in("a1"));
    put("file", text, 0600);
    assert_int_equal(fixattrs_file(&fa, in("file")), 1);
    assert_non_null(
        strstr(told[FIXATTRS_WARNING], "line 2: up to here there was a line that is too long\n"));
    assert_int_equal(mode("a1"), 0640); /* the others are applied */
}

/* What cannot be done is told with what helps; of many, some and their number. */
static int in_vain(void)
{
    char name[32];
    char const *w = told[FIXATTRS_WARNING];
    check(!mount("/d", "/ro", NULL, MS_BIND, NULL));
    check(!mount(NULL, "/ro", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    check(fixattrs_line(&fa, "FILE", 7, "/ro/f false : 0640 -") == 1);
    check(strstr(w,
                 "FILE: line 7: unable to change the mode of /ro/f: Read-only file system (set it "
                 "in the image, or mount a writable volume there)\n"));
    /* names that cannot be looked up */
    told[FIXATTRS_WARNING][0] = 0;
    check(!mkdir("/etc", 0755) && !mkdir("/etc/passwd", 0755) && !mkdir("/etc/group", 0755));
    check(fixattrs_line(&fa, "FILE", 7, "/a2 false bin - -") == 1);
    check(fixattrs_line(&fa, "FILE", 7, "/a2 false adm:0 - -") == 1);
    check(fixattrs_line(&fa, "FILE", 7, "/a2 false 0:tty - -") == 1);
    check(strstr(w, "unknown user bin (unable to read /etc/passwd)\n"));
    check(strstr(w, "unknown user adm (unable to read /etc/passwd)\n"));
    check(strstr(w, "unknown group tty (unable to read /etc/group)\n"));
    check(!rmdir("/etc/passwd") && !rmdir("/etc/group"));
    check(fixattrs_line(&fa, "FILE", 7, "/a2 false adm:0 - -") == 1);
    check(strstr(w, "unknown user adm\n"));
    /* a mount inside itself */
    told[FIXATTRS_WARNING][0] = 0;
    check(!mount("/d", "/d/sub/deep", NULL, MS_BIND, NULL));
    check(fixattrs_line(&fa, "FILE", 7, "/d true : - -") == 1);
    check(strstr(w, " (a directory mounted inside itself?)\n"));
    check(!umount("/d/sub/deep"));
    /* somebody who may not */
    told[FIXATTRS_WARNING][0] = 0;
    if (!geteuid() && !chown("/a1", 77, 77) && !chmod("/", 0755)) {
        as_other();
        int r = fixattrs_line(&fa, "FILE", 7, "/a1 false : 0640 -");
        as_before();
        check(r == 1 && strstr(w, "(we are not root: set it in the image, or run the container as "
                                  "root)"));
    }
    /* limits */
    told[FIXATTRS_WARNING][0] = 0;
    struct rlimit had, none;
    check(!getrlimit(RLIMIT_NOFILE, &had));
    none = had;
    none.rlim_cur = 0;
    check(!setrlimit(RLIMIT_NOFILE, &none));
    check(fixattrs_line(&fa, "FILE", 7, "/d true : - -") == 1);
    check(!setrlimit(RLIMIT_NOFILE, &had));
    check(strstr(w, "Too many open files (raise the container's limits)\n"));
    /* many */
    told[FIXATTRS_WARNING][0] = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "/d/%d", i);
        close(open(name, O_WRONLY | O_CREAT, 0600));
    }
    check(fixattrs_line(&fa, "FILE", 7, "/ro/[0-9]* false : 0640 -") == 1);
    check(strstr(w, " more failures\n"));
    unsigned int lines = 0;
    for (char const *p = w; *p; p++)
        lines += *p == '\n';
    check(lines < 100);
    return 0;
}

static void fixattrs_tells_what_helps(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in("ro"), 0755), 0);
    in_root("", CLONE_NEWNS, in_vain);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        T(fixattrs_globs),
        T(fixattrs_recurses_through_no_link),
        T(fixattrs_says_what_is_wrong),
        T(fixattrs_file_applies_all_lines),
        T(fixattrs_tells_progress),
        T(fixattrs_only_checks),
        T(fixattrs_file_tells_of_lines_that_are_too_long),
        T(fixattrs_tells_what_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
