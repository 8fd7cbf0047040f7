/* ctfetch, consuladdr, ctfetcher: where the agent is, and what is said between a renderer and
   consul-fetch. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/consuladdr.h>
#include <cairn/ctfetch.h>
#include <cairn/ctfetcher.h>
#include <cairn/urlescape.h>

static void addresses(void **state)
{
    (void)state;
    static struct {
        char const *s;
        int is_tls;
        char const *base;
    } const rows[] = {
        {"127.0.0.1:8500", 0, "http://127.0.0.1:8500"},
        {"consul", 0, "http://consul:8500"},
        {"consul", 1, "https://consul:8500"},
        {"http://consul", 0, "http://consul:80"},
        {"https://consul", 0, "https://consul:443"},
        {"https://consul:8501/", 0, "https://consul:8501"},
        {"http://consul:8501", 1, "https://consul:8501"},
        {"[::1]:8500", 0, "http://[::1]:8500"},
        {"[::1]", 0, "http://[::1]:8500"},
        {"unix:///run/c.sock", 0, "http://localhost"},
        {"", 0, NULL},
        {":8500", 0, NULL},
        {"[]:1", 0, NULL},
        {"[::1", 0, NULL},
        {"a:0", 0, NULL},
        {"a:65536", 0, NULL},
        {"a:", 0, NULL},
        {"a:1x", 0, NULL},
        {"a:1/path", 0, NULL},
        {"a b", 0, NULL},
        {"u@a", 0, NULL},
        {"unix://", 0, NULL},
        {"[::1]x:1", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct consuladdr a;
        int ok = consuladdr_parse(&a, rows[i].s, rows[i].is_tls);
        if (ok != (rows[i].base != NULL) || (ok && strcmp(a.base, rows[i].base) != 0))
            print_error("%s: %s\n", rows[i].s, ok ? a.base : "refused");
        assert_int_equal(ok, rows[i].base != NULL);
        if (ok)
            assert_string_equal(a.base, rows[i].base);
    }
    struct consuladdr a;
    assert_true(consuladdr_parse(&a, "unix:///run/c.sock", 0));
    assert_string_equal(a.socket, "/run/c.sock");
    assert_true(consuladdr_parse(&a, "unix:///run/c.sock", 1) && !a.is_tls);
    assert_true(consuladdr_parse(&a, "[::1]:5", 0));
    assert_string_equal(a.host, "::1");
    assert_string_equal(a.port, "5");
}

static void paths_are_escaped(void **state)
{
    (void)state;
    char buf[64];
    size_t n = urlescape(buf, "aZ9-._~/ %?&\xff\0", 14);
    assert_int_equal(n, 8 + (6 * 3));
    assert_memory_equal(buf, "aZ9-._~/%20%25%3F%26%FF%00", n);
}

static void answers_are_taken_whole(void **state)
{
    (void)state;
    char const text[] =
        "data 7 200 5\na\nb\nc\nretry 8 250 no way\nfailed 9 x: y\ndata 1 404 0\n\n";
    struct ctfetch_answer a;
    size_t at = 0;
    /* of every beginning, nothing or the same is taken */
    for (size_t n = 0; n < 19; n++)
        assert_int_equal(ctfetch_take(text, n, &a), 0);
    at += (size_t)ctfetch_take(text, sizeof text - 1, &a);
    assert_int_equal(at, 19);
    assert_true(a.kind == CTFETCH_DATA && a.id == 7 && a.status == 200 && a.n == 5);
    assert_memory_equal(a.body, "a\nb\nc", 5);
    at += (size_t)ctfetch_take(text + at, sizeof text - 1 - at, &a);
    assert_true(a.kind == CTFETCH_RETRY && a.id == 8 && a.ms == 250 && a.n == 6);
    at += (size_t)ctfetch_take(text + at, sizeof text - 1 - at, &a);
    assert_true(a.kind == CTFETCH_FAILED && a.id == 9 && !memcmp(a.body, "x: y", a.n));
    at += (size_t)ctfetch_take(text + at, sizeof text - 1 - at, &a);
    assert_true(a.kind == CTFETCH_DATA && a.status == 404 && a.n == 0);
    assert_int_equal(at, sizeof text - 1);
}

