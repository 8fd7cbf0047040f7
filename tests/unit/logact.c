#include <errno.h>
#include <signal.h>

#include "scratch.h"

#include <cairn/logact.h>
#include <cairn/logsink.h>
#include <cairn/logsinks.h>

static struct logscript_item items[16];
static struct logscript_action actions[16];
static struct logscript script = {.items = items, .actions = actions};
static struct logsink memory[16];
static struct logsinks sinks;
static unsigned int sink_of[16];
static struct logact act;

/* Sets all up for a script, but for directories. */
static void setup(char const *const *argv)
{
    char const *bad;
    assert_int_equal(logscript_parse(&script, argv, &bad), LOGSCRIPT_OK);
    sinks = (struct logsinks){.s = memory};
    act = (struct logact){
        .script = &script, .sinks = memory, .sink_of = sink_of, .stamp = LOGSTAMP_ZERO};
    for (unsigned int i = 0; i < script.nactions; i++)
        sink_of[i] = (unsigned int)(logsinks_add(&sinks, actions + i) - memory);
    logact_measure(&act);
    for (size_t i = 0; i < sinks.n; i++)
        assert_int_equal(logsink_reserve(memory + i, 65536), 0);
}
#define SETUP(...) setup((char const *const[]){__VA_ARGS__, NULL})

static void line(char const *s)
{
    char buf[256];
    size_t n = strlen(s);
    memcpy(buf, s, n);
    buf[n] = '\n';
    logact_line(&act, buf, n);
    assert_int_equal(buf[n], '\n');
}

static void has(size_t sink, char const *want)
{
    assert_int_equal(memory[sink].end, strlen(want));
    assert_memory_equal(memory[sink].buf, want, strlen(want));
    memory[sink].end = 0;
}

static void selects(void **state)
{
    (void)state;
    SETUP("-a", "1", "f", "=st");
    line("a");
    line("b");
    has(0, "b\n");
    has(1, "a\n");
    SETUP("-", "+a", "1", "+b", "=st");
    line("a");
    line("b");
    line("c");
    has(0, "a\n");
    has(1, "b\n");
}

static void shares_sinks(void **state)
{
    (void)state;
    SETUP("1", "px", "1", "=st", "=st", "=other", "2", "2");
    assert_int_equal(sinks.n, 4);
    assert_true(sinks.shared);
    assert_int_equal(act.weight, 2);
    assert_ptr_equal(logsinks_find(&sinks, LOGSCRIPT_STATUS, "other"), memory + 2);
    assert_null(logsinks_find(&sinks, LOGSCRIPT_DIR, "other"));
    line("a");
    line("b");
    has(0, "a\nx a\nb\nx b\n");
    has(1, "x b\n");
    SETUP("1", "2");
    assert_false(sinks.shared);
}

static void stamps_and_cuts(void **state)
{
    (void)state;
    SETUP("pX", "t", "1", "E3", "2");
    act.stamp.now = (tain){{0x400000006b049de9ull}, 0x10203};
    line("1234567");
    line("123456");
    has(0, "@400000006b049de900010204 X 1234567\n@400000006b049de900010205 X 123456\n");
    has(1, LOGACT_ALERT "X 123...\n" LOGACT_ALERT "X 123456\n");
}

static void announces(void **state)
{
    (void)state;
    SETUP("1");
    act.out = memory;
    act.announce.name = "me";
    logact_measure(&act);
    line("a");
    has(0, "me: a\na\n");
    act.announce.json = 1;
    act.announce.json_name = "M";
    act.stamp.now = (tain){{0x400000006b049de9ull}, 1};
    line("a\"");
    has(0,
        "{\"time\":\"2026-11-23T20:10:44.000000002Z\",\"service\":\"M\",\"msg\":\"a\\\"\"}\na\"\n");
}

static void measures_enough(void **state)
{
    (void)state;
    char text[200];
    SETUP("pabcdefghijklmnopqrstuvwxyz", "t", "T", "1", "t", "T", "1", "2");
    act.out = memory;
    act.announce.json = 1;
    act.announce.name = "\1\1\1";
    act.announce.json_name = "\\u0001\\u0001\\u0001";
    logact_measure(&act);
    for (size_t n = 0; n < sizeof text; n++) {
        memset(text, 1, n);
        text[n] = '\n';
        logact_line(&act, text, n);
        assert_true(memory[0].end <= logact_need(&act, n));
        memory[0].end = memory[1].end = 0;
        if (n + 1 == sizeof text)
            break;
    }
}

