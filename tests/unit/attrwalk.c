/* Modes, which an ordinary user may change too; owners are tried by tests/prog/fix-attrs. */

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

#include <cairn/attrwalk.h>
#include <cairn/rmtree.h>

static char dir[128];
static char told[1024];
static unsigned int count;

static void failed(void *data, char const *what, char const *path, int e)
{
    assert_ptr_equal(data, dir);
    snprintf(told, sizeof told, "%s %s %s", what, path, strerror(e));
}

static void passed(void *data, char const *where)
{
    assert_ptr_equal(data, dir);
    assert_non_null(where);
    count++;
}

static char const *in(char const *name)
{
    static char buf[4][512];
    static unsigned int i;
    i = (i + 1) % 4;
    snprintf(buf[i], sizeof buf[i], "%s/%s", dir, name);
    return buf[i];
}

static void touch(char const *name)
{
    int fd = open(in(name), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static unsigned int mode(char const *name)
{
    struct stat st;
    assert_int_equal(stat(in(name), &st), 0);
    return st.st_mode & 07777;
}

static void walk(char const *name, unsigned int fmode, unsigned int dmode, int hidden)
{
    struct attrwalk const a = {.uid = (uid_t)-1,
                               .gid = (gid_t)-1,
                               .fmode = fmode,
                               .dmode = dmode,
                               .recurse = 1,
                               .hidden = hidden,
                               .failed = failed,
                               .passed = passed,
                               .data = dir};
    count = 0;
    told[0] = 0;
    attrwalk(&a, in(name));
}

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(dir, sizeof dir, "%s/attrwalk.XXXXXX", t ? t : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    mkdir(in("d"), 0700);
    mkdir(in("d/sub"), 0700);
    mkdir(in("d/sub/deep"), 0700);
    mkdir(in("d/.hid"), 0700);
    touch("outside");
    touch("d/f");
    touch("d/sub/deep/f");
    touch("d/.hid/f");
    return symlink("../outside", in("d/link")) < 0 || symlink("..", in("d/up")) < 0;
}

static int teardown(void **state)
{
    (void)state;
    return rmtree_at(AT_FDCWD, dir);
}

static void attrwalk_follows_no_link_below(void **state)
{
    (void)state;
    walk("d", 0640, 02750, 0);
    assert_int_equal(count, 7);
    assert_int_equal(mode("d"), 02750);
    assert_int_equal(mode("d/f"), 0640);
    assert_int_equal(mode("d/sub"), 02750);
    assert_int_equal(mode("d/sub/deep"), 02750);
    assert_int_equal(mode("d/sub/deep/f"), 0640);
    assert_int_equal(mode("d/.hid"), 0700);
    assert_int_equal(mode("d/.hid/f"), 0600);
    assert_int_equal(mode("outside"), 0600);
    assert_string_equal(told, "");
    walk("d/link", 0644, 0755, 0);
    assert_int_equal(count, 1);
    assert_int_equal(mode("outside"), 0644);
}

static void attrwalk_hidden_entries(void **state)
{
    (void)state;
    walk("d", 0640, ATTRWALK_UNCHANGED, 1);
    assert_int_equal(count, 9);
    assert_int_equal(mode("d/.hid"), 0700);
    assert_int_equal(mode("d/.hid/f"), 0640);
    assert_int_equal(mode("d"), 0700);
    walk("d", ATTRWALK_UNCHANGED, 0750, 1);
    assert_int_equal(mode("d/.hid"), 0750);
    assert_int_equal(mode("d/.hid/f"), 0640);
}

static void attrwalk_deep_and_wide_trees(void **state)
{
    (void)state;
    enum { DEPTH = 1500 };
    struct stat st;
    int fd = open(in("d"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(fd, "x", 0700), 0);
        assert_int_equal(mkdirat(fd, "y", 0700), 0);
        int sub = openat(fd, "x", O_RDONLY | O_DIRECTORY);
        assert_true(sub >= 0);
        close(fd);
        fd = sub;
    }
    walk("d", ATTRWALK_UNCHANGED, 0750, 0);
    assert_string_equal(told, "");
    assert_int_equal(count, 7 + 2 * DEPTH);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    assert_int_equal(fstatat(fd, "../y", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    close(fd);
    assert_int_equal(mode("d/sub/deep"), 0750);
}

static void attrwalk_reports_failures(void **state)
{
    (void)state;
    char wanted[1024];
    walk("none", 0600, 0700, 0);
    snprintf(wanted, sizeof wanted, "stat %s No such file or directory", in("none"));
    assert_string_equal(told, wanted);
    assert_int_equal(count, 0);
    walk("d/f/x", 0600, 0700, 0);
    snprintf(wanted, sizeof wanted, "stat %s Not a directory", in("d/f/x"));
    assert_string_equal(told, wanted);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(attrwalk_follows_no_link_below),
        T(attrwalk_hidden_entries),
        T(attrwalk_deep_and_wide_trees),
        T(attrwalk_reports_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
