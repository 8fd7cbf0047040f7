/* What lies in the state directory. The links outside of it: tests/pid1/boot and
 * tests/pid1/environments. */

#include "scratch.h"

#include <errno.h>

#include <cairn/bootplaces.h>
#include <cairn/exitfile.h>

static void bootplaces_makes_the_state_and_nothing_outside(void **state)
{
    (void)state;
    struct bootplaces b = {.fd = -1};
    char const *culprit;
    struct stat st;
    char byte;
    dir("input");
    dir("input/cont-init.d");
    dir("state");
    setenv(STATEDIR_VARIABLE, in("state"), 1);
    setenv("CAIRN_BINDIR", "/opt/bin", 1);
    strcpy(b.state, in("state"));
    mode_t old = umask(022);
    assert_int_equal(bootplaces_make(&b, in("input"), &culprit), 0);
    umask(old);
    assert_false(b.is_public);
    assert_true(b.is_private);
    assert_int_equal(lstat(in("state/services/.s6-svscan"), &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0700);
    assert_int_equal(lstat(in("state/services/.s6-svscan/control"), &st), 0);
    assert_int_equal(st.st_mode, S_IFIFO | 0600);
    /* bytes wait in the FIFO, whoever reads it */
    int fd = open(in("state/services/.s6-svscan/control"), O_WRONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "t", 1), 1);
    close(fd);
    assert_int_equal(read(b.control, &byte, 1), 1);
    assert_int_equal(byte, 't');
    assert_int_equal(stat(in("state/etc/cont-init.d"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(lstat(in("state/etc/services.d"), &st), -1); /* what is absent stays absent */
    char target[64];
    ssize_t r = readlink(in("state/basedir/bin/halt"), target, sizeof target);
    assert_int_equal(r, strlen("/opt/bin/halt"));
    assert_memory_equal(target, "/opt/bin/halt", (size_t)r);

    int had = !lstat(EXITFILE_V3_DIR, &st);
    bootplaces_public(&b);
    assert_string_equal(b.etc, in("state/etc"));
    assert_int_equal(!lstat(EXITFILE_V3_DIR, &st), had);
    close(b.fd);
}

static void bootplaces_names_what_cannot_be_made(void **state)
{
    (void)state;
    struct bootplaces b = {.fd = -1};
    char const *culprit = NULL;
    dir("bad");
    put("bad/services", "in the way", 0644);
    strcpy(b.state, in("bad"));
    assert_int_equal(bootplaces_make(&b, "/nowhere", &culprit), -1);
    assert_non_null(strstr(culprit, "services"));
    close(b.fd);
    strcpy(b.state, in("none"));
    assert_int_equal(bootplaces_make(&b, "/nowhere", &culprit), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(culprit, b.state);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(bootplaces_makes_the_state_and_nothing_outside),
        cmocka_unit_test(bootplaces_names_what_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
