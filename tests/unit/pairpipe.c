/* pairpipe: a pipe is opened anew through the process that holds it, and only that */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/pairpipe.h>
#include <cairn/svlock.h>
#include <cairn/svrecord.h>

/* A child with the write end of p as descriptor 1, which then tells go on fd. */
static pid_t start_holder(int const p[2], int in)
{
    int sync[2];
    char c;
    assert_int_equal(pipe(sync), 0);
    pid_t pid = fork();
    if (!pid) {
        dup2(in ? p[0] : p[1], in ? 0 : 1);
        close(p[0]);
        close(p[1]);
        if (write(sync[1], "", 1) != 1)
            _exit(1);
        close(sync[0]);
        close(sync[1]);
        pause();
        _exit(0);
    }
    close(sync[1]);
    assert_int_equal(read(sync[0], &c, 1), 1);
    close(sync[0]);
    return pid;
}

static void end_holder(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void pairpipe_opens_what_a_process_holds(void **state)
{
    (void)state;
    int p[2], got[2];
    char buf[4];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    for (int in = 0; in < 2; in++) {
        pid_t pid = start_holder(p, in);
        assert_int_equal(pairpipe_open(pid, !in, got), 0);
        assert_true(pairpipe_is_same(got, p));
        assert_int_equal(write(got[1], "abc", 3), 3);
        assert_int_equal(read(p[0], buf, sizeof buf), 3);
        assert_int_equal(fcntl(got[0], F_GETFL) & O_NONBLOCK, 0);
        assert_int_equal(fcntl(got[0], F_GETFD), FD_CLOEXEC);
        close(got[0]);
        close(got[1]);
        end_holder(pid);
        assert_int_equal(pairpipe_open(pid, !in, got), -1);
    }
    close(p[0]);
    close(p[1]);
}

static void pairpipe_refuses_our_own_output(void **state)
{
    (void)state;
    int p[2], got[2];
    int out = dup(1);
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    pid_t pid = start_holder(p, 0);
    dup2(p[1], 1);
    int r = pairpipe_open(pid, 1, got);
    dup2(out, 1);
    close(out);
    assert_int_equal(r, -1);
    close(p[0]);
    close(p[1]);
    end_holder(pid);
}

static void pairpipe_is_found_by_the_record_of_a_service(void **state)
{
    (void)state;
    struct svrecord r = {.earliest = svrecord_now()};
    struct stat st;
    char boot[SVRECORD_BOOT + 1], path[64];
    int p[2], got[2];
    mkdir("sv", 0700);
    mkdir("sv/supervise", 0700);
    assert_int_equal(pairpipe_find("sv", got), -1);
    close(open("sv/" SVLOCK_SERVICE, O_WRONLY | O_CREAT, 0644));
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    r.pid = start_holder(p, 0);
    r.latest = svrecord_now() + 1;
    assert_int_equal(stat("sv/" SVLOCK_SERVICE, &st), 0);
    r.lock = st.st_ino;
    assert_int_equal(svrecord_boot(boot), 0);
    int dir = open("sv", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(svrecord_write(dir, &r, boot, 1), 0);
    assert_int_equal(pairpipe_find("sv", got), 0);
    assert_true(pairpipe_is_same(got, p));
    end_holder(r.pid);
    close(got[0]);
    close(got[1]);
    assert_int_equal(pairpipe_find("sv", got), -1);
    pairpipe_path(path, "sv", 1, "run");
    assert_string_equal(path, "sv/log/run");
    close(dir);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(pairpipe_opens_what_a_process_holds),
        cmocka_unit_test(pairpipe_refuses_our_own_output),
        cmocka_unit_test(pairpipe_is_found_by_the_record_of_a_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
