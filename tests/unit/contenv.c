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

#include <cairn/contenv.h>
#include <cairn/rmtree.h>

static char dir[128];
static char warned[256];

static void warn(char const *name, char const *why)
{
    size_t len = strlen(warned);
    snprintf(warned + len, sizeof warned - len, "%s %s;", name, why);
}

static char const *in(char const *name)
{
    static char buf[512];
    snprintf(buf, sizeof buf, "%s/%s", dir, name);
    return buf;
}

static void put(char const *name, char const *s, size_t len)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, len), (ssize_t)len);
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(dir, sizeof dir, "%s/contenv.XXXXXX", t ? t : "/tmp");
    warned[0] = 0;
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmtree_at(AT_FDCWD, dir);
}

/* reads the directory and compares with the strings wanted, which a newline follows each */
static void wants(char const *wanted, size_t len)
{
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0, lines = 0;
    assert_int_equal(contenv_read(dir, &sa, &n, warn, NULL), 0);
    for (size_t i = 0; i < len; i++)
        lines += !wanted[i];
    assert_int_equal(sa.len, len);
    assert_int_equal(n, lines);
    if (len)
        assert_memory_equal(sa.s, wanted, len);
    stralloc_free(&sa);
}
#define WANTS(s) wants(s, sizeof s - 1)

static void contenv_read_chomps_exactly_one_newline(void **state)
{
    (void)state;
    put("PRINTF", "a b", 3);
    put("ECHO", "a b\n", 4);
    put("TWO", "x\n\n", 3);
    put("EMPTY", "\n", 1);
    put("UNSET", "", 0);
    put("LINES", "1\n2\n", 4);
    put("NUL", "cut\0here\n", 9);
    put("NULFIRST", "\0", 1);
    WANTS("ECHO=a b\0EMPTY=\0LINES=1\n2\0NUL=cut\0NULFIRST=\0PRINTF=a b\0TWO=x\n\0");
    assert_string_equal(warned, "");
}

static void contenv_read_skips_what_is_no_variable(void **state)
{
    (void)state;
    put(".hidden", "1", 1);
    put("a=b", "1", 1);
    put("A", "1", 1);
    assert_int_equal(mkdir(in("DIR"), 0755), 0);
    assert_int_equal(mkfifo(in("FIFO"), 0600), 0);
    assert_int_equal(symlink("A", in("LINK")), 0);
    assert_int_equal(symlink("DIR", in("DLINK")), 0);
    assert_int_equal(symlink("nowhere", in("DANGLING")), 0);
    assert_int_equal(symlink("/dev/zero", in("ZERO")), 0);
    WANTS("A=1\0LINK=1\0");
    assert_string_equal(warned, "DANGLING is a dangling symbolic link;DIR is a directory;"
                                "DLINK is a directory;FIFO is a FIFO;ZERO is a device;");
}

static void contenv_read_appends(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    size_t n = 1;
    put("B", "2", 1);
    assert_true(stralloc_catb(&sa, "A=1", 4));
    assert_int_equal(contenv_read(dir, &sa, &n, NULL, NULL), 0);
    assert_int_equal(n, 2);
    assert_int_equal(sa.len, 8);
    assert_memory_equal(sa.s, "A=1\0B=2", 8);
    assert_string_equal(contenv_get(sa.s, n, "B"), "2");
    assert_null(contenv_get(sa.s, n, "C"));
    assert_null(contenv_get(sa.s, 0, "A"));
    stralloc_free(&sa);
}

