/* The candidates other than CAIRN_STATEDIR lie in fixed places: here in a root directory of the
 * test's, by tests/pid1/places in a namespace. */

#define in scratch_in
#include "scratch.h"

#include <errno.h>

#include <cairn/contenv.h>
#include <cairn/statedir.h>

#include "fakeroot.h"
#undef in

static char base[128];

static char const *in(char const *name)
{
    static char buf[512];
    snprintf(buf, sizeof buf, "%s%s", base, name);
    return buf;
}

static void touch(char const *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static int setup(void **state)
{
    int r = scratch_setup(state);
    strcpy(base, scratch);
    return r;
}

static int teardown(void **state)
{
    return scratch_teardown(state);
}

static void rmtree_removes_all_but_what_links_point_to(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in("/t"), 0755), 0);
    assert_int_equal(mkdir(in("/t/a"), 0755), 0);
    assert_int_equal(mkdir(in("/t/a/b"), 0755), 0);
    touch(in("/t/a/b/c"));
    touch(in("/keep"));
    assert_int_equal(mkfifo(in("/t/fifo"), 0600), 0);
    assert_int_equal(symlink("../keep", in("/t/l")), 0);
    assert_int_equal(symlink("..", in("/t/up")), 0);
    assert_int_equal(rmtree_at(AT_FDCWD, in("/t")), 0);
    assert_int_equal(access(in("/t"), F_OK), -1);
    assert_int_equal(access(in("/keep"), F_OK), 0);
    assert_int_equal(rmtree_at(AT_FDCWD, in("/t")), 0);
}