static void replaces_status_files(void **state)
{
    (void)state;
    char buf[64], path[256], directive[300];
    snprintf(path, sizeof path, "%s/st", scratch);
    snprintf(directive, sizeof directive, "=%s", path);
    SETUP("^6", directive);
    static struct {
        char const *line, *file;
    } const cases[] = {
        {"a", "a\n\n\n\n\n"}, {"abcde", "abcde\n"}, {"abcdefg", "abcdef"}, {"", "\n\n\n\n\n\n"}};
    for (int i = 0; i < 4; i++) {
        line("before");
        line(cases[i].line);
        assert_int_equal(logsinks_flush(&sinks, 0), 1);
        assert_int_equal(memory[0].error, 0);
        int fd = open(path, O_RDONLY);
        assert_int_equal(read(fd, buf, sizeof buf), 6);
        assert_memory_equal(buf, cases[i].file, 6);
        close(fd);
    }
    SETUP("=/none/such");
    line("a");
    assert_int_equal(logsinks_flush(&sinks, 0), 1); /* it is no log: the next line comes */
    assert_int_equal(memory[0].error, ENOENT);
}

static void keeps_what_is_not_taken(void **state)
{
    (void)state;
    static char big[40000];
    int p[2];
    assert_int_equal(pipe(p), 0);
    fcntl(p[1], F_SETFL, O_NONBLOCK);
    SETUP("1");
    memory[0].fd = p[1];
    while (write(p[1], big, sizeof big) > 0)
        ;
    line("a");
    assert_int_equal(logsinks_flush(&sinks, 0), 0);
    assert_int_equal(logsinks_room(&sinks, 60000, 0), 1);
    assert_int_equal(logsinks_room(&sinks, 65536, 0), 0);
    assert_int_equal(logsinks_write(&sinks, "b\n", 2, 0), 0);
    assert_int_equal(read(p[0], big, sizeof big), sizeof big);
    assert_int_equal(logsinks_flush(&sinks, 0), 1);
    assert_int_equal(logsinks_room(&sinks, 200000, 0), 1); /* a line longer than the buffer */
    assert_true(memory[0].size >= 200000);
    logsinks_give_back(&sinks);
    close(p[0]);
    signal(SIGPIPE, SIG_IGN);
    line("c");
    assert_int_equal(logsinks_flush(&sinks, 0), 1); /* closed for good */
    assert_int_equal(memory[0].error, EPIPE);
    assert_int_equal(memory[0].fd, -1);
    close(p[1]);
}

static void looks_after_directories(void **state)
{
    (void)state;
    char path[256];
    char const *what;
    snprintf(path, sizeof path, "%s/log", scratch);
    SETUP("1", "R1", path, "2");
    assert_int_equal(logsinks_due(&sinks), LOGDIR_NEVER);
    assert_int_equal(logdir_open(&memory[1].dir, 0, &what), 0);
    line("a");
    memory[0].end = memory[2].end = 0;
    assert_int_equal(logsinks_flush(&sinks, 0), 1);
    assert_int_equal(logsinks_due(&sinks), 1000);
    logsinks_tick(&sinks, 1000);
    assert_int_equal(memory[1].dir.written, 0);
    line("b");
    memory[0].end = memory[2].end = 0;
    assert_int_equal(logsinks_flush(&sinks, 1000), 1);
    logsinks_rotate(&sinks, 1000);
    assert_int_equal(memory[1].dir.written, 0);
    assert_false(logsinks_busy(&sinks));
    logsinks_ended(&sinks, 12345, 0, 1000);
    logsinks_closing(&sinks, 0, 1000);
    assert_int_equal(logdir_close(&memory[1].dir), 0);
}

static struct logsink output(int fd, int waits)
{
    struct logsink s = {.kind = LOGSCRIPT_OUT, .fd = fd, .waits = waits};
    assert_int_equal(logsink_reserve(&s, 65536), 0);
    return s;
}

