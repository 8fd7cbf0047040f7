#include "scratch.h"

#include <errno.h>

#include <cairn/filevars.h>

static struct filevars f;

static char const *value(char const *name)
{
    size_t len = strlen(name);
    for (char const *const *v = f.envp; *v; v++)
        if (!strncmp(*v, name, len) && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

/* "NAME=" + the path of file, in one of four buffers */
static char const *at(char const *name, char const *file)
{
    static char buf[4][600];
    static unsigned int n;
    n = (n + 1) % 4;
    snprintf(buf[n], sizeof buf[n], "%s=%s", name, in(file));
    return buf[n];
}

static int load(char const *a, char const *b, char const *c, char const *list)
{
    static char const *envp[4];
    envp[0] = a;
    envp[1] = b;
    envp[2] = b ? c : NULL;
    envp[3] = NULL;
    filevars_free(&f);
    return filevars_load(&f, envp, in(list));
}

static void refused(int e, char const *a, char const *b)
{
    assert_int_equal(errno, e);
    assert_non_null(strstr(f.why, a));
    assert_non_null(strstr(f.why, b));
    assert_null(strstr(f.why, "hush"));
}

static void filevars_leaves_an_environment_without_files_alone(void **state)
{
    (void)state;
    static char const *const envp[] = {"A=1", "X_FILE=/nowhere", "FILE_X=/nowhere", "FILE__=x",
                                       NULL};
    assert_int_equal(filevars_load(&f, envp, in("none")), 0);
    assert_ptr_equal(f.envp, envp);
    assert_int_equal(f.n, 0);
}

static void filevars_reads_both_spellings(void **state)
{
    (void)state;
    put("secret", "hush\n\n", 0600);
    put("bare", "hush", 0444);
    put("list", "# names\n\n OTHER\t# one\nPASSWORD \r\nLAST", 0644);
    assert_int_equal(load(at("FILE__PASSWORD", "secret"), "B=2", at("OTHER_FILE", "bare"), "list"),
                     0);
    assert_string_equal(value("PASSWORD"), "hush\n"); /* one newline less */
    assert_string_equal(value("OTHER"), "hush");
    assert_string_equal(value("B"), "2");
    assert_null(value("FILE__PASSWORD"));
    assert_null(value("OTHER_FILE"));
    assert_int_equal(f.n, 2);
    assert_int_equal(f.v[0].mode, 0600);
    assert_int_equal(load(at("LAST_FILE", "bare"), at("UNLISTED_FILE", "bare"), NULL, "list"), 0);
    assert_string_equal(value("LAST"), "hush"); /* its line has no end */
    assert_non_null(value("UNLISTED_FILE"));
    assert_null(value("UNLISTED"));
    put("empty", "", 0644);
    put("newline", "\n", 0644);
    assert_int_equal(load(at("FILE__A", "empty"), at("FILE__B", "newline"), NULL, "list"), 0);
    assert_string_equal(value("A"), "");
    assert_string_equal(value("B"), "");
}

static void filevars_does_what_users_of_each_spelling_know(void **state)
{
    (void)state;
    put("secret", "hush\n", 0600);
    put("list", "P\n", 0644);
    assert_int_equal(load("P=default", at("FILE__P", "secret"), NULL, "list"), 0);
    assert_string_equal(value("P"), "hush");
    assert_int_equal(load(at("FILE__P", "secret"), "P=default", NULL, "list"), 0);
    assert_string_equal(value("P"), "hush");
    assert_int_equal(load(at("P_FILE", "secret"), "P=default", NULL, "list"), -1);
    refused(EINVAL, "P_FILE and P ", "both set");
    assert_int_equal(load(at("P_FILE", "secret"), "P=", NULL, "list"), 0);
    assert_string_equal(value("P"), "hush");
    assert_int_equal(load("P_FILE=", "P=default", NULL, "list"), 0);
    assert_string_equal(value("P"), "default");
    assert_null(value("P_FILE"));
    assert_int_equal(load(at("P_FILE", "secret"), at("FILE__P", "secret"), NULL, "list"), -1);
    refused(EINVAL, "FILE__P and P_FILE ", "both set");
    assert_int_equal(load(at("P_FILE", "secret"), "FILE__P=", NULL, "list"), 0);
    assert_string_equal(value("P"), "hush");
}

static void filevars_names_what_is_wrong(void **state)
{
    (void)state;
    static char big[131072 + 10];
    assert_int_equal(load(at("FILE__P", "missing"), NULL, NULL, "none"), -1);
    refused(ENOENT, "FILE__P: ", "missing cannot be read: No such file");
    dir("directory");
    assert_int_equal(load(at("FILE__P", "directory"), NULL, NULL, "none"), -1);
    refused(EINVAL, "FILE__P: ", "directory is not a regular file");
    assert_int_equal(mkfifo(in("fifo"), 0600), 0);
    assert_int_equal(load(at("FILE__P", "fifo"), NULL, NULL, "none"), -1);
    refused(EINVAL, "FILE__P: ", "fifo is not a regular file");
    int fd = open(in("nul"), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "hush\0hush", 9), 9);
    close(fd);
    assert_int_equal(load(at("FILE__P", "nul"), NULL, NULL, "none"), -1);
    refused(EINVAL, "FILE__P: ", "nul holds a NUL byte");
    memset(big, 'x', sizeof big - 1);
    big[131072 - 3] = 0; /* P=, value, NUL */
    put("fits", big, 0600);
    assert_int_equal(load(at("FILE__P", "fits"), NULL, NULL, "none"), 0);
    assert_int_equal(strlen(value("P")), 131072 - 3);
    big[131072 - 3] = '\n';
    big[131072 - 2] = 0;
    put("fits", big, 0600);
    assert_int_equal(load(at("FILE__P", "fits"), NULL, NULL, "none"), 0);
    big[131072 - 3] = 'x';
    put("large", big, 0600);
    assert_int_equal(load(at("FILE__P", "large"), NULL, NULL, "none"), -1);
    refused(EINVAL, "FILE__P: ", "large is larger than a variable can be");
    put("badlist", "GOOD\nNOT GOOD\n", 0644);
    assert_int_equal(load("A=1", NULL, NULL, "badlist"), -1);
    refused(EINVAL, "badlist: ", "in line 2");
    assert_int_equal(load("A=1", NULL, NULL, "directory"), -1);
    refused(EISDIR, "directory: ", "");
}

static int mode_of(char const *name)
{
    struct stat st;
    assert_int_equal(stat(in(name), &st), 0);
    return (int)(st.st_mode & 07777);
}

static void filevars_guards_what_not_everybody_may_read(void **state)
{
    (void)state;
    put("private", "hush\n", 0600);
    put("group", "hush\n", 0440);
    put("public", "hush\n", 0444);
    dir("env");
    put("env/A", "hush\n", 0644);
    put("env/B", "hush\n", 0644);
    put("env/C", "hush\n", 0644);
    assert_int_equal(
        load(at("FILE__A", "private"), at("FILE__B", "group"), at("FILE__C", "public"), "none"), 0);
    int fd = open(in("env"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(filevars_guard(fd, &f), 0);
    assert_int_equal(mode_of("env/A"), 0600);
    assert_int_equal(mode_of("env/B"), 0640);
    assert_int_equal(mode_of("env/C"), 0644);
    unlink(in("env/A"));
    assert_int_equal(filevars_guard(fd, &f), 0);
    close(fd);
    put("victim", "", 0644);
    assert_int_equal(load(at("FILE__../victim", "private"), NULL, NULL, "none"), 0);
    fd = open(in("env"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(filevars_guard(fd, &f), 0);
    close(fd);
    assert_int_equal(mode_of("victim"), 0644);
    filevars_free(&f);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(filevars_leaves_an_environment_without_files_alone),
        cmocka_unit_test(filevars_reads_both_spellings),
        cmocka_unit_test(filevars_does_what_users_of_each_spelling_know),
        cmocka_unit_test(filevars_names_what_is_wrong),
        cmocka_unit_test(filevars_guards_what_not_everybody_may_read),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
