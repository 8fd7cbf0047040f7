#include "onefile.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#include <cairn/lines.h>
#include <cairn/userdb.h>

#define PUT(s) onefile_put(s, sizeof s - 1)

static void userdb_number_is_strict(void **state)
{
    (void)state;
    unsigned int n = 7;
    static char const *const bad[] = {
        "",    "-1", "+1",         " 1",         "1 ",
        "0x1", "1a", "4294967295", "4294967296", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(userdb_number(bad[i], &n), 0);
        assert_int_equal(n, 7);
    }
    assert_int_equal(userdb_number("4294967294", &n), 1);
    assert_true(n == 4294967294u);
    assert_int_equal(userdb_number("007", &n), 1);
    assert_int_equal(n, 7);
}

static void userdb_finds_users(void **state)
{
    (void)state;
    struct userdb_user u;
    char name[8];
    PUT("root:x:0:0:root:/root:/bin/sh\n"
        "\n"
        "#comment\n"
        "bad:x:abc:1:::\n"
        "short:x:1\n"
        ":x:77:77:::\n"
        "a_long_name:x:42:43::/home/a:\n"
        "second:x:42:44::/home/b:/bin/false\n"
        "minimal:x:50:51\n"
        "last:x:60:61:gecos, with: too:many:colons");
    assert_int_equal(userdb_user_in(file, "root", &u), 1);
    assert_int_equal(u.uid, 0);
    assert_string_equal(u.home, "/root");
    assert_string_equal(u.shell, "/bin/sh");
    assert_int_equal(userdb_user_in(file, "a_long_name", &u), 1);
    assert_int_equal(u.uid, 42);
    assert_int_equal(u.gid, 43);
    assert_string_equal(u.shell, "");
    assert_int_equal(userdb_user_in(file, "minimal", &u), 1);
    assert_string_equal(u.home, "");
    assert_int_equal(userdb_user_in(file, "last", &u), 1);
    assert_int_equal(u.gid, 61);
    static char const *const bad[] = {"", "bad", "short", "roo", "rootx", "#comment", "root:x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(userdb_user_in(file, bad[i], &u), 0);
    assert_int_equal(userdb_user_by_uid_in(file, 42, name, sizeof name, &u), 1);
    assert_string_equal(name, "second"); /* the longer one does not fit */
    assert_int_equal(userdb_user_by_uid_in(file, 77, name, sizeof name, &u), 0);
}

static void userdb_without_a_file_knows_nobody(void **state)
{
    (void)state;
    struct userdb_user u;
    gid_t g;
    assert_int_equal(userdb_user_in("/nonexistent/passwd", "root", &u), 0);
    assert_int_equal(userdb_group_in("/nonexistent/group", "root", &g), 0);
    assert_int_equal(userdb_grouplist_in("/etc/passwd/group", "root", &g, 1), 0);
    assert_int_equal(userdb_user_in("/", "root", &u), -1);
    assert_int_equal(errno, EISDIR);
    PUT("");
    assert_int_equal(userdb_user_in(file, "root", &u), 0);
}

static void userdb_finds_groups(void **state)
{
    (void)state;
    gid_t g, gids[4];
    PUT("root:x:0:\n"
        "wheel:x:10:alice,bob\n"
        "bad:x:ten:alice\n"
        "again:x:10:alice\n"
        "audio:x:20:bob,alice\n"
        "video:x:21:bob,malice,alic\n"
        "nomembers:x:22\n"
        "last:x:23:carol,alice");
    assert_int_equal(userdb_group_in(file, "audio", &g), 1);
    assert_int_equal(g, 20);
    assert_int_equal(userdb_group_in(file, "nomembers", &g), 1);
    assert_int_equal(g, 22);
    assert_int_equal(userdb_group_in(file, "bad", &g), 0);
    char name[16];
    assert_int_equal(userdb_group_in(file, "audio", &g), 1);
    assert_int_equal(userdb_group_by_gid_in(file, g, name, sizeof name), 1);
    assert_string_equal(name, "audio");
    assert_int_equal(userdb_group_by_gid_in(file, g, name, 5), 0);
    assert_int_equal(userdb_group_by_gid_in(file, 4000000, name, sizeof name), 0);
    assert_int_equal(userdb_group_by_gid_in("/nonexistent/group", 0, name, sizeof name), 0);
    assert_int_equal(userdb_group_in(file, "", &g), 0);
    assert_int_equal(userdb_group_in(file, "aud", &g), 0);
    assert_int_equal(userdb_grouplist_in(file, "alice", gids, 4), 3);
    assert_int_equal(gids[0], 10);
    assert_int_equal(gids[1], 20);
    assert_int_equal(gids[2], 23);
    assert_int_equal(userdb_grouplist_in(file, "alice", gids, 1), 1);
    assert_int_equal(userdb_grouplist_in(file, "", gids, 4), 0);
    assert_int_equal(userdb_grouplist_in(file, "nobody", gids, 4), 0);
}

/* Lines of every length around the size of the buffer: each is found or skipped, none is cut, and
   what follows it is found. */
static void userdb_skips_long_lines(void **state)
{
    (void)state;
    struct userdb_user u;
    static char text[3 * LINES_MAX];
    for (size_t len = LINES_MAX - 3; len < LINES_MAX + 3; len++) {
        size_t n = (size_t)snprintf(text, sizeof text, "a:x:1:1:::\nlong:x:2:2:");
        size_t start = n - strlen("long:x:2:2:");
        memset(text + n, 'g', len);
        text[start + len] = '\n';
        n = start + len + 1;
        n += (size_t)snprintf(text + n, sizeof text - n, "b:x:3:3:::\n");
        onefile_put(text, n);
        assert_int_equal(userdb_user_in(file, "a", &u), 1);
        assert_int_equal(userdb_user_in(file, "long", &u), len <= LINES_MAX);
        assert_int_equal(userdb_user_in(file, "b", &u), 1);
        assert_int_equal(u.uid, 3);
    }
    /* a piece of a long line is no line */
    memset(text, 'x', sizeof text);
    memcpy(text + LINES_MAX + 1, "c:x:4:4:::", 10);
    onefile_put(text, sizeof text);
    assert_int_equal(userdb_user_in(file, "c", &u), 0);
}

static void userdb_agrees_with_the_system(void **state)
{
    (void)state;
    struct userdb_user u;
    gid_t g;
    struct passwd *p;
    struct group *gr;
    while ((p = getpwent())) {
        assert_int_equal(userdb_user(p->pw_name, &u), 1);
        assert_int_equal(u.uid, p->pw_uid);
        assert_int_equal(u.gid, p->pw_gid);
        assert_string_equal(u.home, p->pw_dir);
    }
    endpwent();
    while ((gr = getgrent())) {
        assert_int_equal(userdb_group(gr->gr_name, &g), 1);
        assert_int_equal(g, gr->gr_gid);
    }
    endgrent();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, onefile_setup, onefile_teardown)
    const struct CMUnitTest tests[] = {
        T(userdb_number_is_strict), T(userdb_finds_users),
        T(userdb_finds_groups),     T(userdb_without_a_file_knows_nobody),
        T(userdb_skips_long_lines), T(userdb_agrees_with_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
