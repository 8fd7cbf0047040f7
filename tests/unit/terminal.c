/* With a pseudo-terminal and sessions of our own; whole containers on terminals:
 * tests/pid1/terminal. */

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include <cairn/terminal.h>

static int open_pty(int *slave)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return -1;
    *slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    return *slave < 0 ? -1 : master;
}

static void block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Runs f in a child and returns its exit code. */
static int in_child(int (*f)(int), int fd)
{
    int wstat;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid)
        _exit(f(fd));
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 200;
}

static void terminal_is_none_where_there_is_none(void **state)
{
    (void)state;
    struct terminal t;
    int fd = open("/dev/null", O_RDWR);
    terminal_init(&t, fd);
    assert_int_equal(t.fd, -1);
    terminal_prepare(&t);
    terminal_parent(&t);
    terminal_restore(&t);
    terminal_init(&t, -1);
    assert_int_equal(t.fd, -1);
    close(fd);
}

/* init as leader of a session without a terminal, as an engine starts it */
static int lend(int fd)
{
    struct terminal t;
    struct termios modes;
    int wstat;
    setsid();
    block_signals();
    terminal_init(&t, fd);
    if (t.fd != fd || t.child_owns || t.foreground != getpid())
        return 1;
    terminal_prepare(&t);
    pid_t pid = fork();
    if (!pid) {
        terminal_child(&t);
        if (tcgetpgrp(fd) != getpid() || getpgrp() != getpid())
            _exit(1);
        if (tcgetattr(fd, &modes) < 0)
            _exit(2);
        modes.c_lflag &= (tcflag_t) ~(ECHO | ICANON);
        _exit(tcsetattr(fd, TCSANOW, &modes) < 0 ? 3 : 0);
    }
    terminal_parent(&t);
    if (waitpid(pid, &wstat, 0) != pid || wstat)
        return 2;
    terminal_restore(&t);
    if (tcgetpgrp(fd) != getpid())
        return 3;
    if (tcgetattr(fd, &modes) < 0 || modes.c_lflag != t.modes.c_lflag)
        return 4;
    return 0;
}

static void terminal_is_lent_and_given_back(void **state)
{
    (void)state;
    int slave;
    int master = open_pty(&slave);
    assert_true(master >= 0);
    assert_int_equal(in_child(lend, slave), 0);
    close(slave);
    close(master);
}

/* a process group leader without a session: only the command can have the terminal */
static int child_owns(int fd)
{
    struct terminal t;
    int wstat;
    setpgid(0, 0);
    block_signals();
    terminal_init(&t, fd);
    if (t.fd != fd || !t.child_owns)
        return 1;
    pid_t pid = fork();
    if (!pid) {
        terminal_child(&t);
        _exit(tcgetpgrp(fd) == getpid() && getsid(0) == getpid() ? 0 : 1);
    }
    terminal_parent(&t);
    waitpid(pid, &wstat, 0);
    terminal_restore(&t);
    return wstat ? 2 : 0;
}

static void terminal_goes_to_a_session_of_the_command(void **state)
{
    (void)state;
    int slave;
    int master = open_pty(&slave);
    assert_true(master >= 0);
    assert_int_equal(in_child(child_owns, slave), 0);
    close(slave);
    close(master);
}

/* in the background of somebody's session */
static int background(int fd)
{
    struct terminal t;
    int wstat;
    setsid();
    block_signals();
    terminal_init(&t, fd); /* makes it ours */
    pid_t pid = fork();
    if (!pid) {
        struct terminal u;
        setpgid(0, 0);
        terminal_init(&u, fd);
        _exit(u.fd != -1);
    }
    waitpid(pid, &wstat, 0);
    return wstat ? 1 : 0;
}

static void terminal_is_not_taken_from_the_foreground(void **state)
{
    (void)state;
    int slave;
    int master = open_pty(&slave);
    assert_true(master >= 0);
    assert_int_equal(in_child(background, slave), 0);
    close(slave);
    close(master);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(terminal_is_none_where_there_is_none),
        cmocka_unit_test(terminal_is_lent_and_given_back),
        cmocka_unit_test(terminal_goes_to_a_session_of_the_command),
        cmocka_unit_test(terminal_is_not_taken_from_the_foreground),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
