/* runwatch: run, its target, its interpreter and the configuration files count; other files do not
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/runwatch.h>

static void write_file(char const *name, char const *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int make_directories(void **state)
{
    (void)state;
    return mkdir("sv", 0755) || mkdir("image", 0755) || mkdir("bin", 0755);
}

static int begin(int *dirfd)
{
    int fd = -1;
    *dirfd = open("sv", O_RDONLY | O_DIRECTORY);
    assert_true(*dirfd >= 0);
    assert_int_equal(runwatch_begin(&fd, *dirfd), 0);
    assert_int_equal(runwatch_read(fd, *dirfd), 0);
    return fd;
}

static void end(int fd, int dirfd)
{
    close(fd);
    close(dirfd);
}

static void runwatch_sees_run_appear_and_change(void **state)
{
    (void)state;
    int dirfd, fd = begin(&dirfd);
    write_file("sv/other", "x");
    assert_int_equal(runwatch_read(fd, dirfd), 0);
    write_file("sv/run", "#!/bin/sh\n");
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    assert_int_equal(runwatch_read(fd, dirfd), 0);
    assert_int_equal(chmod("sv/run", 0755), 0);
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    write_file("sv/notification-fd", "3\n");
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    assert_int_equal(rename("sv/other", "sv/run"), 0);
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    end(fd, dirfd);
}

static void runwatch_waits_for_a_file_to_be_written(void **state)
{
    (void)state;
    unlink("sv/run");
    int dirfd, fd = begin(&dirfd);
    int run = open("sv/run", O_WRONLY | O_CREAT, 0644);
    assert_true(run >= 0);
    assert_int_equal(runwatch_read(fd, dirfd), 0);
    close(run);
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    end(fd, dirfd);
}

static void runwatch_follows_a_link_and_the_interpreter(void **state)
{
    char cwd[256], text[300];
    (void)state;
    unlink("sv/run");
    assert_int_equal(symlink("../image/run", "sv/run"), 0);
    assert_non_null(getcwd(cwd, sizeof cwd));
    strcpy(text, "#!");
    strcat(text, cwd);
    strcat(text, "/bin/interpreter\n");
    write_file("image/run", text);
    int dirfd, fd = begin(&dirfd);
    write_file("image/neighbour", "x");
    write_file("bin/neighbour", "x");
    assert_int_equal(runwatch_read(fd, dirfd), 0);
    write_file("bin/interpreter", "x");
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    write_file("image/run", text);
    assert_int_equal(runwatch_read(fd, dirfd), 1);
    end(fd, dirfd);
}

static void runwatch_says_when_nothing_can_be_watched(void **state)
{
    (void)state;
    int fd = -1;
    assert_int_equal(runwatch_begin(&fd, 1000), -1); /* no such descriptor */
    assert_int_equal(errno, ENOENT);
    if (fd >= 0)
        close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(runwatch_sees_run_appear_and_change),
        cmocka_unit_test(runwatch_waits_for_a_file_to_be_written),
        cmocka_unit_test(runwatch_follows_a_link_and_the_interpreter),
        cmocka_unit_test(runwatch_says_when_nothing_can_be_watched),
    };
    return cmocka_run_group_tests(tests, make_directories, NULL);
}
