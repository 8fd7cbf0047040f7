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

#include <cairn/vardir.h>

static int dir;

static void put(char const *name, char const *s, size_t len)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, len), (ssize_t)len);
    close(fd);
}

static int setup(void **state)
{
    char path[128];
    (void)state;
    char const *t = getenv("T");
    snprintf(path, sizeof path, "%s/vardir.XXXXXX", t ? t : "/tmp");
    if (!mkdtemp(path))
        return 1;
    dir = open(path, O_RDONLY | O_DIRECTORY);
    return dir < 0;
}

static void vardir_lists_sorted(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0;
    put("B", "", 0);
    put("A", "", 0);
    put(".hidden", "", 0);
    put("X=Y", "", 0);
    assert_int_equal(mkdirat(dir, "C", 0700), 0);
    assert_int_equal(vardir_list(dir, &sa, &n), 0);
    assert_int_equal(n, 3);
    char const **sorted = vardir_sort(sa.s, n);
    assert_non_null(sorted);
    assert_string_equal(sorted[0] + 1, "A");
    assert_string_equal(sorted[1] + 1, "B");
    assert_string_equal(sorted[2] + 1, "C");
    free(sorted);
    sorted = vardir_sort(NULL, 0);
    assert_non_null(sorted);
    free(sorted);
    stralloc_free(&sa);
}

static void vardir_slurps(void **state)
{
    (void)state;
    static char big[10000];
    stralloc sa = STRALLOC_ZERO;
    assert_true(stralloc_cats(&sa, "before"));
    assert_int_equal(vardir_slurp(dir, "none", &sa, 10), 0);
    assert_int_equal(sa.len, 6);
    put("F", "a\0b\n", 4);
    assert_int_equal(vardir_slurp(dir, "F", &sa, 4), 1);
    assert_int_equal(sa.len, 10);
    assert_memory_equal(sa.s, "beforea\0b\n", 10);
    memset(big, 'x', sizeof big);
    put("G", big, sizeof big);
    sa.len = 0;
    assert_int_equal(vardir_slurp(dir, "G", &sa, sizeof big), 1);
    assert_int_equal(sa.len, sizeof big);
    sa.len = 0;
    assert_int_equal(vardir_slurp(dir, "G", &sa, 4095), -1);
    assert_int_equal(errno, E2BIG);
    assert_true(sa.len >= 4095);
    assert_memory_equal(sa.s, big, 4095);
    assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
    sa.len = 0;
    assert_int_equal(vardir_slurp(dir, "fifo", &sa, 10), 1);
    assert_int_equal(sa.len, 0);
    stralloc_free(&sa);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(vardir_lists_sorted),
        cmocka_unit_test(vardir_slurps),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
