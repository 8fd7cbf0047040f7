/* What lies in the state directory, and the links outside of it. Those of a whole container:
 * tests/pid1/boot and tests/pid1/environments. */

#include "scratch.h"

#include <errno.h>

#include <cairn/bootplaces.h>
#include <cairn/exitfile.h>

#include "fakeroot.h"

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

static void bootplaces_wants_a_path_that_fits(void **state)
{
    (void)state;
    struct bootplaces b = {.fd = -1};
    char const *culprit = NULL;
    static char deep[1024];
    dir("long");
    strcpy(b.state, in("long"));
    memset(deep, '/', sizeof deep - 1);
    assert_int_equal(bootplaces_make(&b, deep, &culprit), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(culprit, "etc");
    close(b.control);
    close(b.fd);
}

static int leads(char const *path, char const *to)
{
    char target[512];
    ssize_t r = readlink(path, target, sizeof target);
    return r == (ssize_t)strlen(to) && !memcmp(target, to, (size_t)r);
}

/* A boot whose state is in this directory, which is made. */
static int boot(struct bootplaces *b, char const *where)
{
    char const *culprit;
    mkdir(where, 0755);
    *b = (struct bootplaces){.fd = -1};
    strcpy(b->state, where);
    check(bootplaces_make(b, "/etc", &culprit) == 0);
    bootplaces_public(b);
    return 0;
}

static int public_boot(void)
{
    struct bootplaces b;
    struct stat st;
    char text[4] = "";
    check(boot(&b, "/run/s6") == 0);
    check(b.is_public && !b.is_private);
    check(leads("/var/run", "/run"));
    check(!strcmp(b.etc, "/var/run/s6/etc"));
    check(leads("/run/s6/etc/cont-init.d", "/etc/cont-init.d"));
    check(leads("/run/service", "/run/s6/services"));
    check(leads("/usr/bin/execlineb", "/opt/execlineb"));
    int fd = open(EXITFILE_V3, O_RDONLY);
    check(fd >= 0 && read(fd, text, sizeof text - 1) == 2 && !strcmp(text, "0\n"));
    close(fd);
    /* until the stages are over */
    check(!lstat("/run/s6/" STATEDIR_BOOTING, &st));
    bootplaces_booted(&b);
    check(lstat("/run/s6/" STATEDIR_BOOTING, &st) == -1);
    /* the next boot finds its own links */
    close(b.control);
    close(b.fd);
    check(boot(&b, "/run/s6") == 0);
    check(leads("/var/run", "/run") && leads("/run/service", "/run/s6/services"));
    return 0;
}

static int other_boot(void)
{
    struct bootplaces b;
    /* what an image made in advance, and what led nowhere */
    check(!mkdir("/run/service", 0755));
    check(!mkdir("/var", 0755) && !mkdir("/var/run", 0755) && !mkdir("/var/run/s6", 0755));
    check(boot(&b, "/tmp/one") == 0);
    check(!b.is_public && !b.is_private);
    check(leads("/var/run/s6", "/tmp/one"));
    check(!strcmp(b.etc, "/var/run/s6/etc"));
    check(leads("/run/service", "/tmp/one/services"));
    /* a boot that lives keeps its links; this one's are left out */
    struct bootplaces next;
    check(boot(&next, "/tmp/two") == 0);
    check(!strcmp(next.etc, "/tmp/two/etc"));
    check(leads("/var/run/s6", "/tmp/one") && leads("/run/service", "/tmp/one/services"));
    close(next.control);
    close(next.fd);
    /* one that is over does not */
    close(b.control);
    close(b.fd);
    check(boot(&next, "/tmp/two") == 0);
    check(leads("/var/run/s6", "/tmp/two") && leads("/run/service", "/tmp/two/services"));
    check(!strcmp(next.etc, "/var/run/s6/etc"));
    /* nor one that is gone */
    close(next.control);
    close(next.fd);
    check(!rename("/tmp/two", "/tmp/gone"));
    check(boot(&next, "/tmp/three") == 0);
    check(leads("/var/run/s6", "/tmp/three") && leads("/run/service", "/tmp/three/services"));
    /* nor what has a user's content */
    check(!unlink("/run/service") && !mkdir("/run/service", 0755) &&
          !mkdir("/run/service/x", 0755));
    check(boot(&next, "/tmp/three") == 0);
    struct stat st;
    check(!stat("/run/service/x", &st));
    return 0;
}

/* A root directory with a program that could be linked to. */
static void make_root(char const *name)
{
    static char const *const dirs[] = {
        "run", "tmp", "usr", "usr/bin", "opt", "etc", "etc/cont-init.d"};
    char path[64];
    dir(name);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        snprintf(path, sizeof path, "%s/%s", name, dirs[i]);
        dir(path);
    }
    snprintf(path, sizeof path, "%s/opt/execlineb", name);
    put(path, "", 0755);
    unsetenv(STATEDIR_VARIABLE);
    setenv("CAIRN_BINDIR", "/opt", 1);
}

static void bootplaces_public_links(void **state)
{
    (void)state;
    make_root("public");
    in_root("public", 0, public_boot);
}

static void bootplaces_links_that_nobody_misses(void **state)
{
    (void)state;
    make_root("other");
    in_root("other", 0, other_boot);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(bootplaces_makes_the_state_and_nothing_outside),
        cmocka_unit_test(bootplaces_names_what_cannot_be_made),
        cmocka_unit_test(bootplaces_wants_a_path_that_fits),
        cmocka_unit_test(bootplaces_public_links),
        cmocka_unit_test(bootplaces_links_that_nobody_misses),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