static void contenv_read_fails_with_the_name(void **state)
{
    (void)state;
    char const *culprit = NULL;
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0;
    assert_int_equal(contenv_read(in("none"), &sa, &n, NULL, &culprit), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(culprit, "");
    put("A", "1", 1);
    put("LARGE", "", 0);
    assert_int_equal(truncate(in("LARGE"), 1 << 30), 0);
    assert_int_equal(contenv_read(dir, &sa, &n, NULL, &culprit), -1);
    assert_int_equal(errno, E2BIG);
    assert_string_equal(culprit, "LARGE");
    assert_int_equal(n, 0);
    assert_int_equal(sa.len, 0);
    stralloc_free(&sa);
}

static void contenv_value_reads_one_file(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    put("A", "two\nlines\n", 10);
    put("UNSET", "", 0);
    put("LARGE", "", 0);
    assert_int_equal(truncate(in("LARGE"), 1 << 30), 0);
    assert_int_equal(mkdir(in("DIR"), 0755), 0);
    assert_int_equal(mkfifo(in("FIFO"), 0600), 0);
    put("LATER", "x", 1);
    assert_int_equal(contenv_value(dir, "A", &sa), 1);
    assert_int_equal(contenv_value(dir, "LATER", &sa), 1);
    assert_int_equal(sa.len, 12);
    assert_memory_equal(sa.s, "two\nlines\0x", 12);
    static char const *const unset[] = {"UNSET", "NONE", "DIR", "FIFO", "", ".", "../x", "A=1"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        assert_int_equal(contenv_value(dir, unset[i], &sa), 0);
    assert_int_equal(contenv_value(dir, "LARGE", &sa), -1);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(contenv_value(in("none"), "A", &sa), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(sa.len, 12);
    stralloc_free(&sa);
}

/* the limit is that of execve: 32 pages with name, '=' and NUL */
static void contenv_longest_value(void **state)
{
    (void)state;
    size_t max = 32 * (size_t)sysconf(_SC_PAGESIZE) - 3;
    char *value = malloc(max + 1);
    assert_non_null(value);
    memset(value, 'v', max + 1);
    assert_int_equal(contenv_set(dir, "X", value, max + 1), -1);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(contenv_set(dir, "X", value, max), 0);
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0;
    assert_int_equal(contenv_read(dir, &sa, &n, NULL, NULL), 0);
    assert_int_equal(sa.len, max + 3);
    stralloc_free(&sa);
    free(value);
}

static void contenv_many_variables(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    char name[32], value[64];
    stralloc sa = STRALLOC_ZERO;
    size_t n = 0;
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "NAME_OF_VARIABLE_%04d", i);
        int len = snprintf(value, sizeof value, "the value of number %d in the test", i);
        put(name, value, (size_t)len);
    }
    assert_int_equal(contenv_read(dir, &sa, &n, NULL, NULL), 0);
    assert_int_equal(n, MANY);
    assert_string_equal(sa.s, "NAME_OF_VARIABLE_0000=the value of number 0 in the test");
    assert_string_equal(contenv_get(sa.s, n, "NAME_OF_VARIABLE_2999"),
                        "the value of number 2999 in the test");
    stralloc_free(&sa);
}

static void contenv_set_writes_and_removes(void **state)
{
    (void)state;
    struct stat st;
    mode_t old = umask(077);
    assert_int_equal(contenv_set(dir, "A", "one\n", 4), 0);
    assert_int_equal(contenv_set(dir, "B", "", 0), 0);
    umask(old);
    assert_int_equal(stat(in("A"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(st.st_size, 5);
    WANTS("A=one\n\0B=\0");
    assert_int_equal(contenv_set(dir, "A", "two", 3), 0);
    assert_int_equal(contenv_set(dir, "B", NULL, 0), 0);
    assert_int_equal(contenv_set(dir, "B", NULL, 0), 0);
    WANTS("A=two\0");
}

static void contenv_set_refuses_bad_names(void **state)
{
    (void)state;
    static char const *const bad[] = {"", ".a", "a=b", "a/b", "../x", "/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(contenv_set(dir, bad[i], "v", 1), -1);
        assert_int_equal(errno, EINVAL);
        assert_int_equal(contenv_set(dir, bad[i], NULL, 0), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(contenv_set(in("none"), "A", "v", 1), -1);
    assert_int_equal(errno, ENOENT);
    /* a directory in the way is an error, and no temporary stays */
    assert_int_equal(mkdir(in("D"), 0755), 0);
    assert_int_equal(contenv_set(dir, "D", "v", 1), -1);
    assert_int_equal(rmdir(in("D")), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void contenv_dump_round_trips(void **state)
{
    (void)state;
    struct stat st;
    char long_name[400];
    memset(long_name, 'L', sizeof long_name);
    memcpy(long_name + 300, "=v", 3);
    char const *envp[] = {"PATH=/bin:/usr/bin",
                          "EMPTY=",
                          "TWO=lines\nhere\n",
                          "PATH=/second",
                          ".dot=1",
                          "a/b=1",
                          "=x",
                          "noequals",
                          "dotted.name=1",
                          "UTF=\xc3\xa9\xff",
                          long_name,
                          NULL};
    put("old", "1", 1);
    assert_int_equal(mkdir(in("sub"), 0755), 0);
    put("sub/file", "1", 1);
    mode_t old = umask(077);
    assert_int_equal(contenv_dump(dir, envp, NULL, NULL), 5);
    umask(old);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(stat(in("PATH"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    WANTS("EMPTY=\0PATH=/bin:/usr/bin\0TWO=lines\nhere\n\0UTF=\xc3\xa9\xff\0dotted.name=1\0");
}

static void contenv_dump_follows_no_link(void **state)
{
    (void)state;
    char const *envp[] = {"A=1", NULL};
    char link[160];
    put("keep", "1", 1);
    snprintf(link, sizeof link, "%s.link", dir);
    assert_int_equal(symlink(dir, link), 0);
    assert_int_equal(contenv_dump(link, envp, NULL, NULL), 0);
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(rmtree_at(AT_FDCWD, link), 0);
    WANTS("keep=1\0");
}

static void contenv_is_kept_where_it_is_wanted(void **state)
{
    (void)state;
    static char const *const no[] = {"", "0", "false", "No", "OFF"};
    static char const *const yes[] = {"1", "true", "yes", "on", "2", "anything"};
    unsetenv("S6_KEEP_ENV");
    assert_false(contenv_is_kept());
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        setenv("S6_KEEP_ENV", no[i], 1);
        assert_false(contenv_is_kept());
    }
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        setenv("S6_KEEP_ENV", yes[i], 1);
        assert_true(contenv_is_kept());
    }
    unsetenv("S6_KEEP_ENV");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(contenv_read_chomps_exactly_one_newline),
        T(contenv_read_skips_what_is_no_variable),
        T(contenv_read_appends),
        T(contenv_read_fails_with_the_name),
        T(contenv_value_reads_one_file),
        T(contenv_longest_value),
        T(contenv_many_variables),
        T(contenv_set_writes_and_removes),
        T(contenv_set_refuses_bad_names),
        T(contenv_dump_round_trips),
        T(contenv_dump_follows_no_link),
        T(contenv_is_kept_where_it_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
