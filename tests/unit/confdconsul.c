#include "scratch.h"

#include <cairn/confdconsul.h>

#include "config.h"

static struct pool pool;
static struct confdstore store;
static char why[CONFDCONSUL_WHY];

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 20);
    confdstore_init(&store, &pool);
    *why = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static void a_path_is_escaped(void **state)
{
    (void)state;
    assert_string_equal(confdconsul_path(&pool, "/app/name"), "/v1/kv/app/name?recurse=");
    assert_string_equal(confdconsul_path(&pool, "/"), "/v1/kv/?recurse=");
    assert_string_equal(confdconsul_path(&pool, "/a b?%\xc3\xa4-_.~"),
                        "/v1/kv/a%20b%3F%25%C3%A4-_.~?recurse=");
}

#if CAIRN_JANSSON
static int reads(char const *body)
{
    return confdconsul_read(&store, "/app", body, strlen(body), why);
}

static void is_value(char const *key, char const *value)
{
    struct confdpair const *p = confdstore_get(&store, key, strlen(key));
    if (!value)
        assert_null(p);
    else
        assert_string_equal(p ? p->value : "(none)", value);
}

static void values_are_read(void **state)
{
    (void)state;
    assert_int_equal(
        reads("[{\"Key\":\"app/"
              "name\",\"Value\":\"d2Vi\",\"Flags\":18446744073709551615},{\"Key\":\"app/none\","
              "\"Value\":null},{\"Key\":\"app/dir/\",\"Value\":\"\"},{\"Key\":\"application\","
              "\"Value\":\"eA==\"},{\"Key\":\"app/zero\",\"Value\":\"AGE=\"}]"),
        1);
    confdstore_sort(&store);
    is_value("/name", "web");
    is_value("/none", "");
    is_value("/dir", "");
    is_value("/lication", "x");
    is_value("/zero", NULL);
}

static void nothing_is_no_keys(void **state)
{
    (void)state;
    assert_int_equal(reads(""), 1);
    assert_int_equal(reads("[]"), 1);
    assert_int_equal(store.n, 0);
}

static void what_is_no_answer_is_refused(void **state)
{
    static char const *const bad[] = {"{}",
                                      "[1]",
                                      "[{\"Key\":1}]",
                                      "[{\"Value\":\"\"}]",
                                      "[{\"Key\":\"a\",\"Value\":1}]",
                                      "[{\"Key\":\"a\",\"Value\":\"?\"}]"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(reads(bad[i]), 0);
        assert_string_equal(why, "this is no list of keys and values");
    }
    *why = 0;
    assert_int_equal(reads("[{"), 0);
    assert_true(*why);
}
#endif

static void settings_are_taken(void **state)
{
    static char const *const argv[] = {"confd",  "-node",       "consul:8501", "-node",
                                       "other",  "-scheme",     "https",       "-auth-token",
                                       "secret", "-username",   "me",          "-basic-auth",
                                       "-watch", "-client-key", "k.pem",       "-client-insecure",
                                       NULL};
    struct confdconf conf = {.pool = &pool};
    struct confdconsul c;
    (void)state;
    assert_int_equal(confdconf_flags(&conf, argv), CONFDCONF_OK);
    confdconsul_init(&c, &conf, 1, NULL);
    assert_string_equal(c.consul.address, "consul:8501");
    assert_string_equal(c.consul.token, "secret");
    assert_string_equal(c.consul.username, "me");
    assert_string_equal(c.consul.password, "");
    assert_string_equal(c.consul.ssl_key, "k.pem");
    assert_null(c.consul.ssl_cert);
    assert_int_equal(c.consul.ssl, 1);
    assert_int_equal(c.consul.ssl_verify, 0);
    assert_int_equal(c.settings.is_once, 0);
    assert_int_equal(confdconsul_wait(&c), 0);
    confdconsul_stop(&c);
}

/* ---- with a stand-in for consul-fetch */

static struct confdconsul consul;
static char complaint[CONFDCONSUL_WHY];
static unsigned int complaints;

static void on_complaint(char const *text)
{
    snprintf(complaint, sizeof complaint, "%s", text);
    complaints++;
}

/* text is the body of its loop, which has read ID and PATH of a watch. It writes down each. */
static void begin(char const *text)
{
    static char const start[] =
        "#!/bin/sh\n"
        "data() { printf 'data %d 200 %d\\n%s\\n' $1 ${#2} \"$2\"; }\n"
        "until_there() { until test -e \"$1\"; do test -e asked || exit; sleep 0.01; done; }\n"
        "cd \"$SCRATCH\"\n"
        "while read what id path; do\n"
        "echo $what $id $path >>asked\n";
    char script[2048];
    static struct confdconf conf;
    conf = (struct confdconf){.pool = &pool};
    snprintf(script, sizeof script, "%s%s\ndone\n", start, text);
    put("consul-fetch", script, 0755);
    put("asked", "", 0644);
    unlink(in("go"));
    setenv("CAIRN_BINDIR", scratch, 1);
    setenv("SCRATCH", scratch, 1);
    complaints = 0;
    confdconsul_init(&consul, &conf, 1, on_complaint);
}

