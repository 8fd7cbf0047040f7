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

#include <cairn/svtally.h>

static int setup_dir(void **state)
{
    static int fd;
    char dir[] = "svtally.XXXXXX";
    if (!mkdtemp(dir))
        return -1;
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = &fd;
    return mkdirat(fd, "supervise", 0700);
}

static void packs(void **state)
{
    (void)state;
    static unsigned char const expected[SVTALLY_RECORD] = {0x40, 0, 0, 0, 0x6b, 0x04, 0x9d,
                                                           0xe9, 1, 2, 3, 4,    137,  9};
    struct svdeath d = {{{0x400000006b049de9ull}, 0x01020304}, 137, 9}, e;
    char buf[SVTALLY_RECORD];
    svtally_pack(buf, &d);
    assert_memory_equal(buf, expected, sizeof buf);
    svtally_unpack(buf, &e);
    assert_int_equal(e.stamp.sec.x, d.stamp.sec.x);
    assert_int_equal(e.stamp.nano, d.stamp.nano);
    assert_int_equal(e.exitcode, 137);
    assert_int_equal(e.sig, 9);
}

static void understands_wait_statuses(void **state)
{
    (void)state;
    struct svdeath d;
    tain now = TAIN_EPOCH;
    for (int code = 0; code < 256; code++) {
        svdeath_from_wstat(&d, &now, code << 8);
        assert_int_equal(d.exitcode, code);
        assert_int_equal(d.sig, 0);
    }
    for (int sig = 1; sig < 65; sig++) {
        svdeath_from_wstat(&d, &now, sig);
        assert_int_equal(d.exitcode, 128 + sig);
        assert_int_equal(d.sig, sig);
        svdeath_from_wstat(&d, &now, sig | 0x80); /* with a core */
        assert_int_equal(d.exitcode, 128 + sig);
        assert_int_equal(d.sig, sig);
    }
}

static void keeps_the_newest(void **state)
{
    int fd = *(int *)*state;
    static struct svdeath got[300];
    struct svdeath d = {TAIN_EPOCH, 0, 0};
    struct stat st;
    assert_int_equal(svtally_read(fd, ".", got, 300), -1);
    assert_int_equal(errno, ENOENT);
    for (unsigned int i = 0; i < 250; i++) {
        d.exitcode = (unsigned char)i;
        d.stamp.nano = i;
        assert_int_equal(svtally_append(fd, &d, 100), 0);
    }
    assert_int_equal(svtally_read(fd, ".", got, 300), 100);
    for (unsigned int i = 0; i < 100; i++)
        assert_int_equal(got[i].stamp.nano, 150 + i);
    /* a reader that wants fewer gets the newest */
    assert_int_equal(svtally_read(fd, ".", got, 3), 3);
    assert_int_equal(got[0].stamp.nano, 247);
    /* a limit that was lowered */
    assert_int_equal(svtally_append(fd, &d, 2), 0);
    assert_int_equal(svtally_read(fd, ".", got, 300), 2);
    assert_int_equal(svtally_append(fd, &d, 1), 0);
    assert_int_equal(svtally_read(fd, ".", got, 300), 1);
    /* the biggest that can be */
    for (unsigned int i = 0; i < 299; i++)
        assert_int_equal(svtally_append(fd, &d, SVTALLY_MAX), 0);
    assert_int_equal(svtally_read(fd, ".", got, 300), 300);
    assert_int_equal(fstatat(fd, SVTALLY_FILE ".new", &st, 0), -1);
}

