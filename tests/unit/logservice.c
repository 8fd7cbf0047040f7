#include "scratch.h"

#include <errno.h>

#include <cairn/logservice.h>
#include <cairn/makedir.h>

#include "fakeroot.h"

static void logservice_splits_scripts(void **state)
{
    (void)state;
    static struct {
        char const *script, *dir, *want;
    } const cases[] = {
        {"n20 s1000000 T", "/d", "svlog|-bp|--|n20|s1000000|T|/d"},
        {"", "d", "svlog|-bp|--|./d"},
        {" \t\n", "./d", "svlog|-bp|--|./d"},
        {"a b", "", "svlog|-bp|--|a|b|./"},
        {"a", "../d", "svlog|-bp|--|a|../d"},
        {"  a\tb\n", "d", "svlog|-bp|--|a|b|./d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[128] = "";
        char const **argv = logservice_argv(cases[i].script, cases[i].dir);
        assert_non_null(argv);
        for (size_t n = 0; argv[n]; n++) {
            strcat(got, n ? "|" : "");
            strcat(got, argv[n]);
        }
        assert_string_equal(got, cases[i].want);
        free(argv);
    }
}

static void logservice_makes_directories(void **state)
{
    (void)state;
    struct logservice const self = {.uid = geteuid(), .gid = getegid()};
    struct stat st;
    assert_int_equal(logservice_directory(&self, in("a/b/c"), 0), 0);
    assert_int_equal(stat(in("a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 02700);
    /* what is there stays */
    dir("there");
    assert_int_equal(chmod(in("there"), 0750), 0);
    assert_int_equal(logservice_directory(&self, in("there"), 1), 0);
    assert_int_equal(stat(in("there"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    put("file", "", 0644);
    assert_int_equal(logservice_directory(&self, in("file"), 0), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(logservice_directory(&self, in("file/below"), 0), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void logservice_is_nobody(void **state)
{
    (void)state;
    struct logservice l;
    assert_int_equal(logservice_user(&l), 0);
    assert_int_equal(l.drops, !geteuid());
    if (geteuid())
        assert_int_equal(l.uid, geteuid());
    else
        assert_int_not_equal(l.uid, 0);
}

static int without_users(void)
{
    struct logservice l;
    struct stat st;
    int r = logservice_user(&l);
    /* a root without users has none of that name: a number that nobody has */
    check(!r && l.drops && l.uid == 32768 && l.gid == 32768);
    check(!mkdir("/etc", 0755));
    int fd = open("/etc/passwd", O_WRONLY | O_CREAT, 0644);
    check(write(fd, "nobody:x:65534:65533::/:/\n", 26) == 26);
    close(fd);
    check(!logservice_user(&l) && l.uid == 65534 && l.gid == 65533);
    if (chown("/etc", 12345, 12345)) /* one id alone, in a user namespace */
        return 0;
    check(!logservice_directory(&l, "/log/deep", 1));
    check(!stat("/log", &st) && st.st_uid == 0);
    check(!stat("/log/deep", &st) && st.st_uid == 65534 && st.st_gid == 65533);
    /* one that is there is given only where it is to be ours */
    check(!mkdir("/there", 0700));
    check(!logservice_directory(&l, "/there", 0));
    check(!stat("/there", &st) && st.st_uid == 0);
    check(!logservice_directory(&l, "/there", 1));
    check(!stat("/there", &st) && st.st_uid == 65534);
    return 0;
}

/* The same in a process that ends there: it does not become root again. */
static int drop(void)
{
    struct logservice l = {.uid = 65534, .gid = 65533, .drops = 1};
    if (geteuid())
        return FAKEROOT_CANNOT;
    check(!logservice_drop(&l));
    check(geteuid() == 65534 && getuid() == 65534 && getegid() == 65533);
    check(getgroups(0, NULL) == 1);
    check(setuid(0) == -1);
    /* who has not the right any more goes on as it is */
    l.uid = l.gid = 1;
    check(!logservice_drop(&l) && getuid() == 65534);
    l.drops = 0;
    check(!logservice_drop(&l));
    return 0;
}

/* Root with CHOWN, SETGID and SETUID only, as containers are hardened. */
static int drop_rights(void)
{
    uint32_t header[2] = {0x20080522, 0}; /* version 3, ourselves */
    uint32_t rights[6] = {0};
    rights[0] = rights[1] = 1u << 0 | 1u << 6 | 1u << 7;
    return (int)syscall(SYS_capset, header, rights);
}

static int hardened(void)
{
    struct logservice l = {.uid = 65534, .gid = 65533, .drops = 1};
    struct stat st;
    if (geteuid() || drop_rights() == -1)
        return FAKEROOT_CANNOT;
    check(!logservice_directory(&l, "/log", 1));
    check(!stat("/log", &st) && st.st_uid == 65534 && st.st_gid == 65533);
    check((st.st_mode & 07777) == 02700);
    check(access("/log", W_OK) == -1);
    /* at the next boot: the logger may write to it, though we may not */
    check(!logservice_directory(&l, "/log", 1));
    check(!mkdir("/closed", 0500) && !chown("/closed", 65534, 65533));
    check(logservice_directory(&l, "/closed", 1) == -1 && errno == EACCES);
    return 0;
}

/* The rights are not had again: a process for that. */
static int in_another(void)
{
    int wstat;
    pid_t pid = fork();
    if (!pid)
        _exit(hardened());
    return waitpid(pid, &wstat, 0) == pid && WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 1;
}

static void logservice_needs_few_rights(void **state)
{
    (void)state;
    dir("few");
    in_root("few", 0, in_another);
}

static void logservice_takes_the_users_that_are_there(void **state)
{
    (void)state;
    dir("root");
    in_root("root", 0, without_users);
}

static void logservice_drops_all(void **state)
{
    (void)state;
    in_process(0, drop);
}

static void logservice_wants_paths_that_can_be(void **state)
{
    (void)state;
    static char far[MAKEDIR_MAX + 76];
    struct logservice const self = {.uid = geteuid(), .gid = getegid()};
    memset(far, '/', sizeof far - 1);
    assert_int_equal(logservice_directory(&self, far, 0), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    put("plain", "", 0644);
    assert_int_equal(logservice_directory(&self, in("plain/x/y"), 0), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(symlink("loop", in("loop")), 0);
    assert_int_equal(logservice_directory(&self, in("loop"), 0), -1);
    assert_int_equal(errno, EEXIST);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(logservice_splits_scripts),
        cmocka_unit_test(logservice_makes_directories),
        cmocka_unit_test(logservice_is_nobody),
        cmocka_unit_test(logservice_needs_few_rights),
        cmocka_unit_test(logservice_takes_the_users_that_are_there),
        cmocka_unit_test(logservice_drops_all),
        cmocka_unit_test(logservice_wants_paths_that_can_be),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
