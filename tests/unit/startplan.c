#include "scratch.h"

#include <cairn/startplan.h>

static char const *variable(void *data, char const *name)
{
    (void)data;
    return strcmp(name, "SET") ? NULL : "1";
}

static struct svswitch_env const env = {.get = variable};

/* A service in a source, with the files named: a final slash makes a directory. */
static void service(char const *source, char const *name, char const *const *files)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", source, name);
    dir(path);
    for (; files && *files; files++) {
        snprintf(path, sizeof path, "%s/%s/%s", source, name, *files);
        if (path[strlen(path) - 1] == '/')
            dir(path);
        else
            put(path, "", 0644);
    }
}

#define FILES(...) ((char const *const[]){__VA_ARGS__, NULL})

static struct startplan plan;

static void make(char const *disable, char const *enable)
{
    char const *culprit;
    struct startplan_source const sources[] = {
        {.fd = open(in("live"), O_RDONLY | O_DIRECTORY), .path = "LIVE"},
        {.fd = -1, .path = "NONE"},
        {.fd = open(in("image"), O_RDONLY | O_DIRECTORY), .path = "IMAGE"}};
    plan = (struct startplan)STARTPLAN_ZERO;
    assert_int_equal(startplan_make(&plan, sources, 3, disable, enable, &env, &culprit), 0);
    close(sources[0].fd);
    close(sources[2].fd);
}

static struct startplan_service const *get_service(char const *name)
{
    int i = svorder_find(&plan.order, name, svorder_count(&plan.order));
    assert_true(i >= 0);
    return startplan_service(&plan, (unsigned int)i);
}

static enum downfile down(char const *name)
{
    return startplan_down(get_service(name));
}

/* Frees the plan; there must have been these remarks and no others. */
static void said(enum startplan_weight weight, char const *const *texts)
{
    enum startplan_weight w;
    char const *text;
    unsigned int i = 0;
    for (; (text = startplan_remark(&plan, i, &w)); i++) {
        assert_non_null(texts[i]);
        assert_non_null(strstr(text, texts[i]));
        assert_int_equal(w, weight);
    }
    assert_null(texts[i]);
    startplan_free(&plan);
}

#define NOTHING ((char const *const[]){NULL})

static int begin(void **state)
{
    if (scratch_setup(state))
        return -1;
    dir("live");
    dir("live/.s6-svscan");
    dir("live/s6-svscan-log");
    dir("image");
    put("image/file", "", 0644);
    service("image", "db", FILES("run"));
    service("image", "app", FILES("run", "dependencies.d/", "dependencies.d/db"));
    service("image", "top", FILES("run", "dependencies.d/", "dependencies.d/app"));
    return 0;
}

static void startplan_finds_the_services(void **state)
{
    (void)state;
    make(NULL, NULL);
    assert_int_equal(svorder_count(&plan.order), 3);
    assert_int_equal(get_service("db")->sources, 1u << 2);
    assert_int_equal(down("db"), DOWNFILE_USER);
    assert_int_equal(down("app"), DOWNFILE_WAITS);
    assert_int_equal(down("top"), DOWNFILE_WAITS);
    assert_false(get_service("top")->held);
    said(STARTPLAN_WARNING, NOTHING);
}

static void startplan_merges_sources(void **state)
{
    (void)state;
    service("live", "db", FILES("down"));
    service("live", "made", FILES("dependencies.d/", "dependencies.d/db"));
    put("live/db/down", "S6_SERVICES_DISABLE\n", 0644);
    make(NULL, NULL);
    assert_int_equal(svorder_count(&plan.order), 4);
    assert_int_equal(get_service("db")->sources, 1u << 2 | 1);
    /* its supervisor was told to keep it down: it has to be started */
    assert_int_equal(down("db"), DOWNFILE_WAITS);
    assert_int_equal(down("made"), DOWNFILE_WAITS);
    said(STARTPLAN_WARNING, NOTHING);
    put("live/db/down", "", 0644);
    make(NULL, NULL);
    assert_int_equal(get_service("db")->why, SVSWITCH_DOWN);
    assert_int_equal(down("db"), DOWNFILE_USER);
    assert_true(get_service("app")->held);
    assert_true(get_service("top")->held);
    assert_true(get_service("made")->held);
    said(STARTPLAN_WARNING,
         FILES("waits for db, which has a file down", "waits for db, which has a file down"));
    make(NULL, "db");
    assert_int_equal(down("db"), DOWNFILE_NONE);
    assert_false(get_service("app")->held);
    said(STARTPLAN_WARNING, NOTHING);
}

