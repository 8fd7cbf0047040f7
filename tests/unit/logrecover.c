#include <dirent.h>
#include <errno.h>

#include "scratch.h"

#include <cairn/logarchive.h>
#include <cairn/logrecover.h>

static int at;

static int open_scratch(void **state)
{
    if (scratch_setup(state) < 0)
        return -1;
    at = open(scratch, O_RDONLY | O_DIRECTORY);
    return at < 0 ? -1 : 0;
}

static int there(char const *name)
{
    return faccessat(at, name, F_OK, 0) == 0;
}

/* All archives, in order: their contents, and the last letter of their names. */
static void check(char const *want)
{
    struct dirent **names;
    char got[256];
    size_t n = 0;
    int count = scandir(scratch, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char const *name = names[i]->d_name;
        if (logarchive_is(name)) {
            int fd = openat(at, name, O_RDONLY);
            n += (size_t)read(fd, got + n, sizeof got - n - 2);
            got[n++] = name[LOGARCHIVE_NAME - 1];
            close(fd);
        }
        free(names[i]);
    }
    free(names);
    got[n] = 0;
    assert_string_equal(got, want);
    assert_false(there("previous") || there("processed") || there("newstate"));
}

static void recover(void)
{
    char const *file;
    tain t = TAIN_EPOCH;
    assert_int_equal(logrecover(at, &t, &file), 0);
}

static void begins(void **state)
{
    (void)state;
    recover();
    check("");
    assert_true(there("state"));
}

static void follows_no_link(void **state)
{
    static char const *const ours[] = {"current", "previous", "processed", "newstate", "state"};
    struct stat st;
    (void)state;
    put("victim", "mine", 0744);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        assert_int_equal(symlinkat("victim", at, ours[i]), 0);
    recover();
    check("");
    assert_false(there("current"));
    assert_int_equal(fstatat(at, "state", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(fstatat(at, "victim", &st, 0), 0);
    assert_int_equal(st.st_size, 4);
}

static void leaves_a_clean_one_alone(void **state)
{
    (void)state;
    put("current", "a", 0744);
    put("state", "s", 0644);
    recover();
    check("");
    struct stat st;
    assert_int_equal(fstatat(at, "state", &st, 0), 0);
    assert_int_equal(st.st_size, 1);
    assert_true(there("current"));
}

static void archives_an_unclean_current(void **state)
{
    (void)state;
    put("current", "a\n", 0644);
    put("state", "s", 0644);
    recover();
    check("a\nu");
    struct stat st;
    assert_int_equal(fstatat(at, "state", &st, 0), 0);
    assert_int_equal(st.st_size, 0);
    assert_false(there("current"));
}

static void completes_lines(void **state)
{
    (void)state;
    put("previous", "a\nb", 0744);
    put("current", "c", 0644);
    recover();
    check("a\nb\nuc\nu");
}

static void finishes_what_was_processed(void **state)
{
    (void)state;
    put("previous", "a\n", 0744);
    put("processed", "A\n", 0744);
    put("newstate", "n", 0644);
    put("current", "b\n", 0644);
    recover();
    check("A\nsb\nu");
}

static void undoes_what_was_not(void **state)
{
    (void)state;
    put("previous", "a\n", 0744);
    put("processed", "A\n", 0644);
    put("current", "", 0644);
    recover();
    check("a\nu");
}

static void makes_no_archive_twice(void **state)
{
    (void)state;
    put("previous", "a\n", 0744);
    assert_int_equal(linkat(at, "previous", at, "@400000006b049de93b9ac9fe.s", 0), 0);
    put("current", "b\n", 0744);
    recover();
    check("a\ns");
    assert_true(there("current"));
}

static void names_what_is_in_the_way(void **state)
{
    (void)state;
    static char const *const names[] = {"previous", "processed", "current"};
    char const *file;
    tain t = TAIN_EPOCH;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mkdirat(at, names[i], 0700), 0);
        assert_int_equal(logrecover(at, &t, &file), -1);
        assert_int_equal(errno, EISDIR);
        assert_string_equal(file, names[i]);
        assert_int_equal(unlinkat(at, names[i], AT_REMOVEDIR), 0);
    }
    assert_int_equal(mkfifoat(at, "current", 0600), 0);
    assert_int_equal(logrecover(at, &t, &file), -1);
    assert_int_equal(errno, EINVAL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scratch, scratch_teardown)
    struct CMUnitTest const tests[] = {
        TEST(begins),
        TEST(follows_no_link),
        TEST(leaves_a_clean_one_alone),
        TEST(archives_an_unclean_current),
        TEST(completes_lines),
        TEST(finishes_what_was_processed),
        TEST(undoes_what_was_not),
        TEST(makes_no_archive_twice),
        TEST(names_what_is_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