static void junk_is_refused(void **state)
{
    (void)state;
    static char const *const bad[] = {
        "\n",
        "data\n",
        "data x 200 1\n",
        "data 1 200\n",
        "data 1 200 1 2\n",
        "data 1 200 1\nab\n",
        "data 1 2000 1\n",
        "data 1 200 99999999999\n",
        "data 99999999999999999999 200 1\n",
        "retry 1 x\n",
        "failed\n",
        "hello 1\n",
    };
    struct ctfetch_answer a;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        errno = 0;
        assert_int_equal(ctfetch_take(bad[i], strlen(bad[i]), &a), -1);
        assert_int_equal(errno, EPROTO);
    }
    static char long_line[CTFETCH_LINE + 2];
    memset(long_line, 'a', sizeof long_line);
    assert_int_equal(ctfetch_take(long_line, sizeof long_line, &a), -1);
}

static void write_program(char const *path, char const *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(path, 0700);
}

/* A stand-in that tells its arguments and its secrets, and then its first line. */
static void fetcher_is_told_all(void **state)
{
    (void)state;
    char dir[] = "/tmp/ctfetcher.XXXXXX";
    char path[64];
    struct ctfetcher f = CTFETCHER_ZERO;
    struct ctfetch_answer a;
    assert_non_null(mkdtemp(dir));
    setenv("CAIRN_BINDIR", dir, 1);
    struct ctconf_consul c = {.address = "h:1",
                              .token = "secret",
                              .username = "u",
                              .password = "p",
                              .ssl = 1,
                              .ssl_ca_cert = "ca",
                              .ssl_server_name = "name",
                              .retry = {1, 3, 250, 500},
                              .dial_timeout = 70};
    struct ctfetcher_settings s = {.consul = &c, .wait = 60000, .max_stale = 2000};
    assert_false(ctfetcher_start(&f, &s)); /* there is none */
    assert_int_equal(errno, ENOENT);
    snprintf(path, sizeof path, "%s/consul-fetch", dir);
    write_program(path, "#!/bin/sh\necho \"failed 1 $*\"\n"
                        "echo \"failed 2 $CONSUL_HTTP_TOKEN $CONSUL_HTTP_AUTH $CONSUL_HTTP_SSL\"\n"
                        "read line; echo \"failed 3 $line\"\n");
    assert_true(ctfetcher_start(&f, &s));
    assert_true(ctfetcher_watch(&f, 12, "/v1/kv/a"));
    ctfetcher_send(&f);
    assert_int_equal(f.out.len, 0);
    static char const *const wanted[] = {
        "-a h:1 -w 60000 -s 2000 -r 3 -b 250 -B 500 -c ca -n name -i -t 70",
        "secret u:p true",
        "watch 12 /v1/kv/a",
    };
    int more = 1;
    for (size_t i = 0; i < 3;) {
        int r = ctfetcher_next(&f, &a);
        assert_true(r >= 0);
        if (!r) {
            struct pollfd p = {.fd = f.from, .events = POLLIN};
            assert_true(more && poll(&p, 1, 10000) == 1);
            more = ctfetcher_read(&f);
            continue;
        }
        assert_int_equal(a.id, i + 1);
        assert_int_equal(a.n, strlen(wanted[i]));
        assert_memory_equal(a.body, wanted[i], a.n);
        i++;
    }
    ctfetcher_stop(&f);
    assert_int_equal(f.pid, 0);
    unlink(path);
    rmdir(dir);
}

