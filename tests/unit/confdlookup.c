/* confdlookup, with a server of the test's. Real ones are asked by tests/prog/confd-lookup. */

#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cairn/confdlookup.h>

#include "fakeroot.h"

static struct pool pool;
static struct tmplcall call;
static struct tmplvalue result;

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 18);
    call = (struct tmplcall){.pool = &pool};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static int ask(int (*f)(struct tmplcall *, struct tmplvalue *), char const *name)
{
    struct tmplvalue arg = tmplvalue_text(name);
    call.arg = &arg;
    call.n = 1;
    *call.why = 0;
    return f(&call, &result);
}

/* want NULL: nothing is found. Else that alone. */
static void gives(int (*f)(struct tmplcall *, struct tmplvalue *), char const *name,
                  char const *want)
{
    assert_true(ask(f, name));
    assert_int_equal(result.kind, TMPLVALUE_LIST);
    assert_int_equal(result.flags, TMPLVALUE_OF_STRINGS);
    assert_int_equal(result.n, !!want);
    if (!want)
        return;
    assert_int_equal(result.u.item->n, strlen(want));
    assert_memory_equal(result.u.item->u.s, want, strlen(want));
}

static void confdlookup_of_addresses(void **state)
{
    (void)state;
    gives(confdlookup_ip, "192.0.2.7", "192.0.2.7");
    gives(confdlookup_ip4, "192.0.2.7", "192.0.2.7");
    gives(confdlookup_ip6, "192.0.2.7", NULL);
    gives(confdlookup_ip, "2001:DB8:0::1", "2001:db8::1");
    gives(confdlookup_ip4, "2001:db8::1", NULL);
    gives(confdlookup_ip6, "2001:db8::1", "2001:db8::1");
}

static void confdlookup_of_no_names(void **state)
{
    (void)state;
    gives(confdlookup_ip, "", NULL);
    gives(confdlookup_ip, "a..b", NULL);
    gives(confdlookup_ip4, "..", NULL);
    struct tmplvalue arg[3] = {tmplvalue_text(""), tmplvalue_text(""), tmplvalue_text("a..b")};
    call.arg = arg;
    call.n = 3;
    assert_true(confdlookup_srv(&call, &result));
    assert_int_equal(result.n, 0);
    arg[0] = tmplvalue_string("a\0b", 3);
    assert_false(confdlookup_srv(&call, &result));
    assert_non_null(strstr(call.why, "byte 0"));
    assert_false(confdlookup_ip(&call, &result));
    assert_non_null(strstr(call.why, "byte 0"));
}

static void confdlookup_wants_memory(void **state)
{
    (void)state;
    pool.max = 64;
    assert_false(ask(confdlookup_ip, "192.0.2.7"));
    assert_non_null(strstr(call.why, "memory"));
}

/* ---- a network of one's own */

static size_t add(unsigned char *at, void const *data, size_t n)
{
    memcpy(at, data, n);
    return n;
}

#define RECORD(type, len) "\xc0\x0c\0" type "\0\1\0\0\0\x3c\0" len

/* Answers a question for A, AAAA or SRV; nothing else has anything. */
static void serve(int fd)
{
    static char const a[] = RECORD("\1", "\4") "\x0a\0\0\x09" RECORD(
        "\1", "\4") "\x0a\0\0\x0a" RECORD("\1", "\4") "\x0a\0\0\x09";
    static char const aaaa[] = RECORD("\x1c", "\x10") "\xfd\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\1";
    static char const srv[] = RECORD("\x21", "\x0e") "\0\1\0\5\0\x50\3web\2my\0" RECORD(
        "\x21", "\x0c") "\0\0\0\5\0\x51\1b\2my\0" RECORD("\x21",
                                                         "\x0e") "\0\1\0\5\0\x08\3web\2my"
                                                                 "\0" RECORD("\x21",
                                                                             "\x0e") "\0\1\0\5"
                                                                                     "\0\x50\3w"
                                                                                     "eb\2my\0";
    for (;;) {
        unsigned char q[1024], r[1024];
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(fd, q, sizeof q, 0, (struct sockaddr *)&from, &len);
        if (n < 17)
            _exit(1);
        size_t end = 12;
        while (q[end])
            end += q[end] + 1u;
        unsigned int type = q[end + 2];
        end += 5;
        memcpy(r, q, end);
        memcpy(r + 2, "\x81\x80\0\1\0\0\0\0\0\0", 10);
        if (type == 1) {
            r[7] = 3;
            end += add(r + end, a, sizeof a - 1);
        } else if (type == 28) {
            r[7] = 1;
            end += add(r + end, aaaa, sizeof aaaa - 1);
        } else if (type == 33) {
            r[7] = 4;
            end += add(r + end, srv, sizeof srv - 1);
        }
        sendto(fd, r, end, 0, (struct sockaddr *)&from, len);
    }
}