/* Lines of several writers to a pipe stay whole: no more than it takes at once is written. */
static void writes_whole_lines(void **state)
{
    (void)state;
    static char many[65536], got[65536];
    int p[2];
    assert_int_equal(pipe2(p, O_NONBLOCK), 0);
    struct logsink s = output(p[1], 0);
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = i % 1000 == 999 ? '\n' : 'x';
    assert_int_equal(logsink_write(&s, many, 9000, 0), 9000);
    assert_int_equal(read(p[0], got, sizeof got), 9000);
    /* a line that is longer than a pipe takes is written as one, or not at all */
    memset(many, 'y', 6000);
    many[5999] = '\n';
    while (write(p[1], "0123456789", 10) > 0)
        ;
    assert_int_equal(logsink_write(&s, many, 6000, 0), 0);
    assert_true(s.fd >= 0 && !s.error);
    while (read(p[0], got, sizeof got) > 0)
        ;
    assert_int_equal(logsink_write(&s, many, 6000, 0), 6000);
    assert_int_equal(read(p[0], got, sizeof got), 6000);
    many[5999] = 'y'; /* without an end, too */
    assert_int_equal(logsink_write(&s, many, 6000, 0), 6000);
    assert_int_equal(read(p[0], got, sizeof got), 6000);
    close(p[0]);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(logsink_write(&s, many, 10, 0), 10); /* lost: nobody is there */
    assert_int_equal(s.fd, -1);
    assert_int_equal(s.error, EPIPE);
    close(p[1]);
    /* one that may block is asked first, and given little */
    assert_int_equal(pipe(p), 0);
    s = output(p[1], 1);
    assert_int_equal(fcntl(p[1], F_SETPIPE_SZ, 4096), 4096);
    assert_int_equal(logsink_write(&s, many, 6000, 0), 4096);
    assert_int_equal(read(p[0], got, sizeof got), 4096);
    assert_int_equal(logsink_write(&s, many, 1904, 0), 1904);
    close(p[0]);
    close(p[1]);
}

static void makes_room(void **state)
{
    (void)state;
    int p[2];
    char got[65536];
    assert_int_equal(pipe2(p, O_NONBLOCK), 0);
    struct logsink s = output(p[1], 0);
    memset(s.buf, 'x', s.size);
    s.end = s.size - 10;
    assert_int_equal(logsink_room(&s, 10, 0), 1);
    assert_int_equal(s.end, s.size - 10); /* there was room */
    assert_int_equal(logsink_room(&s, 11, 0), 1);
    assert_int_equal(s.end, 0);
    while (read(p[0], got, sizeof got) > 0)
        ;
    /* a line that is longer than all of it */
    size_t had = s.size;
    assert_int_equal(logsink_room(&s, had + 1, 0), 1);
    assert_true(s.size > had);
    /* what cannot be written stays, and what was written makes room */
    while (write(p[1], got, 4096) > 0)
        ;
    s.end = s.size;
    assert_int_equal(logsink_room(&s, 1, 0), 0);
    assert_int_equal(s.end, s.size);
    assert_int_equal(read(p[0], got, 8192), 8192);
    assert_int_equal(logsink_room(&s, 4096, 0), 1);
    assert_int_equal(s.start, 0);
    close(p[0]);
    close(p[1]);
    assert_int_equal(logsink_reserve(&s, SIZE_MAX - 65536), -1);
}

static void says_why_a_status_file_is_not_written(void **state)
{
    (void)state;
    static char far[5000];
    char path[512];
    snprintf(path, sizeof path, "%s", in("status"));
    struct logsink s = {.kind = LOGSCRIPT_STATUS, .path = path, .fd = -1};
    assert_int_equal(logsink_write(&s, "one\ntwo\n", 8, 0), 8);
    assert_string_equal(get("status"), "two\n");
    assert_int_equal(s.error, 0);
    s.pad = 600;
    assert_int_equal(logsink_write(&s, "x\n", 2, 0), 2);
    assert_int_equal(strlen(get("status")), 600);
    s.pad = 2;
    assert_int_equal(logsink_write(&s, "cut\n", 4, 0), 4);
    assert_string_equal(get("status"), "cu");
    assert_int_equal(logsink_write(&s, "", 0, 0), 0);
    /* nothing is left of what fails */
    assert_int_equal(unlink(in("status")), 0);
    dir("status");
    assert_int_equal(logsink_write(&s, "x\n", 2, 0), 2);
    assert_int_equal(s.error, EISDIR);
    assert_int_equal(access(in("status.new"), F_OK), -1);
    dir("status.new");
    s.error = 0;
    assert_int_equal(logsink_write(&s, "x\n", 2, 0), 2);
    assert_int_equal(s.error, EISDIR);
    memset(far, '/', sizeof far - 1);
    s.path = far;
    assert_int_equal(logsink_write(&s, "x\n", 2, 0), 2);
    assert_int_equal(s.error, ENAMETOOLONG);
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(rmdir(in("status.new")), 0);
        assert_int_equal(symlink("/dev/full", in("status.new")), 0);
        s.path = path;
        assert_int_equal(logsink_write(&s, "x\n", 2, 0), 2);
        assert_int_equal(s.error, ENOSPC);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
    struct CMUnitTest const tests[] = {
        TEST(selects),
        TEST(shares_sinks),
        TEST(stamps_and_cuts),
        TEST(announces),
        TEST(measures_enough),
        TEST(replaces_status_files),
        TEST(keeps_what_is_not_taken),
        TEST(looks_after_directories),
        TEST(writes_whole_lines),
        TEST(makes_room),
        TEST(says_why_a_status_file_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
