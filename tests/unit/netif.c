/* What the kernel says, against what its other interfaces say; routes that this machine may not
   have are tried in a namespace by tests/prog/host-ip. */

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <cairn/netif.h>

#include "scratch.h"

#include "fakeroot.h"

struct search {
    struct netaddr addr;
    unsigned int index;
    unsigned int seen;
    int found;
};

static int look(void *data, struct netif_addr const *a)
{
    struct search *s = data;
    s->seen++;
    if (a->index == s->index && !memcmp(&a->addr, &s->addr, sizeof a->addr))
        s->found = 1;
    return 0;
}

static int is_in(struct ifaddrs const *list, struct ifaddrs const *a)
{
    for (; list; list = list->ifa_next)
        if (list->ifa_addr && list->ifa_addr->sa_family == AF_INET &&
            !strcmp(list->ifa_name, a->ifa_name) &&
            !memcmp(list->ifa_addr, a->ifa_addr, sizeof(struct sockaddr_in)))
            return 1;
    return 0;
}

static void netif_addresses_are_those_of_the_system(void **state)
{
    (void)state;
    struct ifaddrs *list, *later;
    assert_int_equal(getifaddrs(&list), 0);
    for (struct ifaddrs *i = list; i; i = i->ifa_next) {
        struct search s = {.index = if_nametoindex(i->ifa_name)};
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
            continue;
        s.addr.family = AF_INET;
        struct sockaddr_in sin;
        memcpy(&sin, i->ifa_addr, sizeof sin);
        s.addr.u.v4 = sin.sin_addr;
        assert_int_equal(netif_addresses(AF_INET, look, &s), 0);
        if (s.found)
            continue;
        /* it may have gone in between: engines take bridges down at any time */
        assert_int_equal(getifaddrs(&later), 0);
        assert_false(is_in(later, i));
        freeifaddrs(later);
    }
    freeifaddrs(list);
}

static int stop(void *data, struct netif_addr const *a)
{
    (void)a;
    ++*(int *)data;
    return 42;
}

static void netif_addresses_stops(void **state)
{
    (void)state;
    int calls = 0;
    struct search s = {.index = 0};
    assert_int_equal(netif_addresses(AF_INET, look, &s), 0);
    assert_int_equal(netif_addresses(AF_INET, stop, &calls), s.seen ? 42 : 0);
    assert_int_equal(calls, s.seen ? 1 : 0);
}

static void netif_default_agrees_with_proc(void **state)
{
    (void)state;
    FILE *f = fopen("/proc/net/route", "r");
    char line[512], name[64];
    unsigned long dst, gateway, flags, ref, use, metric, mask;
    int has = 0;
    unsigned int index = 0;
    if (!f)
        skip();
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%63s %lx %lx %lx %lu %lu %lu %lx", name, &dst, &gateway, &flags, &ref,
                   &use, &metric, &mask) == 8 &&
            !dst && !mask && (flags & 1) && !(flags & 0x200))
            has = 1;
    fclose(f);
    int r = netif_default(AF_INET, &index);
    assert_int_equal(r, has);
    if (r)
        assert_non_null(if_indextoname(index, name));
    /* a machine without IPv6 says no, not -1 */
    assert_true(netif_default(AF_INET6, &index) >= 0);
}

/* A network of one's own has no route, and loopback has no address before it is up. */
static int without_network(void)
{
    unsigned int index = 77;
    int calls = 0;
    check(netif_default(AF_INET, &index) == 0 && netif_default(AF_INET6, &index) == 0);
    check(index == 77);
    check(netif_addresses(AF_INET, stop, &calls) == 0 && calls == 0);
    return 0;
}

static int without_call(unsigned int call)
{
    unsigned int index;
    int calls = 0;
    int r = refuse_calls(call, call);
    if (r)
        return r;
    check(netif_default(AF_INET, &index) == -1 && errno == ENOSYS);
    check(netif_addresses(AF_INET, stop, &calls) == -1 && errno == ENOSYS && !calls);
    return 0;
}

static int without_socket(void)
{
    return without_call(SYS_socket);
}

static int without_sending(void)
{
    return without_call(SYS_sendto);
}

static int without_answers(void)
{
    return without_call(SYS_recvfrom);
}

static void netif_says_when_there_is_none(void **state)
{
    (void)state;
    in_process(CLONE_NEWNET, without_network);
}

static void netif_says_what_the_kernel_refuses(void **state)
{
    (void)state;
    in_process(0, without_socket);
    in_process(0, without_sending);
    in_process(0, without_answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(netif_addresses_are_those_of_the_system),
        cmocka_unit_test(netif_addresses_stops),
        cmocka_unit_test(netif_default_agrees_with_proc),
        cmocka_unit_test(netif_says_when_there_is_none),
        cmocka_unit_test(netif_says_what_the_kernel_refuses),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
