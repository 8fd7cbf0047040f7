#include <dirent.h>
#include <errno.h>

#include "scratch.h"

#include <cairn/slurp.h>
#include <cairn/stagefile.h>

#include "fakeroot.h"

static char const *content(char const *path)
{
    static stralloc sa = STRALLOC_ZERO;
    sa.len = 0;
    if (!slurp_file(&sa, path, 1000))
        return errno == EFBIG ? "(too large)" : "(none)";
    assert_true(stralloc_0(&sa));
    return sa.s;
}

static struct stagefile_like like(mode_t mode)
{
    return (struct stagefile_like){.mode = mode, .uid = (uid_t)-1, .gid = (gid_t)-1};
}

static mode_t mode_of(char const *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void new_file_is_beside_and_then_in_place(void **state)
{
    (void)state;
    struct stagefile s = STAGEFILE_ZERO;
    struct stagefile_like const l = like(0640);
    char dest[512];
    snprintf(dest, sizeof dest, "%s", in("new"));
    assert_int_equal(stagefile_make(&s, dest, "hello", 5, &l), 1);
    assert_int_equal(access(dest, F_OK), -1);
    assert_string_equal(content(s.path.s), "hello");
    assert_memory_equal(s.path.s, in(".new"), strlen(in(".new")));
    assert_int_equal(stagefile_differs(&s), 1);
    assert_int_equal(stagefile_commit(&s), 1);
    assert_string_equal(content(dest), "hello");
    assert_int_equal(mode_of(dest), 0640);
}

static void sameness_is_bytes_and_mode(void **state)
{
    (void)state;
    char dest[512];
    struct stagefile_like const modes[] = {like(0644), like(0644), like(0600)};
    char const *const bytes[] = {"same", "samd", "same"};
    int const differs[] = {0, 1, 1};
    put("file", "same", 0644);
    snprintf(dest, sizeof dest, "%s", in("file"));
    for (int i = 0; i < 3; i++) {
        struct stagefile s = STAGEFILE_ZERO;
        char name[512];
        assert_int_equal(stagefile_make(&s, dest, bytes[i], 4, modes + i), 1);
        snprintf(name, sizeof name, "%s", s.path.s);
        assert_int_equal(stagefile_differs(&s), differs[i]);
        stagefile_drop(&s);
        assert_int_equal(access(name, F_OK), -1);
    }
    assert_string_equal(content(dest), "same");
}

static void nothing_is_left_of_a_failure(void **state)
{
    (void)state;
    struct stagefile s = STAGEFILE_ZERO;
    struct stagefile_like const l = like(0644);
    char dest[512];
    snprintf(dest, sizeof dest, "%s", in("nodir/file"));
    assert_int_equal(stagefile_make(&s, dest, "x", 1, &l), 0);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(s.path.len, 0);
    stagefile_drop(&s);
    /* a directory cannot be replaced */
    dir("dir");
    snprintf(dest, sizeof dest, "%s", in("dir"));
    assert_int_equal(stagefile_make(&s, dest, "x", 1, &l), 1);
    assert_int_equal(stagefile_commit(&s), 0);
    char name[512];
    snprintf(name, sizeof name, "%s", s.path.s);
    assert_int_equal(access(name, F_OK), 0);
    stagefile_keep(&s);
    assert_int_equal(access(name, F_OK), 0);
    assert_int_equal(unlink(name), 0);
}

static void long_names_are_shortened(void **state)
{
    (void)state;
    struct stagefile s = STAGEFILE_ZERO;
    struct stagefile_like const l = like(0644);
    char dest[512];
    size_t n = (size_t)snprintf(dest, sizeof dest, "%s/", scratch);
    memset(dest + n, 'n', 255);
    dest[n + 255] = 0;
    assert_int_equal(stagefile_make(&s, dest, "x", 1, &l), 1);
    assert_int_equal(stagefile_commit(&s), 1);
    assert_string_equal(content(dest), "x");
}

static void files_are_read_up_to_a_bound(void **state)
{
    (void)state;
    char text[1002];
    memset(text, 'x', 1001);
    text[1001] = 0;
    put("long", text, 0600);
    assert_string_equal(content(in("long")), "(too large)");
    text[1000] = 0;
    put("long", text, 0600);
    assert_int_equal(strlen(content(in("long"))), 1000);
    assert_string_equal(content(in("nosuch")), "(none)");
    assert_int_equal(errno, ENOENT);
    assert_string_equal(content(scratch), "(none)");
    assert_int_equal(errno, EISDIR);
}

static void what_cannot_be_compared_is_said(void **state)
{
    (void)state;
    struct stagefile s = STAGEFILE_ZERO;
    struct stagefile_like const l = {.mode = 0644, .uid = geteuid(), .gid = getegid()};
    char dest[512];
    assert_int_equal(symlink("loop", in("loop")), 0);
    snprintf(dest, sizeof dest, "%s", in("loop"));
    assert_int_equal(stagefile_make(&s, dest, "x", 1, &l), 1);
    assert_int_equal(stagefile_differs(&s), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(unlink(dest), 0);
    put("loop", "x", 0644);
    assert_int_equal(stagefile_differs(&s), 0);
    assert_int_equal(unlink(s.path.s), 0);
    assert_int_equal(stagefile_differs(&s), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(stagefile_commit(&s), 0);
    assert_int_equal(errno, ENOENT);
    stagefile_drop(&s);
}

static int is_staged(struct stagefile const *s)
{
    return access(s->path.s, F_OK) == 0;
}

static int entries(char const *path)
{
    int n = 0;
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

static char big[1 << 17];

static int onto_mounts(void)
{
    struct stagefile s = STAGEFILE_ZERO;
    struct stagefile_like const l = like(0640);
    check(!mount("none", "/small", "tmpfs", 0, "size=64k"));
    /* a full disk: nothing is left */
    check(!stagefile_make(&s, "/small/file", big, sizeof big, &l) && errno == ENOSPC);
    check(s.path.len == 0);
    check(entries("/small") == 2); /* . and .. */
    /* a file that is a mount keeps its inode and gets the rest */
    check(stagefile_make(&s, "/small/file", "old text", 8, &l) && stagefile_commit(&s));
    check(!mount("/small/file", "/dest", NULL, MS_BIND, NULL));
    struct stat before, after;
    struct stagefile_like const other = like(0604);
    check(!stat("/dest", &before));
    check(stagefile_make(&s, "/dest", "new", 3, &other) && stagefile_differs(&s) == 1);
    check(stagefile_commit(&s) && s.path.len == 0);
    check(!strcmp(content("/dest"), "new") && mode_of("/dest") == 0604);
    check(!stat("/dest", &after) && before.st_ino == after.st_ino);
    check(stagefile_make(&s, "/dest", "new", 3, &other) && stagefile_differs(&s) == 0);
    stagefile_drop(&s);
    /* where there is no room for the bytes, none of them is written */
    memset(big, 'x', sizeof big);
    check(stagefile_make(&s, "/dest", big, sizeof big, &l));
    check(!stagefile_commit(&s) && errno == ENOSPC && is_staged(&s));
    check(!strcmp(content("/dest"), "new"));
    stagefile_drop(&s);
    /* nor where it may not be */
    check(!mount(NULL, "/dest", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    check(stagefile_make(&s, "/dest", "y", 1, &l));
    check(!stagefile_commit(&s) && errno == EROFS && is_staged(&s));
    stagefile_drop(&s);
    return 0;
}

static void mounts_are_written_into(void **state)
{
    (void)state;
    dir("root");
    dir("root/small");
    put("root/dest", "", 0644);
    in_root("root", CLONE_NEWNS, onto_mounts);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(new_file_is_beside_and_then_in_place),
        cmocka_unit_test(sameness_is_bytes_and_mode),
        cmocka_unit_test(nothing_is_left_of_a_failure),
        cmocka_unit_test(long_names_are_shortened),
        cmocka_unit_test(files_are_read_up_to_a_bound),
        cmocka_unit_test(what_cannot_be_compared_is_said),
        cmocka_unit_test(mounts_are_written_into),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