static void reads_one_from_behind(void **state)
{
    int dir = *(int *)*state;
    struct svdeath d = {.stamp = TAIN_EPOCH};
    struct svdeath found;
    assert_int_equal(svtally_read_back(dir, ".", 0, &found), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(svtally_clear(dir), 0);
    assert_int_equal(svtally_read_back(dir, ".", 0, &found), 0);
    for (d.exitcode = 0; d.exitcode < 200; d.exitcode++)
        assert_int_equal(svtally_append(dir, &d, 1000), 0);
    for (size_t back = 0; back < 200; back++) {
        assert_int_equal(svtally_read_back(dir, ".", back, &found), 1);
        assert_int_equal(found.exitcode, 199 - back);
    }
    assert_int_equal(svtally_read_back(dir, ".", 200, &found), 0);
    int fd = openat(dir, SVTALLY_FILE, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_int_equal(svtally_read_back(dir, ".", 0, &found), -1);
    assert_int_equal(errno, EPROTO);
}

static void survives_corruption(void **state)
{
    int fd = *(int *)*state;
    struct svdeath got[5], d = {TAIN_EPOCH, 3, 0};
    int f = openat(fd, SVTALLY_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(write(f, "garbage", 7), 7);
    assert_int_equal(svtally_read(fd, ".", got, 5), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(svtally_append(fd, &d, 10), 0);
    assert_int_equal(svtally_read(fd, ".", got, 5), 1);
    assert_int_equal(got[0].exitcode, 3);
    close(f);
    assert_int_equal(svtally_clear(fd), 0);
    assert_int_equal(svtally_read(fd, ".", got, 5), 0);
    assert_int_equal(unlinkat(fd, SVTALLY_FILE, 0), 0);
    assert_int_equal(svtally_clear(fd), 0);
    assert_int_equal(svtally_read(fd, ".", got, 5), 0);
}

static ino_t inode(int fd, off_t records)
{
    struct stat st;
    assert_int_equal(fstatat(fd, SVTALLY_FILE, &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_size, records * SVTALLY_RECORD);
    return st.st_ino;
}

/* Behind the others where a reader cannot see half of it, else a new file. */
static void adds_in_place(void **state)
{
    int fd = *(int *)*state;
    enum { BELOW_BORDER = 4096 / SVTALLY_RECORD };
    struct svdeath d = {TAIN_EPOCH, 3, 0};
    unlinkat(fd, SVTALLY_FILE, 0);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    ino_t first = inode(fd, 1);
    for (unsigned int i = 1; i < BELOW_BORDER; i++)
        assert_int_equal(svtally_append(fd, &d, 400), 0);
    assert_int_equal(inode(fd, BELOW_BORDER), first);
    /* the old file is kept open, so that its number is not used again */
    int old = openat(fd, SVTALLY_FILE, O_RDONLY | O_CLOEXEC);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    ino_t second = inode(fd, BELOW_BORDER + 1);
    assert_int_not_equal(second, first);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    assert_int_equal(inode(fd, BELOW_BORDER + 2), second);
    close(old);
    /* another name of the file keeps what it has */
    assert_int_equal(linkat(fd, SVTALLY_FILE, fd, "other", 0), 0);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    assert_int_not_equal(inode(fd, BELOW_BORDER + 3), second);
    /* and so does what a link points to */
    assert_int_equal(unlinkat(fd, SVTALLY_FILE, 0), 0);
    assert_int_equal(symlinkat("../other", fd, SVTALLY_FILE), 0);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    assert_int_not_equal(inode(fd, BELOW_BORDER + 3), second);
    assert_int_equal(unlinkat(fd, "other", 0), 0);
    /* a FIFO is not waited for */
    assert_int_equal(unlinkat(fd, SVTALLY_FILE, 0), 0);
    assert_int_equal(mkfifoat(fd, SVTALLY_FILE, 0600), 0);
    assert_int_equal(svtally_append(fd, &d, 400), 0);
    inode(fd, 1);
}

static void reports_a_full_disk(void **state)
{
    int fd = *(int *)*state;
    struct svdeath got[5], d = {TAIN_EPOCH, 3, 0};
    assert_int_equal(svtally_append(fd, &d, 10), 0);
    assert_int_equal(symlinkat("/dev/full", fd, SVTALLY_FILE ".new"), 0);
    assert_int_equal(svtally_append(fd, &d, 1), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(svtally_read(fd, ".", got, 5), 1); /* the old one stands */
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(packs),
        cmocka_unit_test(understands_wait_statuses),
        cmocka_unit_test_setup(keeps_the_newest, setup_dir),
        cmocka_unit_test_setup(reads_one_from_behind, setup_dir),
        cmocka_unit_test_setup(survives_corruption, setup_dir),
        cmocka_unit_test_setup(adds_in_place, setup_dir),
        cmocka_unit_test_setup(reports_a_full_disk, setup_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