/* Brings loopback up and starts the server on it. Returns its pid, or -1. */
static pid_t network(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1 || ioctl(fd, SIOCSIFFLAGS, &lo) == -1 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) == -1)
        return -1;
    pid_t pid = fork();
    if (!pid)
        serve(fd);
    close(fd);
    return pid;
}

/* Are these the items, in that order? */
static int are(char const *const *want, size_t n)
{
    check(result.kind == TMPLVALUE_LIST && result.n == n);
    for (size_t i = 0; i < n; i++) {
        struct tmplvalue const *v = result.u.item + i;
        char text[64];
        if (v->kind == TMPLVALUE_OBJECT) {
            struct tmplvalue const *f = v->u.object->field;
            snprintf(text, sizeof text, "%.*s %d %d %d", (int)f->n, f->u.s, (int)f[1].u.i,
                     (int)f[2].u.i, (int)f[3].u.i);
        } else
            snprintf(text, sizeof text, "%.*s", (int)v->n, v->u.s);
        check(!strcmp(text, want[i]));
    }
    return 0;
}

#define check_list(...)                                                                            \
    check(are((char const *const[]){__VA_ARGS__},                                                  \
              sizeof(char const *[]){__VA_ARGS__} / sizeof(char const *)) == 0)

static int lookups(void)
{
    /* without a network there is nothing, and that is no error */
    check(ask(confdlookup_ip, "web.my.") && !result.n);
    pid_t server = network();
    check(server > 0);
    /* nobody is asked for a name of /etc/hosts */
    check(ask(confdlookup_ip, "local"));
    check_list("10.1.0.10", "10.1.0.9", "fd09::5");
    check(ask(confdlookup_ip4, "local"));
    check_list("10.1.0.10", "10.1.0.9");
    check(ask(confdlookup_ip6, "local"));
    check_list("fd09::5");
    /* but for one that has no address of this family there */
    check(ask(confdlookup_ip6, "four"));
    check_list("fd09::1");
    check(ask(confdlookup_ip, "web.my."));
    check_list("10.0.0.10", "10.0.0.9", "fd09::1");
    check(ask(confdlookup_ip4, "web.my."));
    check_list("10.0.0.10", "10.0.0.9");
    struct tmplvalue arg[3] = {tmplvalue_text("web"), tmplvalue_text("tcp"), tmplvalue_text("my.")};
    call.arg = arg;
    call.n = 3;
    check(confdlookup_srv(&call, &result));
    check_list("b.my. 81 0 5", "web.my. 8 1 5", "web.my. 80 1 5");
    check(result.flags == 0);
    /* a name as it stands */
    arg[0] = arg[1] = tmplvalue_text("");
    check(confdlookup_srv(&call, &result) && result.n == 3);
    /* one that is too long for any server is not found */
    static char label[2 * 512];
    memset(label, 'a', sizeof label - 1);
    arg[2] = tmplvalue_text(label);
    check(confdlookup_srv(&call, &result) && result.n == 0);
    /* what does not fit in is an error */
    arg[2] = tmplvalue_text("my.");
    for (size_t max = 0;; max += 1024) {
        pool_free(&pool);
        pool_init(&pool, max);
        *call.why = 0;
        if (confdlookup_srv(&call, &result)) {
            check(max > 0 && result.n == 3);
            break;
        }
        check(max < 1 << 18 && strstr(call.why, "memory"));
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}

static void confdlookup_asks_hosts_and_servers(void **state)
{
    (void)state;
    dir("root");
    dir("root/etc");
    put("root/etc/hosts",
        "127.0.0.1 localhost\nfd09::5 local\n10.1.0.10 local\n10.1.0.9 local\n10.1.0.9 local\n"
        "10.1.0.7 four\n",
        0644);
    put("root/etc/resolv.conf", "nameserver 127.0.0.1\n", 0644);
    in_root("root", CLONE_NEWNET, lookups);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    struct CMUnitTest const tests[] = {
        TEST(confdlookup_of_addresses),
        TEST(confdlookup_of_no_names),
        TEST(confdlookup_wants_memory),
        TEST(confdlookup_asks_hosts_and_servers),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
