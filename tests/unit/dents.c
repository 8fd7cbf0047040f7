/* dents: every entry once, whatever the size of the buffer; an error is one */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/closing.h>
#include <cairn/complaining.h>
#include <cairn/dents.h>

enum { FILES = 100 };

static void make_files(void)
{
    char name[16];
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "f%d", i);
        int fd = open(name, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
}

static void dents_gives_every_entry_once(void **state)
{
    _Alignas(struct dent) char buf[256]; /* several reads */
    int seen[FILES] = {0};
    int others = 0;
    long len;
    (void)state;
    make_files();
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    while ((len = dents_read(fd, buf, sizeof buf)) > 0)
        for (long at = 0; at < len;) {
            int n;
            struct dent const *d = dents_next(buf, &at);
            if (sscanf(d->name, "f%d", &n) == 1)
                seen[n]++;
            else
                others++;
        }
    assert_int_equal(len, 0);
    for (int i = 0; i < FILES; i++)
        assert_int_equal(seen[i], 1);
    assert_int_equal(others, 2);
    close(fd);
}

static void dents_fails_on_what_is_no_directory(void **state)
{
    _Alignas(struct dent) char buf[256];
    (void)state;
    int fd = open("f0", O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(dents_read(fd, buf, sizeof buf), -1);
    assert_int_equal(errno, ENOTDIR);
    close_keeping_errno(fd);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void can_complain_says_no_to_a_full_pipe(void **state)
{
    char block[4096] = {0};
    int p[2];
    (void)state;
    int saved = dup(2);
    assert_int_equal(pipe2(p, O_NONBLOCK), 0);
    dup2(p[1], 2);
    int empty = can_complain();
    while (write(p[1], block, sizeof block) > 0)
        ;
    errno = EXDEV;
    int full = can_complain();
    int e = errno;
    dup2(saved, 2);
    assert_int_equal(empty, 1);
    assert_int_equal(full, 0);
    assert_int_equal(e, EXDEV);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(dents_gives_every_entry_once),
        cmocka_unit_test(dents_fails_on_what_is_no_directory),
        cmocka_unit_test(can_complain_says_no_to_a_full_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
