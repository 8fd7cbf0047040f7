#include "scratch.h"

#include <errno.h>
#include <signal.h>

#include <cairn/transcript.h>

static struct transcript t;

static void transcript_says_what_the_verbosity_allows(void **state)
{
    (void)state;
    int fd = open(in("out"), O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    transcript_init(&t, fd, TRANSCRIPT_FAILURE);
    transcript_say(&t, TRANSCRIPT_NORMAL, "normal\n");
    transcript_say(&t, TRANSCRIPT_FAILURE, "fail", "ure\n");
    transcript_say(&t, TRANSCRIPT_FATAL, "fatal\n");
    assert_string_equal(get("out"), "");
    assert_int_equal(transcript_flush(&t), 0);
    assert_string_equal(get("out"), "failure\nfatal\n");
    close(fd);
}

static void transcript_keeps_lines_whole_and_drops_what_cannot_be_held(void **state)
{
    (void)state;
    static char big[TRANSCRIPT_SIZE + 2];
    int fd = open(in("big"), O_RDWR | O_CREAT, 0600);
    transcript_init(&t, fd, TRANSCRIPT_NORMAL);
    memset(big, 'x', TRANSCRIPT_SIZE - 3);
    transcript_say(&t, TRANSCRIPT_NORMAL, "first\n");
    transcript_say(&t, TRANSCRIPT_NORMAL, big, "\n"); /* makes room by writing */
    transcript_flush(&t);
    assert_int_equal(strlen(get("big")), 6 + TRANSCRIPT_SIZE - 2);
    memset(big, 'x', sizeof big - 1);
    transcript_say(&t, TRANSCRIPT_NORMAL, big);
    assert_int_equal(t.len, 0);
    close(fd);
}

/* Fills the pipe up. */
static void fill(int fd)
{
    static char const block[4096];
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    while (write(fd, block, sizeof block) > 0 || write(fd, block, 1) > 0)
        ;
    fcntl(fd, F_SETFL, flags);
}

static void never_waits(int fds[2])
{
    static char buf[1 << 17];
    int flags = fcntl(fds[1], F_GETFL);
    transcript_init_nonblocking(&t, fds[1], TRANSCRIPT_NORMAL);
    assert_int_equal(fcntl(fds[1], F_GETFL), flags); /* which others share */
    fill(fds[1]);
    transcript_say(&t, TRANSCRIPT_NORMAL, "line\n");
    alarm(60);
    assert_int_equal(transcript_flush(&t), -1);
    assert_int_equal(errno, EAGAIN);
    for (int i = 0; i < 10000; i++)
        transcript_say(&t, TRANSCRIPT_NORMAL, "another line\n");
    assert_true(t.len <= TRANSCRIPT_SIZE);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    while (read(fds[0], buf, sizeof buf) > 0)
        ;
    while (transcript_flush(&t) < 0)
        assert_int_equal(errno, EAGAIN);
    assert_true(read(fds[0], buf, sizeof buf) > 5);
    assert_memory_equal(buf, "line\nanother line\n", 18);
    alarm(0);
    close(fds[0]);
    signal(SIGPIPE, SIG_IGN);
    transcript_say(&t, TRANSCRIPT_NORMAL, "line\n");
    assert_int_equal(transcript_flush(&t), -1);
    assert_int_equal(errno, EPIPE);
    assert_int_equal(t.len, 0);
    close(fds[1]);
    if (t.fd != fds[1])
        close(t.fd);
}

static void transcript_never_waits_for_a_pipe(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    never_waits(fds);
}

static void transcript_asks_poll_where_it_cannot_open(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    transcript_init(&t, fds[1], TRANSCRIPT_NORMAL);
    t.waits = 1;
    fill(fds[1]);
    transcript_say(&t, TRANSCRIPT_NORMAL, "line\n");
    alarm(60);
    assert_int_equal(transcript_flush(&t), -1);
    assert_int_equal(errno, EAGAIN);
    alarm(0);
    close(fds[0]);
    close(fds[1]);
}

static void transcript_leaves_files_as_they_are(void **state)
{
    (void)state;
    put("log", "before\n", 0600);
    int fd = open(in("log"), O_WRONLY);
    assert_int_equal(lseek(fd, 0, SEEK_END), 7);
    transcript_init_nonblocking(&t, fd, TRANSCRIPT_NORMAL);
    transcript_say(&t, TRANSCRIPT_NORMAL, "after\n");
    assert_int_equal(transcript_flush(&t), 0);
    assert_string_equal(get("log"), "before\nafter\n");
    close(fd);
}

static void transcript_writes_an_object_for_each_line(void **state)
{
    (void)state;
    static char big[TRANSCRIPT_SIZE * 2];
    setenv("CAIRN_LOG", "json", 1);
    int fd = open(in("json"), O_RDWR | O_CREAT, 0600);
    transcript_init(&t, fd, TRANSCRIPT_FAILURE);
    transcript_say(&t, TRANSCRIPT_NORMAL, "normal\n");
    transcript_say(&t, TRANSCRIPT_FAILURE, "a: ", "b\nc", "\n");
    transcript_say(&t, TRANSCRIPT_FATAL, "d");
    assert_int_equal(transcript_flush(&t), 0);
    char const *got = get("json");
    assert_null(strstr(got, "normal"));
    char const *a = strstr(got, "\"level\":\"warning\"");
    assert_non_null(a);
    a = strstr(a, ",\"msg\":\"a: b\"}\n{\"time\":\"");
    assert_non_null(a);
    a = strstr(a, ",\"msg\":\"c\"}\n{\"time\":\"");
    assert_non_null(a);
    a = strstr(a, "\"level\":\"fatal\"");
    assert_non_null(a);
    a = strstr(a, ",\"msg\":\"d\"}\n");
    assert_non_null(a);
    assert_string_equal(a, ",\"msg\":\"d\"}\n");
    assert_int_equal(ftruncate(fd, 0), 0);
    lseek(fd, 0, SEEK_SET);
    memset(big, '"', sizeof big - 1);
    transcript_say(&t, TRANSCRIPT_FATAL, big, "\n");
    assert_int_equal(transcript_flush(&t), 0);
    got = get("json");
    assert_true(strlen(got) <= TRANSCRIPT_SIZE && strlen(got) > TRANSCRIPT_SIZE - 20);
    assert_string_equal(got + strlen(got) - 3, "\"}\n");
    close(fd);
    unsetenv("CAIRN_LOG");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(transcript_says_what_the_verbosity_allows),
        cmocka_unit_test(transcript_keeps_lines_whole_and_drops_what_cannot_be_held),
        cmocka_unit_test(transcript_never_waits_for_a_pipe),
        cmocka_unit_test(transcript_asks_poll_where_it_cannot_open),
        cmocka_unit_test(transcript_leaves_files_as_they_are),
        cmocka_unit_test(transcript_writes_an_object_for_each_line),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
