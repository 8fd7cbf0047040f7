#include "scratch.h"

#include <cairn/bootset.h>

static char warned[512];

static void warn(char const *name, char const *why)
{
    (void)why;
    strcat(strcat(warned, name), " ");
}

static struct bootset with(char const *name, char const *value)
{
    struct bootset s;
    warned[0] = 0;
    setenv(name, value, 1);
    bootset_read(&s, warn);
    unsetenv(name);
    return s;
}

static void bootset_has_defaults(void **state)
{
    (void)state;
    struct bootset s = with("S6_OTHER", "x");
    assert_int_equal(s.verbosity, 2);
    assert_int_equal(s.behaviour, 0);
    assert_int_equal(s.finish_maxtime, 5000);
    assert_int_equal(s.services_grace, 3000);
    assert_int_equal(s.kill_grace, 3000);
    assert_int_equal(s.stop_max, 8000);
    assert_int_equal(s.sync, 0);
    assert_int_equal(s.keep_env, 0);
    assert_string_equal(warned, "");
}

static void bootset_gives_the_time_that_was_asked_for(void **state)
{
    (void)state;
    assert_int_equal(with("S6_KILL_GRACETIME", "60000").stop_max, 68000);
    assert_int_equal(with("S6_SERVICES_GRACETIME", "3000").stop_max, 11000);
    assert_int_equal(with("S6_KILL_FINISH_MAXTIME", "0").stop_max, 8000);
    assert_int_equal(with("CAIRN_STOP_MAXTIME", "100").stop_max, 100);
    setenv("CAIRN_STOP_MAXTIME", "100", 1);
    assert_int_equal(with("S6_KILL_FINISH_MAXTIME", "1").stop_max, 6001);
    unsetenv("CAIRN_STOP_MAXTIME");
}

static void bootset_reads_the_mask_as_octal(void **state)
{
    (void)state;
    int is_root = geteuid() == 0;
    assert_int_equal(with("S6_SYNC_DISKS", "0").umask, -1);
    assert_int_equal(with("UMASK", "027").umask, is_root ? 027 : -1);
    assert_int_equal(with("UMASK", "2").umask, is_root ? 2 : -1);
    assert_string_equal(warned, is_root ? "" : "UMASK ");
    static char const *const junk[] = {"8", "rwx", "-1", "1777", " 22", "0x12"};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        assert_int_equal(with("UMASK", junk[i]).umask, -1);
        assert_string_equal(warned, "UMASK ");
    }
}

static void bootset_complains_once_for_each_that_is_junk(void **state)
{
    (void)state;
    setenv("S6_SYNC_DISKS", "maybe", 1);
    setenv("S6_LOGGING", "much", 1);
    struct bootset s = with("S6_KILL_GRACETIME", "soon");
    assert_string_equal(warned, "S6_KILL_GRACETIME S6_SYNC_DISKS S6_LOGGING ");
    assert_int_equal(s.kill_grace, 3000);
    assert_int_equal(s.logging, 0);
    assert_int_equal(with("S6_LOGGING", "2").logging, 2);
    assert_int_equal(s.stop_max, 8000);
    assert_int_equal(with("S6_VERBOSITY", "0").verbosity, 0);
    assert_string_equal(warned, "");
}

/* These are for root: somebody else is told, in one line. */
static void bootset_leaves_users_to_root(void **state)
{
    (void)state;
    int was_root = geteuid() == 0;
    unsetenv("S6_SYNC_DISKS");
    unsetenv("S6_LOGGING");
    setenv("PUID", "1000", 1);
    setenv("UMASK", "027", 1);
    if (was_root)
        assert_int_equal(seteuid(12345), 0);
    struct bootset s = with("PGID", "1000");
    if (was_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(s.umask, -1);
    assert_string_equal(warned, "PUID, PGID, UMASK ");
    unsetenv("PUID");
    unsetenv("UMASK");
    with("CAIRN_LOG", "loud");
    assert_string_equal(warned, "CAIRN_LOG ");
    with("CAIRN_LOG", "json");
    assert_string_equal(warned, "");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(bootset_has_defaults),
        cmocka_unit_test(bootset_gives_the_time_that_was_asked_for),
        cmocka_unit_test(bootset_reads_the_mask_as_octal),
        cmocka_unit_test(bootset_complains_once_for_each_that_is_junk),
        cmocka_unit_test(bootset_leaves_users_to_root),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