/* What a stand-in with this text comes to: 1 it goes on, 0 it has ended; errno is the reason. */
static int ended(char const *text, struct ctconf_consul *c)
{
    char dir[] = "/tmp/ctfetcher.XXXXXX";
    char path[64];
    struct ctfetcher f = CTFETCHER_ZERO;
    struct ctfetch_answer a;
    struct ctfetcher_settings s = {.consul = c, .is_once = 1};
    assert_non_null(mkdtemp(dir));
    setenv("CAIRN_BINDIR", dir, 1);
    snprintf(path, sizeof path, "%s/consul-fetch", dir);
    write_program(path, text);
    assert_true(ctfetcher_start(&f, &s));
    assert_true(ctfetcher_end(&f, 12));
    ctfetcher_send(&f);
    int r = 1;
    int got = 0;
    for (int i = 0; r && !got && i < 1000; i++) {
        struct pollfd p = {.fd = f.from, .events = POLLIN};
        poll(&p, 1, 10);
        r = ctfetcher_read(&f);
        got = ctfetcher_next(&f, &a);
    }
    int e = errno;
    ctfetcher_stop(&f);
    ctfetcher_stop(&f); /* twice is once */
    unlink(path);
    rmdir(dir);
    errno = e;
    return got > 0 ? (int)a.id : got < 0 ? got : r;
}

static void fetcher_ends_or_talks_nonsense(void **state)
{
    (void)state;
    static char far[600];
    struct ctconf_consul c = {.ssl_verify = 1, .retry = {0}};
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(ended("#!/bin/sh\nread line; test \"$line\" = 'end 12' && test \"${*}\" = "
                           "'-w 0 -s 0 -r 1 -b 0 -B 0 -1' && echo failed 7 x\n",
                           &c),
                     7);
    assert_int_equal(ended("#!/bin/sh\nexit 0\n", &c), 0);
    assert_int_equal(errno, 0);
    assert_int_equal(ended("#!/bin/sh\necho junk\nread line\n", &c), -1);
    assert_int_equal(errno, EPROTO);
    /* a secret is told whole, however long */
    memset(far, 'x', sizeof far - 1);
    c.username = far;
    assert_int_equal(
        ended("#!/bin/sh\ntest ${#CONSUL_HTTP_AUTH} -eq 600 && echo failed 8 x\nread line\n", &c),
        8);
    /* and a time is as long as consul-fetch takes it */
    c.username = NULL;
    c.retry.max_backoff = INT64_MAX;
    assert_int_equal(ended("#!/bin/sh\ntest \"${*}\" = '-w 0 -s 0 -r 1 -b 0 -B 2147483647 -1' && "
                           "echo failed 9 x\nread line\n",
                           &c),
                     9);
    /* it has descriptors enough, or is not started */
    struct rlimit had, rl;
    struct ctfetcher f = CTFETCHER_ZERO;
    struct ctfetcher_settings s = {.consul = &c};
    char dir[] = "/tmp/ctfetcher.XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(dir));
    setenv("CAIRN_BINDIR", dir, 1);
    snprintf(path, sizeof path, "%s/consul-fetch", dir);
    write_program(path, "#!/bin/sh\n");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &had), 0);
    int next = dup(0);
    close(next);
    for (int more = 0; more < 4; more += 2) {
        rl = had;
        rl.rlim_cur = (rlim_t)(next + more);
        setrlimit(RLIMIT_NOFILE, &rl);
        int r = ctfetcher_start(&f, &s);
        int e = errno;
        setrlimit(RLIMIT_NOFILE, &had);
        assert_false(r);
        assert_int_equal(e, EMFILE);
        assert_int_equal(f.pid, 0);
        int fd = dup(0);
        assert_int_equal(fd, next); /* nothing is left open */
        close(fd);
    }
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(paths_are_escaped),
        cmocka_unit_test(answers_are_taken_whole),
        cmocka_unit_test(junk_is_refused),
        cmocka_unit_test(fetcher_is_told_all),
        cmocka_unit_test(fetcher_ends_or_talks_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