static void statedir_make_then_find(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    struct stat st;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    assert_null(statedir_find(buf, sizeof buf));
    assert_int_equal(errno, ENOENT);
    mode_t old = umask(077);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    umask(old);
    assert_string_equal(buf, in("/sub/state"));
    assert_int_equal(stat(buf, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_null(statedir_find(buf, sizeof buf)); /* no boot lives in it yet */
    assert_int_equal(mkdir(in("/sub/state/services"), 0755), 0);
    assert_non_null(statedir_find(buf, sizeof buf));
    assert_string_equal(buf, in("/sub/state"));
    assert_null(statedir_find(buf, 4));
}

static void statedir_make_wipes_only_what_is_ours(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    touch(in("/sub/state/mine"));
    touch(in("/sub/state/services/old"));
    assert_int_equal(mkdir(in("/sub/state/container_environment"), 0755), 0);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(access(in("/sub/state/mine"), F_OK), 0);
    assert_int_equal(access(in("/sub/state/services"), F_OK), -1);
    assert_int_equal(access(in("/sub/state/container_environment"), F_OK), -1);
}

static void statedir_make_leaves_a_live_one_alone(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    int fds[2], done[2];
    char c;
    setenv(STATEDIR_VARIABLE, in("/live"), 1);
    assert_int_equal(mkdir(in("/live"), 0755), 0);
    assert_int_equal(mkdir(in("/live/services"), 0755), 0);
    assert_int_equal(mkdir(in("/live/services/.s6-svscan"), 0755), 0);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(done), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(in("/live/services/.s6-svscan/lock"), O_RDWR | O_CREAT, 0600);
        close(done[1]);
        if (fd >= 0 && !fcntl(fd, F_SETLK, &l) && write(fds[1], "x", 1) == 1 &&
            read(done[0], &c, 1) >= 0)
            _exit(0);
        _exit(1);
    }
    close(done[0]);
    assert_int_equal(read(fds[0], &c, 1), 1);
    assert_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(errno, EBUSY);
    assert_string_equal(tried, in("/live"));
    close(done[1]);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(access(in("/live/services"), F_OK), 0);
}

/* init holds the FIFO all its life, svscan's lock is there only once there is a service */
static void statedir_make_leaves_one_alone_whose_fifo_is_held(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    setenv(STATEDIR_VARIABLE, in("/held"), 1);
    assert_int_equal(mkdir(in("/held"), 0755), 0);
    assert_int_equal(mkdir(in("/held/services"), 0755), 0);
    assert_int_equal(mkdir(in("/held/services/.s6-svscan"), 0755), 0);
    assert_int_equal(mkfifo(in("/held/services/.s6-svscan/control"), 0600), 0);
    int fd = open(in("/held/services/.s6-svscan/control"), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(errno, EBUSY);
    assert_int_equal(access(in("/held/services/.s6-svscan/control"), F_OK), 0);
    close(fd);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(access(in("/held/services"), F_OK), -1);
}

static void statedir_map_maps_the_public_paths(void **state)
{
    (void)state;
    static char const *const same[] = {
        "/run/s6x/nothing", "/run/services/nothing", "run/s6", "", "/var/run/s7", "/"};
    char buf[512];
    char const *x;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    assert_int_equal(mkdir(in("/sub/state/services"), 0755), 0);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_ptr_equal(statedir_map(same[i], buf, sizeof buf), same[i]);
    x = "/var/run/s6/services/no-such-service-of-ours";
    assert_string_equal(statedir_map(x, buf, sizeof buf),
                        in("/sub/state/services/no-such-service-of-ours"));
    x = "/run/s6/no-such-entry";
    assert_string_equal(statedir_map(x, buf, sizeof buf), in("/sub/state/no-such-entry"));
    x = "/run/service/no-such-service-of-ours";
    assert_string_equal(statedir_map(x, buf, sizeof buf),
                        in("/sub/state/services/no-such-service-of-ours"));
    assert_ptr_equal(statedir_map(x, buf, 12), x);
    setenv(STATEDIR_VARIABLE, in("/nowhere"), 1);
    assert_ptr_equal(statedir_map(x, buf, sizeof buf), x);
}

static void statedir_find_sees_who_holds_the_fifo(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    setenv(STATEDIR_VARIABLE, in("/over"), 1);
    assert_int_equal(mkdir(in("/over"), 0755), 0);
    assert_int_equal(mkdir(in("/over/services"), 0755), 0);
    assert_int_equal(mkdir(in("/over/services/.s6-svscan"), 0755), 0);
    assert_int_equal(mkfifo(in("/over/services/.s6-svscan/control"), 0600), 0);
    /* over, but there is no other */
    assert_non_null(statedir_find(buf, sizeof buf));
    int fd = open(in("/over/services/.s6-svscan/control"), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_non_null(statedir_find(buf, sizeof buf));
    assert_false(statedir_is_over(in("/over")));
    close(fd);
    assert_true(statedir_is_over(in("/over")));
    assert_false(statedir_is_over(in("")));
    assert_false(statedir_is_over(in("/no-such-directory")));
}

/* ---- in a root directory of one's own */

static int is_dir(char const *path, unsigned int mode)
{
    struct stat st;
    return !lstat(path, &st) && st.st_mode == (S_IFDIR | mode);
}

/* A boot in this directory; returns the FIFO that shows that it lives. */
static int boot_in(char const *path)
{
    char name[256];
    snprintf(name, sizeof name, "%s/services", path);
    mkdir(name, 0755);
    strcat(name, "/.s6-svscan");
    mkdir(name, 0755);
    strcat(name, "/control");
    mkfifo(name, 0600);
    return open(name, O_RDONLY | O_NONBLOCK);
}

static int places(void)
{
    char buf[STATEDIR_MAX], env[STATEDIR_MAX + 32], mapped[256];
    char own[64], shm[64];
    char const *tried = NULL;
    struct stat st;
    unsetenv(STATEDIR_VARIABLE);
    setenv("XDG_RUNTIME_DIR", "/xdg", 1);
    snprintf(own, sizeof own, "/tmp/cairn-%u", (unsigned int)geteuid());
    snprintf(shm, sizeof shm, "/dev/shm/cairn-%u", (unsigned int)geteuid());

    check(!statedir_find(buf, sizeof buf) && errno == ENOENT);
    check(!contenv_locate(env, sizeof env) && errno == ENOENT);
    check(!strcmp(statedir_map("/run/s6/services", mapped, sizeof mapped), "/run/s6/services"));
    /* there is not even a /run */
    umask(077);
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, "/run/s6"));
    check(is_dir("/run/s6", 0755));
    int live = boot_in("/run/s6");
    check(statedir_find(buf, sizeof buf) && !strcmp(buf, "/run/s6"));
    check(contenv_locate(env, sizeof env));
    check(!strcmp(env, "/run/s6/container_environment"));
    check(!contenv_locate(env, sizeof "/run/s6/container_environment" - 1) && errno == ENOENT);

    /* one that lives is passed over: the next is private, whatever the umask */
    umask(0);
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, "/xdg/cairn"));
    check(is_dir("/xdg/cairn", 0700));
    int next = boot_in("/xdg/cairn");
    check(statedir_find(buf, sizeof buf) && !strcmp(buf, "/run/s6"));
    /* a link, or what others may enter, is not taken */
    check(!symlink("/elsewhere", own) && !mkdir(shm, 0700) && !chmod(shm, 0750));
    check(!statedir_make(buf, sizeof buf, &tried) && errno == EBUSY);
    snprintf(mapped, sizeof mapped, "/run/s6, /xdg/cairn, %s, %s", own, shm);
    check(!strcmp(tried, mapped));
    check(!chmod(shm, 0700));
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, shm));
    unsetenv("XDG_RUNTIME_DIR");
    check(!unlink(own));
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, own));

    /* a boot that is over counts only where no other lives */
    setenv("XDG_RUNTIME_DIR", "/xdg", 1);
    close(live);
    check(statedir_is_over("/run/s6") && !statedir_is_over("/xdg/cairn"));
    check(!statedir_is_over("/xdg") && !statedir_is_over("/none"));
    check(statedir_find(buf, sizeof buf) && !strcmp(buf, "/xdg/cairn"));
    check(!strcmp(statedir_map("/run/s6/services", mapped, sizeof mapped), "/xdg/cairn/services"));
    check(!strcmp(statedir_map("/var/run/s6/x", mapped, sizeof mapped), "/xdg/cairn/x"));
    check(!strcmp(statedir_map("/run/service/x", mapped, sizeof mapped), "/xdg/cairn/services/x"));
    check(!strcmp(statedir_map("/run/service", mapped, sizeof mapped), "/xdg/cairn/services"));
    check(!strcmp(statedir_map("/run/services", mapped, sizeof mapped), "/run/services"));
    check(!strcmp(statedir_map("/run/s6/x", mapped, 8), "/run/s6/x"));  /* does not fit */
    check(!strcmp(statedir_map("/run/s6/x", mapped, 12), "/run/s6/x")); /* only a part of it */
    close(next);
    check(statedir_find(buf, sizeof buf) && !strcmp(buf, "/run/s6"));
    /* and is cleaned for the next, but for what is not ours */
    check(!mkdir("/run/s6/mine", 0755));
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, "/run/s6"));
    check(!lstat("/run/s6/mine", &st) && lstat("/run/s6/services", &st) == -1);
    /* one that is open to all, as the image's, is not when it is ours; another may be of any mode
     */
    check(!chmod("/run/s6", 01777));
    check(statedir_make(buf, sizeof buf, &tried) && is_dir("/run/s6", 0755));
    check(!mkdir("/forced", 0700) && !chmod("/forced", 01777));
    setenv(STATEDIR_VARIABLE, "/forced", 1);
    check(statedir_make(buf, sizeof buf, &tried) && !strcmp(buf, "/forced"));
    check(is_dir("/forced", 01777));
    unsetenv(STATEDIR_VARIABLE);
    return 0;
}

