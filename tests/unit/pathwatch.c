#include "scratch.h"

#include <cairn/pathwatch.h>

static struct pathwatch w;

/* Has something happened that counts? inotify tells at once. */
static int changed(void)
{
    return pathwatch_read(&w);
}

static void rename_to(char const *from, char const *to)
{
    assert_int_equal(rename(in(from), in(to)), 0);
}

static void a_file_written_or_replaced_counts(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", in("f"));
    put("f", "1", 0600);
    assert_int_equal(pathwatch_open(&w), 1);
    assert_int_equal(pathwatch_file(&w, path), 1);
    assert_int_equal(pathwatch_name(&w, path), 1);
    assert_int_equal(changed(), 0);
    put("f", "2", 0600);
    assert_int_equal(changed(), 1);
    assert_int_equal(changed(), 0);
    put("g", "3", 0600);
    put(".f123", "3", 0600);
    assert_int_equal(unlink(in(".f123")), 0);
    assert_int_equal(changed(), 0);
    rename_to("g", "f");
    assert_int_equal(changed(), 1);
    pathwatch_close(&w);
}

static void a_file_that_comes_and_goes_counts(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", in("later"));
    assert_int_equal(pathwatch_open(&w), 1);
    assert_int_equal(pathwatch_file(&w, path), 0);
    assert_int_equal(pathwatch_name(&w, path), 1);
    put("late", "", 0600);
    assert_int_equal(changed(), 0);
    put("later", "", 0600);
    assert_int_equal(changed(), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(changed(), 1);
    pathwatch_close(&w);
}

static void a_link_that_leads_elsewhere_counts(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", in("link"));
    put("one", "", 0600);
    assert_int_equal(symlink("one", path), 0);
    assert_int_equal(pathwatch_open(&w), 1);
    assert_int_equal(pathwatch_file(&w, path), 1);
    put("two", "", 0600);
    rename_to("two", "one");
    assert_int_equal(changed(), 1);
    pathwatch_close(&w);
}

static void names_of_a_directory_count_by_pattern(void **state)
{
    (void)state;
    char path[512];
    dir("d");
    snprintf(path, sizeof path, "%s", in("d"));
    assert_int_equal(pathwatch_open(&w), 1);
    assert_int_equal(pathwatch_dir(&w, path, "*.yml"), 1);
    put("d/x.txt", "", 0600);
    assert_int_equal(changed(), 0);
    put("d/x.yml", "", 0600);
    assert_int_equal(changed(), 1);
    dir("d/sub");
    assert_int_equal(changed(), 1);
    rename_to("d", "e");
    assert_int_equal(changed(), 1);
    pathwatch_close(&w);
}

static void names_in_the_working_directory(void **state)
{
    (void)state;
    assert_int_equal(chdir(scratch), 0);
    assert_int_equal(pathwatch_open(&w), 1);
    assert_int_equal(pathwatch_name(&w, "here"), 1);
    assert_int_equal(pathwatch_name(&w, "nosuch/here"), 0);
    put("there", "", 0600);
    assert_int_equal(changed(), 0);
    put("here", "", 0600);
    assert_int_equal(changed(), 1);
    pathwatch_close(&w);
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(a_file_written_or_replaced_counts),
        cmocka_unit_test(a_file_that_comes_and_goes_counts),
        cmocka_unit_test(a_link_that_leads_elsewhere_counts),
        cmocka_unit_test(names_of_a_directory_count_by_pattern),
        cmocka_unit_test(names_in_the_working_directory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
