#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/svrecord.h>

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"

static struct svrecord const example = {.finishing = 1,
                                        .killing = 1,
                                        .pid = 4194304,
                                        .runpid = 12,
                                        .earliest = 18446744073709551614u,
                                        .latest = UINT64_MAX,
                                        .lock = UINT64_MAX,
                                        .pipe = 77};
static char boot[SVRECORD_BOOT + 1];

static int setup_dir(void **state)
{
    static int fd;
    char dir[] = "svrecord.XXXXXX";
    if (!mkdtemp(dir))
        return -1;
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = &fd;
    return mkdirat(fd, "supervise", 0700);
}

static void assert_same(struct svrecord const *a, struct svrecord const *b)
{
    assert_true(a->finishing == b->finishing && a->killing == b->killing && a->pid == b->pid &&
                a->runpid == b->runpid && a->earliest == b->earliest && a->latest == b->latest &&
                a->lock == b->lock && a->pipe == b->pipe);
    assert_string_equal(boot, BOOT);
    boot[0] = 0;
}

static void packs(void **state)
{
    (void)state;
    char buf[SVRECORD_MAX];
    struct svrecord r = {.pid = 5, .earliest = 6, .latest = 7, .lock = 8};
    struct svrecord got;
    size_t n = svrecord_pack(buf, &r, BOOT);
    assert_string_equal(buf, "cairn1:r:5:0:6:7:8:0:0:" BOOT);
    assert_int_equal(n, strlen(buf));
    assert_int_equal(svrecord_unpack(buf, n, &got, boot), 0);
    assert_same(&r, &got);
    n = svrecord_pack(buf, &example, BOOT);
    assert_true(n < sizeof buf);
    assert_int_equal(svrecord_unpack(buf, n, &got, boot), 0);
    assert_same(&example, &got);
}

static void refuses_what_is_no_record(void **state)
{
    (void)state;
    static char const *const bad[] = {
        "",
        "c",
        "cairn1",
        "cairn1:",
        "cairn1:r",
        "cairn1:r:",
        "cairn1:x:5:0:6:7:8:0:0:" BOOT,
        "cairn2:r:5:0:6:7:8:0:0:" BOOT,
        "cairn1:r:0:0:6:7:8:0:0:" BOOT,
        "cairn1:r:-5:0:6:7:8:0:0:" BOOT,
        "cairn1:r:2147483648:0:6:7:8:0:0:" BOOT,
        "cairn1:r:5:0:8:7:8:0:0:" BOOT,
        "cairn1:r:5:0:6:7:8:0:2:" BOOT,
        "cairn1:r:5:0:6:7:8:0:" BOOT,
        "cairn1:r:5:0:6:7:8:0:0:0:" BOOT,
        "cairn1:r:5:0:6:7:8:0:0:" BOOT "0",
        "cairn1:r:5:0:6:7:8:0:0:01234567-89ab-cdef-0123-456789abcde",
        "cairn1:r:5:0:6:7:8:0:0:01234567-89ab-cdef-0123-456789abcdeX",
    };
    char buf[SVRECORD_MAX], c;
    struct svrecord r;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(svrecord_unpack(bad[i], strlen(bad[i]), &r, boot), -1);
        assert_int_equal(errno, EPROTO);
    }
    /* cut off anywhere, or with any byte spoilt by a NUL */
    size_t n = svrecord_pack(buf, &example, BOOT);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(svrecord_unpack(buf, i, &r, boot), -1);
        c = buf[i];
        buf[i] = 0;
        assert_int_equal(svrecord_unpack(buf, n, &r, boot), -1);
        buf[i] = c;
    }
}

