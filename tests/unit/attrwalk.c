/* Modes, which an ordinary user may change too; owners are tried by tests/prog/fix-attrs, too. */

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>

#include <cairn/attrwalk.h>

#include "fakeroot.h"

static char told[1024];
static unsigned int count;

static void failed(void *data, char const *what, char const *path, int e)
{
    assert_ptr_equal(data, scratch);
    snprintf(told, sizeof told, "%s %s %s", what, path, strerror(e));
}

static void passed(void *data, char const *where)
{
    assert_ptr_equal(data, scratch);
    assert_non_null(where);
    count++;
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
                               .data = scratch};
    count = 0;
    told[0] = 0;
    attrwalk(&a, in(name));
}

static int setup(void **state)
{
    if (scratch_setup(state))
        return -1;
    dir("d");
    dir("d/sub");
    dir("d/sub/deep");
    dir("d/.hid");
    static char const *const private[] = {"d", "d/sub", "d/sub/deep", "d/.hid"};
    for (size_t i = 0; i < sizeof private / sizeof *private; i++)
        chmod(in(private[i]), 0700);
    put("outside", "", 0600);
    put("d/f", "", 0600);
    put("d/sub/deep/f", "", 0600);
    put("d/.hid/f", "", 0600);
    return symlink("../outside", in("d/link")) < 0 || symlink("..", in("d/up")) < 0;
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

/* ---- in a root directory of one's own */

static char words[4096]; /* all that was told */

static void note(void *data, char const *what, char const *path, int e)
{
    (void)data;
    size_t n = strlen(words);
    snprintf(words + n, sizeof words - n, "%s %s: %s\n", what, path, strerror(e));
}

static void no_note(void *data, char const *where)
{
    (void)data;
    (void)where;
    count++;
}

static struct attrwalk of_modes(unsigned int fmode, unsigned int dmode)
{
    count = 0;
    words[0] = 0;
    return (struct attrwalk){.uid = (uid_t)-1,
                             .gid = (gid_t)-1,
                             .fmode = fmode,
                             .dmode = dmode,
                             .recurse = 1,
                             .failed = note,
                             .passed = no_note};
}

static unsigned int mode_at(char const *path)
{
    struct stat st;
    return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

/* How often is this part of what was told? */
static int said(char const *part)
{
    int n = 0;
    for (char const *p = words; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static int without_proc(void)
{
    /* C libraries make fchmodat from /proc, which is not there */
    struct attrwalk a = of_modes(0640, 0750);
    struct stat st;
    check(!mkfifo("/d/fifo", 0600));
    attrwalk(&a, "/d");
    check(!words[0]);
    check(mode_at("/d") == 0750 && mode_at("/d/sub/deep") == 0750 && mode_at("/d/f") == 0640);
    check(mode_at("/d/sub/deep/f") == 0640 && mode_at("/d/fifo") == 0640);
    check(mode_at("/outside") == 0600);
    /* links get the owner, never the mode; what has set-id bits gets them after the owner */
    if (!geteuid() && !chown("/d/f", 77, 77)) {
        a = of_modes(06755, 0750);
        a.uid = 1234;
        a.gid = 4321;
        attrwalk(&a, "/d");
        check(!words[0]);
        check(mode_at("/d/f") == 06755);
        check(!lstat("/d/link", &st) && st.st_uid == 1234 && st.st_gid == 4321);
        check(!lstat("/d/f", &st) && st.st_uid == 1234 && st.st_gid == 4321);
        check(!stat("/outside", &st) && st.st_uid == 0);
        /* a mode that is as before is given again, since the owner's change has taken its bits */
        a.uid = 1235;
        attrwalk(&a, "/d");
        check(mode_at("/d/f") == 06755);
    }
    return 0;
}

static int put_in(char const *file, char const *text)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t r = fd < 0 ? -1 : write(fd, text, strlen(text));
    close(fd);
    return r < 0 ? -1 : 0;
}

static int second_names(void)
{
    /* nobody says that the kernel guards them: there is no /proc */
    struct attrwalk a = of_modes(0640, 0750);
    struct stat st;
    check(!link("/outside", "/d/second"));
    attrwalk(&a, "/d");
    check(said("change the mode of /d/second: Too many links\n") == 1 && said("\n") == 1);
    check(mode_at("/outside") == 0600 && mode_at("/d/f") == 0640);
    /* what its owner is to have is his already; what is as it should be is no matter */
    a = of_modes(0640, 0750);
    a.uid = geteuid();
    attrwalk(&a, "/d");
    check(!words[0] && mode_at("/outside") == 0640);
    a = of_modes(0640, 0750);
    attrwalk(&a, "/d");
    check(!words[0]);
    if (!geteuid() && !chown("/d/f", 1234, 0)) {
        a.uid = 1234;
        attrwalk(&a, "/d");
        check(said("change the owner of /d/second: Too many links\n") == 1 && said("\n") == 1);
        check(!stat("/outside", &st) && st.st_uid == 0);
        /* it is told by the kernel now */
        check(!mkdir("/proc", 0700) && !mkdir("/proc/sys", 0700) && !mkdir("/proc/sys/fs", 0700));
        check(!put_in("/proc/sys/fs/protected_hardlinks", "0\n"));
        attrwalk(&a, "/d");
        check(!stat("/outside", &st) && st.st_uid == 0);
        check(!put_in("/proc/sys/fs/protected_hardlinks", "1\n"));
        words[0] = 0;
        attrwalk(&a, "/d");
        check(!words[0] && !stat("/outside", &st) && st.st_uid == 1234);
    }
    return 0;
}

static int set_id(void)
{
    struct attrwalk a = of_modes(0640, 0750);
    if (geteuid())
        return 0;
    /* the kernel leaves this bit where the group cannot execute */
    check(!chmod("/d/f", 02640));
    a.uid = 1234;
    attrwalk(&a, "/d");
    check(!words[0] && mode_at("/d/f") == 0640);
    return 0;
}

static int refused(void)
{
    struct attrwalk a = of_modes(0640, 0750);
    /* read-only: each thing that is to be changed is told, and the walk goes on */
    check(!mount("/d", "/ro", NULL, MS_BIND, NULL));
    check(!mount(NULL, "/ro", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    attrwalk(&a, "/ro");
    check(said("change the mode of /ro: Read-only file system\n") == 1);
    check(said("change the mode of /ro/f: Read-only file system\n") == 1);
    check(said("change the mode of /ro/sub/deep/f: Read-only file system\n") == 1);
    check(count == 7 && mode_at("/ro/f") == 0600);
    a = of_modes(ATTRWALK_UNCHANGED, ATTRWALK_UNCHANGED);
    a.gid = 1;
    attrwalk(&a, "/ro");
    check(said("change the owner of /ro/sub: ") == 1);
    /* what is right is not touched, so not refused either */
    a = of_modes(0600, 0700);
    attrwalk(&a, "/ro");
    check(!words[0]);
    /* a mount inside itself ends */
    check(!mount("/d", "/d/sub/deep", NULL, MS_BIND, NULL));
    a = of_modes(0600, 0700);
    attrwalk(&a, "/d");
    check(said("descend into /d/sub/deep: ") == 1 && count == 6);
    return 0;
}

static int scarce(void)
{
    struct rlimit had, rl;
    struct attrwalk a = of_modes(0640, 0750);
    check(!getrlimit(RLIMIT_NOFILE, &had));
    int next = dup(0);
    close(next);
    rl = had;
    for (int more = 0; more < 4; more++) {
        a = of_modes(0640, 0750);
        rl.rlim_cur = (rlim_t)(next + more);
        check(!setrlimit(RLIMIT_NOFILE, &rl));
        attrwalk(&a, "/d");
        check(!setrlimit(RLIMIT_NOFILE, &had));
        check(said("open directory /d: Too many open files\n") == (more == 0));
        check(said("read /d: Too many open files\n") == (more == 1));
        /* two are enough for any tree, three where a mode can only be changed through one */
        check(more == 2 || said("\n") == (more < 2));
    }
    check(mode_at("/d") == 0750);
    return 0;
}

static int moved;

/* Takes the directory away in which the walk is. */
static void move_it(void *data, char const *where)
{
    (void)data;
    if (!moved && !strcmp(where, "/d/sub/deep"))
        moved = !rename("/d/sub/deep", "/taken");
}

/* Removes what the walk has just learnt of. */
static void remove_it(void *data, char const *where)
{
    (void)data;
    (void)where;
    rmdir("/e/one");
    rmdir("/e/two");
    rmdir("/e/three");
}

static int changed_meanwhile(void)
{
    struct attrwalk a = of_modes(0640, 0750);
    a.passed = move_it;
    attrwalk(&a, "/d");
    check(moved);
    check(said("find the way back from /d/sub/deep: ") == 1 && said("\n") == 1);
    check(mode_at("/taken/f") == 0640);
    /* what is gone is no failure */
    check(!mkdir("/e", 0700) && !mkdir("/e/one", 0700) && !mkdir("/e/two", 0700) &&
          !mkdir("/e/three", 0700));
    a = of_modes(0640, 0750);
    a.passed = remove_it;
    attrwalk(&a, "/e");
    check(!words[0]);
    check(!rmdir("/e"));
    return 0;
}

static void attrwalk_needs_no_proc(void **state)
{
    (void)state;
    in_root("", 0, without_proc);
}

static void attrwalk_gives_nobody_a_second_name(void **state)
{
    (void)state;
    in_root("", 0, second_names);
}

static void attrwalk_takes_set_id_bits(void **state)
{
    (void)state;
    in_root("", 0, set_id);
}

static void attrwalk_goes_on_where_it_may_not(void **state)
{
    (void)state;
    dir("ro");
    in_root("", CLONE_NEWNS, refused);
}

static void attrwalk_says_what_it_could_not_open(void **state)
{
    (void)state;
    in_root("", 0, scarce);
}

static void attrwalk_bears_changes(void **state)
{
    (void)state;
    in_root("", 0, changed_meanwhile);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        T(attrwalk_follows_no_link_below),
        T(attrwalk_hidden_entries),
        T(attrwalk_deep_and_wide_trees),
        T(attrwalk_reports_failures),
        T(attrwalk_needs_no_proc),
        T(attrwalk_gives_nobody_a_second_name),
        T(attrwalk_takes_set_id_bits),
        T(attrwalk_goes_on_where_it_may_not),
        T(attrwalk_says_what_it_could_not_open),
        T(attrwalk_bears_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