static int foreign_environment(void)
{
    char env[64];
    unsetenv(STATEDIR_VARIABLE);
    check(!mkdir("/var", 0755) && !mkdir("/var/run", 0755) && !mkdir("/var/run/s6", 0755) &&
          !mkdir("/var/run/s6/container_environment", 0755));
    /* somebody else's: of an s6-overlay whose init is not ours */
    check(contenv_locate(env, sizeof env));
    check(!strcmp(env, "/var/run/s6/container_environment"));
    check(!contenv_locate(env, 8) && errno == ENOENT);
    setenv(STATEDIR_VARIABLE, "/none", 1);
    check(!contenv_locate(env, sizeof env) && errno == ENOENT);
    return 0;
}

static void statedir_candidates(void **state)
{
    (void)state;
    dir("places");
    dir("places/tmp");
    dir("places/xdg");
    dir("places/dev");
    dir("places/dev/shm");
    in_root("places", 0, places);
    dir("foreign");
    in_root("foreign", 0, foreign_environment);
}

/* A path that is no directory's, what may not be removed: the first reason counts, the rest goes.
 */
static int remove_in_vain(void)
{
    check(!mkdir("/t", 0777) && !chmod("/t", 0777));
    check(!mkdir("/t/kept", 0755));
    close(open("/t/kept/file", O_WRONLY | O_CREAT, 0644));
    close(open("/t/plain", O_WRONLY | O_CREAT, 0644));
    check(!mkdir("/t/mount", 0755) && !mount("none", "/t/mount", "tmpfs", 0, NULL));
    check(!mkdir("/t/mount/sub", 0755));
    check(rmtree_at(AT_FDCWD, "/t") == -1 && errno == EBUSY);
    check(access("/t/kept", F_OK) == -1 && access("/t/plain", F_OK) == -1);
    check(!access("/t/mount/sub", F_OK)); /* what is mounted is not ours to empty */
    check(!umount("/t/mount"));
    close(open("/t/plain", O_WRONLY | O_CREAT, 0644));
    check(rmtree_at(AT_FDCWD, "/t/plain/x") == -1 && errno == ENOTDIR);
    check(rmtree_at(AT_FDCWD, "/t/none/x") == 0);
    check(!rmtree_at(AT_FDCWD, "/t"));
    return 0;
}

static void rmtree_says_what_it_could_not(void **state)
{
    (void)state;
    dir("vain");
    in_root("vain", CLONE_NEWNS, remove_in_vain);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(rmtree_removes_all_but_what_links_point_to),
        cmocka_unit_test(rmtree_says_what_it_could_not),
        cmocka_unit_test(statedir_candidates),
        cmocka_unit_test(statedir_make_then_find),
        cmocka_unit_test(statedir_make_wipes_only_what_is_ours),
        cmocka_unit_test(statedir_make_leaves_a_live_one_alone),
        cmocka_unit_test(statedir_make_leaves_one_alone_whose_fifo_is_held),
        cmocka_unit_test(statedir_map_maps_the_public_paths),
        cmocka_unit_test(statedir_find_sees_who_holds_the_fifo),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
