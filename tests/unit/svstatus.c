#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/svstatus.h>

static void set(struct svstatus *s)
{
    memset(s, 0, sizeof *s);
    s->stamp.sec.x = 0x400000006b049de9ull;
    s->stamp.nano = 0x01020304;
    s->readystamp.sec.x = 0x400000006b049deaull;
    s->readystamp.nano = 5;
    s->pid = 0x12345;
    s->wstat = 0x6409;
}

static void packs_big_endian(void **state)
{
    (void)state;
    static unsigned char const expected[SVSTATUS_SIZE] = {
        0x40, 0,    0, 0, 0x6b, 0x04, 0x9d, 0xe9, 1, 2, 3, 4, 0x40, 0,    0,    0,    0x6b, 0x04,
        0x9d, 0xea, 0, 0, 0,    5,    0,    0,    0, 0, 0, 1, 0x23, 0x45, 0x64, 0x09, 0x0c};
    struct svstatus s;
    char buf[SVSTATUS_SIZE];
    set(&s);
    s.wantup = s.ready = 1;
    svstatus_pack(buf, &s);
    assert_memory_equal(buf, expected, SVSTATUS_SIZE);
}

static void round_trips_all_flags(void **state)
{
    (void)state;
    for (unsigned int f = 0; f < 16; f++) {
        struct svstatus s, t;
        char buf[SVSTATUS_SIZE];
        set(&s);
        s.paused = f & 1;
        s.finishing = f >> 1 & 1;
        s.wantup = f >> 2 & 1;
        s.ready = f >> 3 & 1;
        svstatus_pack(buf, &s);
        assert_int_equal(buf[34], f);
        svstatus_unpack(buf, &t);
        assert_int_equal(t.stamp.sec.x, s.stamp.sec.x);
        assert_int_equal(t.stamp.nano, s.stamp.nano);
        assert_int_equal(t.readystamp.sec.x, s.readystamp.sec.x);
        assert_int_equal(t.pid, s.pid);
        assert_int_equal(t.wstat, s.wstat);
        assert_int_equal(t.paused, s.paused);
        assert_int_equal(t.finishing, s.finishing);
        assert_int_equal(t.wantup, s.wantup);
        assert_int_equal(t.ready, s.ready);
        assert_int_equal(svstatus_is_up(&t), !(f & 2));
        t.pid = 0;
        assert_false(svstatus_is_up(&t));
        assert_int_equal(svstatus_is_never_started(&t), (f & 3) == 1);
    }
}

static void writes_and_reads(void **state)
{
    (void)state;
    char dir[] = "svstatus.XXXXXX";
    struct svstatus s, t;
    struct stat st;
    assert_non_null(mkdtemp(dir));
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    set(&s);
    assert_int_equal(svstatus_write(fd, &s), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mkdirat(fd, "supervise", 0700), 0);
    assert_int_equal(svstatus_read(AT_FDCWD, dir, &t), -1);
    assert_int_equal(errno, ENOENT);
    umask(0);
    assert_int_equal(svstatus_write(fd, &s), 0);
    s.pid = 77;
    assert_int_equal(svstatus_write(fd, &s), 0);
    assert_int_equal(svstatus_read(AT_FDCWD, dir, &t), 0);
    assert_int_equal(t.pid, 77);
    assert_int_equal(svstatus_read(fd, ".", &t), 0);
    assert_int_equal(t.pid, 77);
    assert_int_equal(fstatat(fd, SVSTATUS_FILE, &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(fstatat(fd, SVSTATUS_FILE ".new", &st, 0), -1);

    /* any other size is no status */
    int f = openat(fd, SVSTATUS_FILE, O_WRONLY | O_APPEND);
    assert_int_equal(write(f, "x", 1), 1);
    assert_int_equal(svstatus_read(fd, ".", &t), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(ftruncate(f, 34), 0);
    assert_int_equal(svstatus_read(fd, ".", &t), -1);
    assert_int_equal(errno, EPROTO);
    close(f);
    assert_int_equal(svstatus_read(fd, "nonexistent", &t), -1);
    assert_int_equal(errno, ENOENT);

    /* a failing replacement leaves the old file and no temporary one */
    assert_int_equal(unlinkat(fd, SVSTATUS_FILE, 0), 0);
    assert_int_equal(mkdirat(fd, SVSTATUS_FILE, 0700), 0);
    assert_int_equal(svstatus_write(fd, &s), -1);
    assert_int_equal(fstatat(fd, SVSTATUS_FILE ".new", &st, 0), -1);
    assert_int_equal(svstatus_read(fd, ".", &t), -1);
    assert_int_equal(errno, EISDIR);
    close(fd);
}

static void reports_a_full_disk(void **state)
{
    (void)state;
    char dir[] = "svstatus.XXXXXX";
    struct svstatus s;
    struct stat st;
    assert_non_null(mkdtemp(dir));
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(fd, "supervise", 0700), 0);
    /* writing to it always fails with ENOSPC */
    assert_int_equal(symlinkat("/dev/full", fd, SVSTATUS_FILE ".new"), 0);
    set(&s);
    assert_int_equal(svstatus_write(fd, &s), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(fstatat(fd, SVSTATUS_FILE ".new", &st, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(svstatus_write(fd, &s), 0);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(packs_big_endian),
        cmocka_unit_test(round_trips_all_flags),
        cmocka_unit_test(writes_and_reads),
        cmocka_unit_test(reports_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