static void lies_in_a_link(void **state)
{
    int dir = *(int *)*state;
    struct svrecord r, other = example;
    assert_int_equal(svrecord_read(dir, SVRECORD_FILE, &r, boot), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(svrecord_write(dir, &example, BOOT, 1), 0);
    assert_int_equal(svrecord_read(dir, SVRECORD_FILE, &r, boot), 0);
    assert_same(&example, &r);
    /* it is replaced, whether it was expected or not, and over what a killed writer left */
    for (int first = 0; first < 2; first++) {
        other.pid = 3 + first;
        assert_int_equal(symlinkat("x", dir, SVRECORD_FILE ".new"), 0);
        assert_int_equal(svrecord_write(dir, &other, BOOT, first), 0);
        assert_int_equal(svrecord_read(dir, SVRECORD_FILE, &r, boot), 0);
        assert_same(&other, &r);
        assert_int_equal(faccessat(dir, SVRECORD_FILE ".new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    }
    assert_int_equal(unlinkat(dir, SVRECORD_FILE, 0), 0);
    close(openat(dir, SVRECORD_FILE, O_WRONLY | O_CREAT, 0644));
    assert_int_equal(svrecord_read(dir, SVRECORD_FILE, &r, boot), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(unlinkat(dir, SVRECORD_FILE, 0), 0);
    assert_int_equal(symlinkat("nonsense", dir, SVRECORD_FILE), 0);
    assert_int_equal(svrecord_read(dir, SVRECORD_FILE, &r, boot), -1);
    assert_int_equal(errno, EPROTO);
}

static void finds_the_living_only(void **state)
{
    (void)state;
    struct svrecord r = {.lock = 9}, other;
    char elsewhen[SVRECORD_BOOT + 1];
    assert_int_equal(svrecord_boot(boot), 0);
    r.earliest = svrecord_now();
    pid_t pid = fork();
    if (!pid) {
        pause();
        _exit(0);
    }
    r.pid = pid;
    r.latest = svrecord_now();
    int fd = svrecord_pidfd(&r, boot, 9);
    assert_true(fd >= 0);
    struct pollfd x = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&x, 1, 0), 0);

    assert_int_equal(svrecord_pidfd(&r, boot, 10), -1); /* a copied directory */
    memcpy(elsewhen, boot, sizeof boot);
    elsewhen[0] = boot[0] == '0' ? '1' : '0';
    assert_int_equal(svrecord_pidfd(&r, elsewhen, 9), -1);
    other = r;
    other.earliest = other.latest = r.earliest - 1;
    assert_int_equal(svrecord_pidfd(&other, boot, 9), -1);
    other.earliest = other.latest = r.latest + 1;
    assert_int_equal(svrecord_pidfd(&other, boot, 9), -1);
    other = r;
    other.pid = 1; /* lives, but is much older */
    assert_int_equal(svrecord_pidfd(&other, boot, 9), -1);

    kill(pid, SIGKILL);
    assert_int_equal(poll(&x, 1, 10000), 1);
    assert_int_equal(svrecord_pidfd(&r, boot, 9), -1); /* a zombie */
    waitpid(pid, NULL, 0);
    assert_int_equal(svrecord_pidfd(&r, boot, 9), -1);
    close(fd);
}

static void takes_the_boot_from_the_environment(void **state)
{
    (void)state;
    char a[] = "A=1", b[] = "CAIRN_BOOT_ID=" BOOT, c[] = "C=3", bad[] = "CAIRN_BOOT_ID=x";
    char *env[] = {a, b, c, NULL};
    char *wrong[] = {bad, c, NULL};
    assert_string_equal(svrecord_boot_from(env), BOOT);
    assert_ptr_equal(env[0], a);
    assert_ptr_equal(env[1], c);
    assert_null(env[2]);
    assert_null(svrecord_boot_from(env));
    assert_null(svrecord_boot_from(wrong));
    assert_ptr_equal(wrong[0], c);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(packs),
        cmocka_unit_test(refuses_what_is_no_record),
        cmocka_unit_test_setup(lies_in_a_link, setup_dir),
        cmocka_unit_test(finds_the_living_only),
        cmocka_unit_test(takes_the_boot_from_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
