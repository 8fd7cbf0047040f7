#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>

#include "scratch.h"

#include <cairn/logarchive.h>

#include "fakeroot.h"

static int at;
static char stuck[LOGARCHIVE_NAME + 1];

static int open_scratch(void **state)
{
    if (scratch_setup(state) < 0)
        return -1;
    at = open(scratch, O_RDONLY | O_DIRECTORY);
    return at < 0 ? -1 : 0;
}

static void make(char const *name, size_t size)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    close(fd);
}

/* How many archives there are; *last: the last name. */
static int count(char last[LOGARCHIVE_NAME + 1])
{
    struct dirent **names;
    int n = scandir(scratch, &names, NULL, alphasort), found = 0;
    last[0] = 0;
    for (int i = 0; i < n; i++) {
        if (logarchive_is(names[i]->d_name)) {
            found++;
            strcpy(last, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    return found;
}

static void knows_names(void **state)
{
    (void)state;
    assert_true(logarchive_is("@400000006b049de93b9ac9fe.s"));
    assert_true(logarchive_is("@400000006b049de93b9ac9fe.u"));
    assert_false(logarchive_is("@400000006b049de93b9ac9fe.x"));
    assert_false(logarchive_is("@400000006b049de93b9ac9fe.ss"));
    assert_false(logarchive_is("@400000006b049de93b9ac9f.s"));
    assert_false(logarchive_is("@400000006b049de93b9ac9fg.s"));
    assert_false(logarchive_is("current"));
    assert_false(logarchive_is(""));
}

static void makes_archives(void **state)
{
    (void)state;
    char last[LOGARCHIVE_NAME + 1], text[TIMESTAMP + 1];
    tain t = TAIN_EPOCH;
    assert_int_equal(logarchive_make(at, "none", ".s", &t), 0);
    make("empty", 0);
    assert_int_equal(logarchive_make(at, "empty", ".s", &t), 0);
    assert_int_equal(faccessat(at, "empty", F_OK, 0), -1);
    assert_int_equal(count(last), 0);
    make("a", 1);
    assert_int_equal(logarchive_make(at, "a", ".u", &t), 0);
    assert_int_equal(count(last), 1);
    timestamp_fmt(text, &t);
    assert_memory_equal(last, text, TIMESTAMP);
    assert_string_equal(last + TIMESTAMP, ".u");
    make("b", 1);
    assert_int_equal(linkat(at, "b", at, "c", 0), 0);
    assert_int_equal(logarchive_make(at, "b", ".u", &t), 0);
    assert_int_equal(faccessat(at, "b", F_OK, 0), -1);
    assert_int_equal(count(last), 1);
}

static void never_overwrites(void **state)
{
    (void)state;
    char last[LOGARCHIVE_NAME + 1];
    tain t, a;
    assert_true(tain_wallclock_read(&t));
    t.sec.x += 1000; /* the clock was set back */
    a = t;
    for (int i = 0; i < 20; i++) {
        make("a", 1);
        assert_int_equal(logarchive_make(at, "a", ".s", &a), 0);
    }
    assert_int_equal(count(last), 20);
    /* another process that knows only the time before */
    make("a", 1);
    assert_int_equal(logarchive_make(at, "a", ".s", &t), 0);
    assert_int_equal(count(last), 21);
    assert_true(tain_less(&a, &t));
}

static void keeps_the_newest(void **state)
{
    (void)state;
    char last[LOGARCHIVE_NAME + 1], name[LOGARCHIVE_NAME + 1];
    make("current", 1000);
    make("@notanarchive", 1000);
    for (unsigned int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "@400000006b049de9%08x.%c", 300 - i, i % 2 ? 's' : 'u');
        make(name, 300 - i);
    }
    assert_int_equal(logarchive_trim(at, 300, 0, stuck), 0);
    assert_int_equal(count(last), 300);
    assert_int_equal(logarchive_trim(at, 100, 0, stuck), 0);
    assert_int_equal(count(last), 100);
    assert_string_equal(last, "@400000006b049de90000012c.u");
    assert_int_equal(faccessat(at, "@400000006b049de9000000c8.u", F_OK, 0), -1);
    assert_int_equal(logarchive_trim(at, 100, 300 + 299 + 298, stuck), 0);
    assert_int_equal(count(last), 3);
    assert_int_equal(logarchive_trim(at, 100, 300 + 299, stuck), 0);
    assert_int_equal(count(last), 2);
    assert_int_equal(logarchive_trim(at, 0, 0, stuck), 0);
    assert_int_equal(count(last), 0);
    assert_int_equal(faccessat(at, "@notanarchive", F_OK, 0), 0);
    assert_int_equal(logarchive_trim(-1, 0, 0, stuck), -1);
    assert_string_equal(stuck, ".");
}

/* Where the file system has no links, or a filter refuses them, it is a rename, and overwrites
   nothing either. */
static int without_links(void)
{
    char last[LOGARCHIVE_NAME + 1];
    tain t, a;
    int r = refuse_calls(SYS_linkat, SYS_linkat);
    if (r)
        return r;
    check(tain_wallclock_read(&t));
    t.sec.x += 1000;
    a = t;
    make("a", 1);
    check(logarchive_make(at, "a", ".s", &a) == 0);
    check(faccessat(at, "a", F_OK, 0) == -1 && count(last) == 1);
    make("a", 2);
    check(logarchive_make(at, "a", ".s", &t) == 0);
    check(count(last) == 2 && tain_less(&a, &t));
    return 0;
}

static void needs_no_links(void **state)
{
    (void)state;
    in_process(0, without_links);
}

static void says_what_it_cannot(void **state)
{
    (void)state;
    tain t = TAIN_EPOCH;
    /* a directory is no file that could have a second name */
    assert_int_equal(mkdirat(at, "dir", 0700), 0);
    make("dir/file", 1);
    assert_int_equal(logarchive_make(at, "dir", ".s", &t), -1);
    assert_int_equal(logarchive_make(at, "dir/file/x", ".s", &t), -1);
    assert_int_equal(errno, ENOTDIR);
    /* what cannot be deleted is passed over, and does not count */
    char last[LOGARCHIVE_NAME + 1];
    assert_int_equal(mkdirat(at, "@400000006b049de93b9ac9fe.s", 0700), 0);
    make("@400000006b049de93b9ac9fd.s", 1);
    make("@400000006b049de93b9ac9ff.s", 1);
    assert_int_equal(mkdirat(at, "@400000006b049de93b9acaff.s", 0700), 0);
    make("@400000006b049de93b9acb00.s", 1);
    make("@400000006b049de93b9acb01.s", 1);
    assert_int_equal(logarchive_trim(at, 4, 0, stuck), -1);
    assert_int_equal(errno, EISDIR);
    assert_string_equal(stuck, "@400000006b049de93b9ac9fe.s");
    assert_int_equal(count(last), 5);
    assert_int_equal(logarchive_trim(at, 1, 0, stuck), -1);
    assert_string_equal(stuck, "@400000006b049de93b9ac9fe.s");
    assert_int_equal(count(last), 3);
    assert_string_equal(last, "@400000006b049de93b9acb01.s");
    make("@400000006b049de93b9acb02.s", 100);
    assert_int_equal(logarchive_trim(at, 5, 100, stuck), -1);
    assert_int_equal(count(last), 3);
    /* one second ends, the next begins */
    t = (tain){.sec = {TAI_MAGIC + 4000000000u}, .nano = 999999999};
    make("a", 1);
    assert_int_equal(logarchive_make(at, "a", ".s", &t), 0);
    assert_int_equal(t.nano, 0);
    assert_true(t.sec.x == TAI_MAGIC + 4000000001u);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(knows_names),
        cmocka_unit_test_setup_teardown(makes_archives, open_scratch, scratch_teardown),
        cmocka_unit_test_setup_teardown(never_overwrites, open_scratch, scratch_teardown),
        cmocka_unit_test_setup_teardown(keeps_the_newest, open_scratch, scratch_teardown),
        cmocka_unit_test_setup_teardown(needs_no_links, open_scratch, scratch_teardown),
        cmocka_unit_test_setup_teardown(says_what_it_cannot, open_scratch, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
