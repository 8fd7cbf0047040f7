#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/linefilter.h>

static char input[4 * LINEFILTER_IN];
static char output[sizeof input];

/* marks heads with ">" and takes an "x" away */
static size_t mark(struct linefilter *f, char const *line, size_t len)
{
    linefilter_put(f, f->data, strlen(f->data));
    return len && line[0] == 'x';
}

/* Runs f over the len bytes of input, written in pieces of size piece; returns the length of
   output. */
static size_t filter(struct linefilter const *f, size_t len, size_t piece)
{
    int to[2], from[2], wstat;
    size_t done = 0, got = 0;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    pid_t pid = fork();
    if (!pid) {
        struct linefilter mine = *f;
        char const *what;
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        _exit(linefilter_run(&mine, &what) < 0);
    }
    close(to[0]);
    close(from[1]);
    pid_t writer = fork();
    if (!writer) {
        for (; done < len; done += piece)
            if (write(to[1], input + done, len - done < piece ? len - done : piece) < 0)
                _exit(1);
        _exit(0);
    }
    close(to[1]);
    for (ssize_t r; (r = read(from[0], output + got, sizeof output - got)) > 0;)
        got += (size_t)r;
    close(from[0]);
    assert_int_equal(waitpid(writer, &wstat, 0), writer);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    return got;
}

static void check(struct linefilter const *f, char const *s, size_t len, char const *want)
{
    memcpy(input, s, len);
    for (size_t piece = 1; piece <= len; piece++) {
        size_t got = filter(f, len, piece);
        assert_int_equal(got, strlen(want));
        assert_memory_equal(output, want, got);
    }
}

static void linefilter_marks_each_line(void **state)
{
    (void)state;
    struct linefilter f = {.head = mark, .data = ">"};
    check(&f, "a\n\nxb\ncd\n", 9, ">a\n>\n>b\n>cd\n");
    check(&f, "a\nx", 3, ">a\n>");
    f.terminates = 1;
    check(&f, "a\nx", 3, ">a\n>\n");
    check(&f, "a\nb\n", 4, ">a\n>b\n");
    f.nul_ends = 1;
    check(&f, "a\0b\n\0\nc\0", 8, ">a\n>b\n>\n>\n>c\n");
}

static void linefilter_passes_long_lines(void **state)
{
    (void)state;
    struct linefilter f = {.head = mark, .data = ">", .terminates = 1};
    for (size_t len = LINEFILTER_IN - 1; len < 3 * LINEFILTER_IN; len += LINEFILTER_IN / 2 + 1) {
        memset(input, 'y', len);
        memcpy(input + len, "\nz", 2);
        size_t got = filter(&f, len + 2, 1 << 20);
        assert_int_equal(got, len + 5);
        assert_int_equal(output[0], '>');
        assert_memory_equal(output + 1, input, len + 1);
        assert_memory_equal(output + len + 2, ">z\n", 3);
        /* the end of the input in the middle of one */
        got = filter(&f, len, 1 << 20);
        assert_int_equal(got, len + 2);
        assert_int_equal(output[got - 1], '\n');
    }
}

static void linefilter_has_room_for_any_head(void **state)
{
    (void)state;
    static char head[LINEFILTER_OUT + 1000];
    struct linefilter f = {.head = mark, .data = head};
    memset(head, 'h', sizeof head - 1);
    memcpy(input, "a\n", 2);
    size_t got = filter(&f, 2, 2);
    assert_int_equal(got, sizeof head + 1);
    assert_memory_equal(output, head, sizeof head - 1);
    assert_memory_equal(output + sizeof head - 1, "a\n", 2);
}

/* descriptors 0 and 1 for one run in this process; the code of errno, 0 for success */
static int run_with(int in, int out, char const **what)
{
    struct linefilter f = {.head = mark, .data = ">"};
    int saved[2] = {fcntl(0, F_DUPFD_CLOEXEC, 10), fcntl(1, F_DUPFD_CLOEXEC, 10)};
    dup2(in, 0);
    dup2(out, 1);
    int r = linefilter_run(&f, what);
    int e = r < 0 ? errno : 0;
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], i);
        close(saved[i]);
    }
    return e;
}

static void linefilter_reports_errors(void **state)
{
    (void)state;
    char const *what = NULL;
    int p[2];
    int full = open("/dev/full", O_WRONLY);
    int dir = open("/", O_RDONLY);
    int null = open("/dev/null", O_RDWR);
    assert_true(full >= 0 && dir >= 0 && null >= 0);
    assert_int_equal(pipe(p), 0);
    assert_int_equal(write(p[1], "a\nb", 3), 3);
    close(p[1]);
    assert_int_equal(run_with(p[0], full, &what), ENOSPC);
    assert_string_equal(what, "write to standard output");
    assert_int_equal(run_with(dir, null, &what), EISDIR);
    assert_string_equal(what, "read standard input");
    assert_int_equal(run_with(null, full, &what), 0);
    close(p[0]);
    close(full);
    close(dir);
    close(null);
}

static void linefilter_waits_for_what_does_not_block(void **state)
{
    (void)state;
    struct linefilter f = {.head = mark, .data = ">"};
    int to[2], from[2], wstat;
    char buf[8] = "";
    assert_int_equal(pipe2(to, O_NONBLOCK), 0);
    assert_int_equal(pipe2(from, O_NONBLOCK), 0);
    pid_t pid = fork();
    if (!pid) {
        char const *what;
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        _exit(linefilter_run(&f, &what) < 0);
    }
    close(to[0]);
    close(from[1]);
    fcntl(from[0], F_SETFL, 0);
    /* a line that comes alone goes out alone, while the input is open */
    assert_int_equal(write(to[1], "a\n", 2), 2);
    assert_int_equal(read(from[0], buf, sizeof buf), 3);
    assert_memory_equal(buf, ">a\n", 3);
    close(to[1]);
    assert_int_equal(read(from[0], buf, sizeof buf), 0);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    close(from[0]);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(linefilter_marks_each_line),
        cmocka_unit_test(linefilter_passes_long_lines),
        cmocka_unit_test(linefilter_has_room_for_any_head),
        cmocka_unit_test(linefilter_reports_errors),
        cmocka_unit_test(linefilter_waits_for_what_does_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
