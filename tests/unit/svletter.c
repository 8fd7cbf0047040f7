#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/svletter.h>

static void knows_every_byte(void **state)
{
    (void)state;
    /* written down by hand from the description of the protocol, not made from the list */
    char const *const valid = "abqhkti12ypcrlPCKuUdDoOQx";
    for (int c = 0; c < 256; c++)
        assert_int_equal(!!svletter_is_valid((char)c), c && strchr(valid, c) ? 1 : 0);
}

static void maps_signals_to_letters(void **state)
{
    (void)state;
    static struct {
        int sig;
        char byte;
    } const expected[] = {{SIGALRM, 'a'}, {SIGABRT, 'b'}, {SIGQUIT, 'q'}, {SIGHUP, 'h'},
                          {SIGKILL, 'k'}, {SIGTERM, 't'}, {SIGINT, 'i'},  {SIGUSR1, '1'},
                          {SIGUSR2, '2'}, {SIGSTOP, 'p'}, {SIGCONT, 'c'}, {SIGWINCH, 'y'},
                          {SIGCHLD, 0},   {SIGSEGV, 0},   {0, 0},         {-1, 0},
                          {SIGPIPE, 0}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(svletter_of_signal(expected[i].sig), expected[i].byte);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(knows_every_byte),
        cmocka_unit_test(maps_signals_to_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
