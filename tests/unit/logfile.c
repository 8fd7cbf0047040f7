#include "scratch.h"

#include <errno.h>

#include <cairn/logfile.h>

static char where[512];

static void logfile_makes_its_directory(void **state)
{
    (void)state;
    char const *file = in("a/b/log");
    assert_int_equal(logfile_make(file, where, sizeof where), 1);
    assert_string_equal(where, in("a/b"));
    assert_string_equal(get("a/b/log"), "");
    /* what is in it stays */
    put("a/b/log", "x", 0644);
    assert_int_equal(logfile_make(in("a/b/log"), where, sizeof where), 1);
    assert_string_equal(get("a/b/log"), "x");
    /* in the working directory, and in the root */
    assert_int_equal(chdir(scratch), 0);
    assert_int_equal(logfile_make("here", where, sizeof where), 1);
    assert_string_equal(where, ".");
    assert_string_equal(get("here"), "");
    assert_int_equal(logfile_make("/", where, sizeof where), -1);
    assert_string_equal(where, "/");
}

static void logfile_leaves_devices_and_nothing(void **state)
{
    (void)state;
    assert_int_equal(logfile_make(NULL, where, sizeof where), 1);
    assert_int_equal(logfile_make("", where, sizeof where), 1);
    assert_int_equal(logfile_make("/dev/no/such/thing", where, sizeof where), 1);
    assert_string_equal(where, "");
}

static void logfile_tells_the_directory_from_the_file(void **state)
{
    (void)state;
    put("plain", "", 0644);
    assert_int_equal(logfile_make(in("plain/log"), where, sizeof where), 0);
    assert_string_equal(where, in("plain"));
    assert_int_equal(logfile_make(in("plain/log"), where, 4), 0);
    assert_string_equal(where, "");
    dir("taken");
    assert_int_equal(logfile_make(in("taken"), where, sizeof where), -1);
    assert_int_equal(errno, EISDIR);
}

static void write_line(int fd, char const *s)
{
    assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
}

static void logfile_takes_both(void **state)
{
    (void)state;
    int out = dup(1);
    int err = dup(2);
    put("taken.log", "old\n", 0644);
    int r = logfile_take(in("taken.log"));
    write_line(1, "out\n");
    write_line(2, "err\n");
    /* where it cannot be had, output joins the errors */
    int none[3] = {logfile_take(in("none/log")), errno, 0};
    write_line(1, "again\n");
    none[2] = logfile_take(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    assert_int_equal(r, 1);
    assert_int_equal(none[0], 0);
    assert_int_equal(none[1], ENOENT);
    assert_int_equal(none[2], 0);
    assert_string_equal(get("taken.log"), "old\nout\nerr\nagain\n");
}

/* The file then gets the number of the output that was closed, and must stay open in what is
 * started. */
static void logfile_takes_the_place_of_a_closed_output(void **state)
{
    (void)state;
    int out = dup(1);
    int err = dup(2);
    close(1);
    int r = logfile_take(in("closed.log"));
    int flags = fcntl(1, F_GETFD);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    assert_int_equal(r, 1);
    assert_int_equal(flags, 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(logfile_makes_its_directory),
        cmocka_unit_test(logfile_leaves_devices_and_nothing),
        cmocka_unit_test(logfile_tells_the_directory_from_the_file),
        cmocka_unit_test(logfile_takes_both),
        cmocka_unit_test(logfile_takes_the_place_of_a_closed_output),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