static int fill(char const *key)
{
    confdstore_init(&store, &pool);
    int r = confdconsul_fill(&consul, &store, "/app", &key, 1, why);
    confdstore_sort(&store);
    return r;
}

static void no_consul_fetch_is_said(void **state)
{
    (void)state;
    begin("");
    unlink(in("consul-fetch"));
    assert_int_equal(fill("/a"), 0);
    assert_string_equal(why, "cannot start consul-fetch: No such file or directory");
    assert_int_equal(confdconsul_wait(&consul), 0);
    /* nothing to ask for is nothing to start */
    assert_int_equal(confdconsul_fill(&consul, &store, "/app", NULL, 0, why), 1);
}

static void what_ends_is_said(void **state)
{
    (void)state;
    begin("exit 0");
    assert_int_equal(fill("/a"), 0);
    assert_string_equal(why, "consul-fetch has ended");
    assert_int_equal(confdconsul_wait(&consul), 0);
    confdconsul_stop(&consul);
    begin("echo junk; exec sleep 1000");
    assert_int_equal(fill("/a"), 0);
    assert_string_equal(why, "consul-fetch has ended");
    confdconsul_stop(&consul);
}

static void a_refusal_is_asked_again(void **state)
{
    (void)state;
    begin("case $id in 1) echo failed $id no, not you ;; *) echo data $id 404 0; echo ;; esac");
    assert_int_equal(fill("/a"), 0);
    assert_string_equal(why, "no, not you");
    assert_int_equal(complaints, 0); /* whoever filled knows it */
    assert_int_equal(confdconsul_wait(&consul), 1);
    assert_int_equal(fill("/a"), 1);
    assert_int_equal(store.n, 0);
    assert_string_equal(get("asked"),
                        "watch 1 /v1/kv/app/a?recurse=\nwatch 2 /v1/kv/app/a?recurse=\n");
    confdconsul_stop(&consul);
    assert_null(consul.lists);
}

#if CAIRN_JANSSON
static void a_list_is_asked_once_and_kept(void **state)
{
    (void)state;
    begin("data 99 '[]'\n" /* of a list that is forgotten */
          "data $id '[{\"Key\":\"app/name\",\"Value\":\"d2Vi\"}]'\n"
          "until_there go\n"
          "echo retry $id 5 nobody there\n"
          "data $id '[{\"Key\":\"app/name\",\"Value\":\"ZGI=\"}]'");
    assert_int_equal(fill("/name"), 1);
    is_value("/name", "web");
    assert_int_equal(fill("/name"), 1);
    is_value("/name", "web");
    assert_string_equal(get("asked"), "watch 1 /v1/kv/app/name?recurse=\n");
    put("go", "", 0644);
    assert_int_equal(confdconsul_wait(&consul), 1);
    assert_int_equal(complaints, 1);
    assert_string_equal(complaint, "nobody there");
    assert_int_equal(fill("/name"), 1);
    is_value("/name", "db");
    /* another one beside it */
    unlink(in("go"));
    assert_int_equal(fill("/na"), 1);
    is_value("/name", "web");
    assert_string_equal(get("asked"),
                        "watch 1 /v1/kv/app/name?recurse=\nwatch 2 /v1/kv/app/na?recurse=\n");
    confdconsul_stop(&consul);
}

static void a_failure_later_leaves_what_is_known(void **state)
{
    (void)state;
    begin("data $id '[{\"Key\":\"app/name\",\"Value\":\"d2Vi\"}]'\n"
          "until_there go; echo failed $id gone\n");
    assert_int_equal(fill("/name"), 1);
    put("go", "", 0644);
    for (int i = 0; i < 100 && !complaints; i++)
        assert_int_equal(confdconsul_wait(&consul) || complaints, 1);
    assert_string_equal(complaint, "gone");
    assert_int_equal(fill("/name"), 1);
    is_value("/name", "web");
    confdconsul_stop(&consul);
}
#endif

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup_teardown(a_path_is_escaped, setup, teardown),
#if CAIRN_JANSSON
        cmocka_unit_test_setup_teardown(values_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_no_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_answer_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_is_asked_once_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_later_leaves_what_is_known, setup, teardown),
#endif
        cmocka_unit_test_setup_teardown(settings_are_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(no_consul_fetch_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(what_ends_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_is_asked_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