static void startplan_switches(void **state)
{
    (void)state;
    make("db", NULL);
    assert_int_equal(down("db"), DOWNFILE_DISABLED);
    assert_int_equal(down("app"), DOWNFILE_USER); /* needs nobody else */
    assert_int_equal(down("top"), DOWNFILE_WAITS);
    said(STARTPLAN_STRICT,
         FILES("service app needs db, which is switched off (S6_SERVICES_DISABLE)"));
    put("image/app/enable-if-env", "NO\n", 0644);
    make(NULL, NULL);
    assert_int_equal(down("app"), DOWNFILE_UNMET);
    said(STARTPLAN_STRICT,
         FILES("service top needs app, which is switched off (enable-if-env: NO)"));
    put("image/app/enable-if-env", "SET\n", 0644);
    make(NULL, NULL);
    said(STARTPLAN_WARNING, NOTHING);
    put("image/app/enable-if-env", "!NO\n", 0644);
    make(NULL, NULL);
    assert_int_equal(down("app"), DOWNFILE_WAITS);
    said(STARTPLAN_WARNING, FILES("IMAGE/app/enable-if-env: neither NAME nor NAME=VALUE: \"!NO\""));
    assert_int_equal(unlink(in("image/app/enable-if-env")), 0);
    make("tpo, nobody-at-all", "ap");
    said(STARTPLAN_WARNING, FILES("S6_SERVICES_DISABLE: there is no service tpo (is it top?)",
                                  "there is no service nobody-at-all (there are: ",
                                  "S6_SERVICES_ENABLE: there is no service ap (is it app?)"));
}

static void startplan_says_that_there_are_none(void **state)
{
    (void)state;
    assert_int_equal(rename(in("image"), in("elsewhere")), 0);
    dir("image");
    make("db", NULL);
    said(STARTPLAN_WARNING, FILES("S6_SERVICES_DISABLE: there is no service db (there are none)"));
}

static void startplan_refuses(void **state)
{
    (void)state;
    put("image/top/dependencies.d/dbb", "", 0644);
    make(NULL, NULL);
    said(STARTPLAN_REFUSAL,
         FILES("IMAGE/top/dependencies.d/dbb: there is no service dbb (is it db?)"));
    make("top", NULL);
    said(STARTPLAN_WARNING, FILES("there is no service dbb"));
    assert_int_equal(unlink(in("image/top/dependencies.d/dbb")), 0);
    dir("image/db/dependencies.d");
    put("image/db/dependencies.d/top", "", 0644);
    make(NULL, NULL);
    said(STARTPLAN_REFUSAL, FILES("app -> db -> top -> app"));
    make("top", NULL); /* who is off is in no circle */
    said(STARTPLAN_STRICT, FILES("service db needs top"));
}

static void startplan_puts_refusals_first(void **state)
{
    (void)state;
    enum startplan_weight w;
    service("image", "x", FILES("dependencies.d/", "dependencies.d/x"));
    make("nobody", NULL);
    assert_non_null(strstr(startplan_remark(&plan, 0, &w), "x -> x"));
    assert_int_equal(w, STARTPLAN_REFUSAL);
    assert_non_null(strstr(startplan_remark(&plan, 1, &w), "nobody"));
    assert_int_equal(w, STARTPLAN_WARNING);
    assert_null(startplan_remark(&plan, 2, &w));
    startplan_free(&plan);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup_teardown(startplan_finds_the_services, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(startplan_merges_sources, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(startplan_switches, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(startplan_says_that_there_are_none, begin,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(startplan_refuses, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(startplan_puts_refusals_first, begin, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
