/* ctconf, ctkeys, goduration: the settings of consul-template from flags, files and environment. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/ctconf.h>
#include <cairn/ctkeys.h>
#include <cairn/ctword.h>
#include <cairn/goduration.h>

static struct pool pool;
static struct ctconf conf;
static char dir[] = "/tmp/ctconf.XXXXXX";

static char const *put(char const *name, char const *text)
{
    static char path[8][64];
    static int n;
    char *p = path[n++ % 8];
    snprintf(p, 64, "%s/%s", dir, name);
    int fd = open(p, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return p;
}

static enum ctconf_result read_args(char const *const *argv)
{
    pool_free(&pool);
    return ctconf_read(&conf, &pool, argv);
}
#define READ(...) read_args((char const *const[]){"consul-template", __VA_ARGS__, NULL})

/* Reads the text as a file. */
static enum ctconf_result read_text(char const *text)
{
    return READ("-config", put("one.hcl", text));
}

static void durations(void **state)
{
    (void)state;
    static struct {
        char const *s;
        int64_t ns;
    } const good[] = {
        {"0", 0},
        {"1ns", 1},
        {"250ms", 250000000},
        {"1.5s", 1500000000},
        {"1h2m3s", 3723000000000},
        {"-2s", -2000000000},
        {"+1us", 1000},
        {"1\xc2\xb5s", 1000},
        {".5s", 500000000},
        {"1.m", 60000000000},
    };
    static char const *const bad[] = {"",  "1",  "s",  "1x",  "1 s",
                                      "-", ".s", "1.", "1s2", "99999999999h"};
    int64_t ns;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(goduration_parse(good[i].s, strlen(good[i].s), &ns));
        assert_int_equal(ns, good[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(goduration_parse(bad[i], strlen(bad[i]), &ns));
    assert_true(ctword_ms("1500us", &ns));
    assert_int_equal(ns, 2); /* rounded up */
}

static void defaults(void **state)
{
    (void)state;
    assert_int_equal(READ("-once"), CTCONF_OK);
    assert_string_equal(conf.consul.address, "127.0.0.1:8500");
    assert_int_equal(conf.consul.retry.attempts, 0);
    assert_int_equal(conf.consul.retry.backoff, 250);
    assert_int_equal(conf.consul.retry.max_backoff, 60000);
    assert_int_equal(conf.max_stale, 2000);
    assert_int_equal(conf.block_query_wait, 60000);
    assert_int_equal(conf.kill_signal, SIGINT);
    assert_int_equal(conf.reload_signal, SIGHUP);
    assert_int_equal(conf.exec.kill_signal, SIGINT);
    assert_int_equal(conf.exec.kill_timeout, 30000);
    assert_string_equal(conf.log_level, "warn");
    assert_string_equal(conf.syslog_facility, "LOCAL0");
    assert_false(conf.wait.enabled || conf.syslog || conf.dry);
    assert_true(conf.once && conf.consul.ssl_verify);
    assert_null(conf.exec.command);
}

static void every_key(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(
            "consul { address = \"h:1\" token = \"t\" token_file = \"/f\" namespace = \"n\"\n"
            "  auth { username = \"u\" password = \"p\" }\n"
            "  retry { enabled = true attempts = 3 backoff = \"1s\" max_backoff = \"2s\" }\n"
            "  ssl { verify = false cert = \"c\" key = \"k\" ca_cert = \"cc\" ca_path = \"cp\" "
            "server_name = \"s\" }\n"
            "  transport { dial_keep_alive = \"1s\" dial_timeout = \"2s\" "
            "disable_keep_alives = true max_idle_conns_per_host = 5 tls_handshake_timeout = "
            "\"3s\" } }\n"
            "kill_signal = \"SIGTERM\"\nreload_signal = \"\"\nlog_level = \"DEBUG\"\n"
            "max_stale = \"10m\"\npid_file = \"/p\"\nblock_query_wait = 5000000000\n"
            "wait { min = \"1s\" }\nerr_on_failed_lookup = true\n"
            "log_file { path = \"/l\" }\n"
            "syslog { facility = \"LOCAL5\" name = \"nm\" }\n"
            "exec { command = \"x y\" splay = \"5s\" kill_signal = \"TERM\" kill_timeout = "
            "\"2s\" reload_signal = \"USR1\" timeout = \"9s\"\n"
            "  env { pristine = true custom = [\"A=1\", \"B=2\"] whitelist = \"C,D\" "
            "denylist = [\"E\"] } }\n"
            "default_delimiters { left = \"<\" right = \">\" }\n"
            "template_error_fatal = false\n"
            "vault {}\ndeduplicate { enabled = false }\n"
            "template { contents = \"x\" }\n"),
        CTCONF_OK);
    struct ctconf_consul const *c = &conf.consul;
    assert_string_equal(c->address, "h:1");
    assert_string_equal(c->token, "t");
    assert_string_equal(c->token_file, "/f");
    assert_string_equal(c->namespace, "n");
    assert_string_equal(c->username, "u");
    assert_string_equal(c->password, "p");
    assert_int_equal(c->retry.attempts, 3);
    assert_int_equal(c->retry.backoff, 1000);
    assert_int_equal(c->retry.max_backoff, 2000);
    assert_true(c->ssl && !c->ssl_verify && c->disable_keep_alives);
    assert_string_equal(c->ssl_cert, "c");
    assert_string_equal(c->ssl_key, "k");
    assert_string_equal(c->ssl_ca_cert, "cc");
    assert_string_equal(c->ssl_ca_path, "cp");
    assert_string_equal(c->ssl_server_name, "s");
    assert_int_equal(c->dial_keep_alive, 1000);
    assert_int_equal(c->dial_timeout, 2000);
    assert_int_equal(c->max_idle_conns_per_host, 5);
    assert_int_equal(c->tls_handshake_timeout, 3000);
    assert_int_equal(conf.kill_signal, SIGTERM);
    assert_int_equal(conf.reload_signal, 0);
    assert_string_equal(conf.log_level, "DEBUG");
    assert_int_equal(conf.max_stale, 600000);
    assert_int_equal(conf.block_query_wait, 5000);
    assert_true(conf.wait.enabled && conf.wait.min == 1000 && conf.wait.max == 4000);
    assert_true(conf.err_on_failed_lookup && conf.syslog);
    assert_string_equal(conf.pid_file, "/p");
    assert_string_equal(conf.log_file, "/l");
    assert_string_equal(conf.syslog_facility, "LOCAL5");
    assert_string_equal(conf.syslog_name, "nm");
    assert_string_equal(conf.exec.command, "x y");
    assert_int_equal(conf.exec.splay, 5000);
    assert_int_equal(conf.exec.kill_signal, SIGTERM);
    assert_int_equal(conf.exec.kill_timeout, 2000);
    assert_int_equal(conf.exec.reload_signal, SIGUSR1);
    assert_true(conf.exec.env_pristine);
    assert_string_equal(conf.exec.env_custom[1], "B=2");
    assert_null(conf.exec.env_custom[2]);
    assert_string_equal(conf.exec.env_allow[1], "D");
    assert_string_equal(conf.exec.env_deny[0], "E");
    assert_string_equal(conf.tmpl->left_delimiter, "<");
    assert_string_equal(conf.tmpl->right_delimiter, ">");
    assert_false(conf.tmpl->error_fatal);
    assert_true(conf.tmpl->wait.enabled);
}

static void every_key_of_a_template(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(
            "wait = \"9s\"\ntemplate { source = \"s\" destination = \"d\" command = \"c\" "
            "command_timeout = \"5s\" backup = true perms = 0640 wait = \"2s:6s\" "
            "left_delimiter = \"[[\" right_delimiter = \"]]\" error_on_missing_key = true "
            "create_dest_dirs = false error_fatal = false function_denylist = [\"plugin\"] "
            "sandbox_path = \"/b\" user = \"u\" gid = 7 exec { env { pristine = true } } }\n"
            "template { contents = <<E\nx\nE\n perms = \"0755\" command = [\"a\", \"b c\"] }\n"
            "template { source = \"s\" wait { enabled = false } exec { command = \"e\" "
            "timeout = \"1s\" } }\n"
            "template { source = \"s\" command = \"no\" exec { enabled = false } }\n"),
        CTCONF_OK);
    assert_int_equal(conf.templates, 4);
    struct ctconf_template const *t = conf.tmpl;
    assert_string_equal(t->source, "s");
    assert_string_equal(t->destination, "d");
    assert_string_equal(t->command, "c");
    assert_int_equal(t->command_timeout, 5000);
    assert_true(t->backup && t->has_perms && t->error_on_missing_key && t->exec.env_pristine);
    assert_int_equal(t->perms, 0640);
    assert_true(t->wait.enabled && t->wait.min == 2000 && t->wait.max == 6000);
    assert_string_equal(t->left_delimiter, "[[");
    assert_string_equal(t->right_delimiter, "]]");
    assert_false(t->create_dest_dirs || t->error_fatal);
    assert_string_equal(t->denied[0], "plugin");
    assert_string_equal(t->sandbox_path, "/b");
    assert_string_equal(t->user, "u");
    assert_string_equal(t->group, "7");
    assert_non_null(strstr(t->where, "one.hcl:2"));
    t++;
    assert_string_equal(t->contents, "x\n");
    assert_int_equal(t->perms, 0755);
    assert_string_equal(t->argv[1], "b c");
    assert_int_equal(t->wait.max, 36000); /* the global one */
    assert_int_equal(t->command_timeout, 30000);
    assert_true(t->create_dest_dirs && t->error_fatal);
    t++;
    assert_false(t->wait.enabled);
    assert_string_equal(t->command, "e");
    assert_int_equal(t->command_timeout, 1000);
    assert_null(t[1].command);
}

static void every_flag(void **state)
{
    (void)state;
    assert_int_equal(
        READ("-consul-addr", "a:1", "-consul-auth", "u:p", "-consul-token=t", "-consul-token-file",
             "f", "-consul-retry=false", "-consul-retry-attempts", "4", "-consul-retry-backoff",
             "3s", "-consul-retry-max-backoff", "5s", "-consul-ssl", "-consul-ssl-verify=false",
             "-consul-ssl-ca-cert", "cc", "-consul-ssl-ca-path", "cp", "-consul-ssl-cert", "c",
             "-consul-ssl-key", "k", "-consul-ssl-server-name", "s",
             "-consul-transport-dial-keep-alive", "1s", "-consul-transport-dial-timeout", "2s",
             "-consul-transport-disable-keep-alives", "-consul-transport-max-idle-conns-per-host",
             "6", "-consul-transport-tls-handshake-timeout", "4s", "-consul-namespace", "ns"),
        CTCONF_OK);
    assert_string_equal(conf.consul.address, "a:1");
    assert_string_equal(conf.consul.password, "p");
    assert_string_equal(conf.consul.namespace, "ns");
    assert_true(!conf.consul.retry.enabled && conf.consul.retry.attempts == 4);
    assert_true(conf.consul.ssl && !conf.consul.ssl_verify);
    assert_string_equal(conf.consul.ssl_server_name, "s");
    assert_int_equal(conf.consul.dial_timeout, 2000);
    assert_int_equal(
        READ("-exec", "cmd", "-exec-kill-signal", "QUIT", "-exec-kill-timeout", "1s",
             "-exec-reload-signal", "HUP", "-exec-splay", "2s", "-exec-env-pristine",
             "-exec-env-custom", "A=1", "-exec-env-custom", "B=2", "-exec-env-allowlist", "C",
             "-exec-env-whitelist", "D", "-exec-env-denylist", "E", "-exec-env-blacklist", "F",
             "-kill-signal", "TERM", "-reload-signal", "USR2", "-max-stale", "1m",
             "-block-query-wait", "10s", "-log-level", "trace", "-log-file", "lf", "-pid-file",
             "pf", "-syslog", "-syslog-facility", "USER", "-syslog-name", "sn", "-once", "-dry",
             "-parse-only", "-err-on-failed-lookup", "-default-left-delimiter", "((",
             "-default-right-delimiter", "))", "-template-error-fatal=false", "-wait", "1s:2s",
             "-retry", "7s", "-template", "in", "-template", "in:out", "-template", "i:o:c x:y"),
        CTCONF_OK);
    assert_int_equal(conf.exec.kill_signal, SIGQUIT);
    assert_int_equal(conf.exec.reload_signal, SIGHUP);
    assert_string_equal(conf.exec.env_custom[1], "B=2");
    assert_string_equal(conf.exec.env_allow[1], "D");
    assert_string_equal(conf.exec.env_deny[1], "F");
    assert_int_equal(conf.reload_signal, SIGUSR2);
    assert_int_equal(conf.consul.retry.backoff, 7000);
    assert_true(conf.once && conf.dry && conf.parse_only && conf.syslog);
    assert_int_equal(conf.templates, 3);
    assert_null(conf.tmpl[0].destination);
    assert_string_equal(conf.tmpl[1].destination, "out");
    assert_string_equal(conf.tmpl[2].command, "c x:y");
    assert_string_equal(conf.tmpl[2].left_delimiter, "((");
    assert_false(conf.tmpl[2].error_fatal);
    assert_int_equal(conf.tmpl[2].wait.max, 2000);
}

static void who_wins(void **state)
{
    (void)state;
    setenv("CONSUL_HTTP_ADDR", "env:1", 1);
    setenv("CONSUL_HTTP_TOKEN", "env", 1);
    setenv("CONSUL_HTTP_AUTH", "eu:ep", 1);
    setenv("CT_LOG", "info", 1);
    char const *a = put("a.hcl", "consul { address = \"a:1\" retry { attempts = 1 } }\nmax_stale = "
                                 "\"1s\"\ntemplate { source = \"a\" }");
    char const *b = put("b.hcl", "consul { retry { backoff = \"9s\" } }\nmax_stale = \"2s\"\n"
                                 "max_stale = \"3s\"\ntemplate { source = \"b\" }");
    assert_int_equal(READ("-template", "f", "-config", a, "-max-stale", "5s", "-config", b),
                     CTCONF_OK);
    assert_string_equal(conf.consul.address, "a:1");
    assert_string_equal(conf.consul.token, "env");
    assert_string_equal(conf.consul.username, "eu");
    assert_string_equal(conf.log_level, "info");
    assert_int_equal(conf.consul.retry.attempts, 1);
    assert_int_equal(conf.consul.retry.backoff, 9000);
    assert_int_equal(conf.max_stale, 5000);
    assert_int_equal(conf.templates, 3);
    assert_string_equal(conf.tmpl[0].source, "a");
    assert_string_equal(conf.tmpl[1].source, "b");
    assert_string_equal(conf.tmpl[2].source, "f");
    assert_int_equal(READ("-config", a, "-config", b), CTCONF_OK);
    assert_int_equal(conf.max_stale, 3000); /* the last of a file, the last of the files */
    unsetenv("CONSUL_HTTP_ADDR");
    unsetenv("CONSUL_HTTP_TOKEN");
    unsetenv("CONSUL_HTTP_AUTH");
    unsetenv("CT_LOG");
}

static void directories(void **state)
{
    (void)state;
    char sub[64];
    snprintf(sub, sizeof sub, "%s/d", dir);
    assert_int_equal(mkdir(sub, 0700), 0);
    snprintf(sub, sizeof sub, "%s/d/sub", dir);
    assert_int_equal(mkdir(sub, 0700), 0);
    put("d/z.conf",
        "{\"max_stale\": \"7s\", \"template\": [{\"source\": \"z\"}, {\"source\": \"y\"}]}");
    put("d/a", "template { source = \"a\" }\nmax_stale = \"1s\"");
    put("d/sub/b.txt", "template { source = \"b\" }");
    snprintf(sub, sizeof sub, "%s/d", dir);
    assert_int_equal(READ("-config", sub), CTCONF_OK);
    assert_int_equal(conf.templates, 4);
    assert_string_equal(conf.tmpl[0].source, "a");
    assert_string_equal(conf.tmpl[1].source, "b");
    assert_string_equal(conf.tmpl[2].source, "z");
    assert_int_equal(conf.max_stale, 7000);
}

static void mistakes(void **state)
{
    (void)state;
    static struct {
        char const *text, *why;
    } const rows[] = {
        {"tempalte {}", "one.hcl:1: tempalte: the file has no such key: is \"template\" meant?"},
        {"template {\n soruce = \"x\"\n}",
         "one.hcl:2: soruce: template has no such key: is \"source\""},
        {"template \"x\" { source = \"y\" }", "x: template has no such key"},
        {"template { source = \"x\" contents = \"y\" }", "source or contents, and not both"},
        {"template { destination = \"y\" }", "source or contents"},
        {"template { source = \"x\" perms = \"999\" }", "an octal mode such as 0644, not \"999\""},
        {"max_stale = \"soon\"", "one.hcl:1: max_stale wants a time such as 250ms"},
        {"max_stale = \"-1s\"", "max_stale wants a time"},
        {"max_stale = true", "max_stale wants a time"},
        {"max_stale = []", "max_stale: it wants a time"},
        {"kill_signal = \"SIGNONE\"", "a signal such as SIGHUP"},
        {"wait = \"5s:1s\"", "the minimum is more than the maximum"},
        {"wait { max = \"1s\" }", "min is missing"},
        {"consul { retry = 5 }", "one.hcl:1: retry: a block in braces is wanted"},
        {"consul { ssl { verify = \"maybe\" } }", "verify wants true or false"},
        {"vault { address = \"x\" }", "vault: is not supported"},
        {"nomad { address = \"x\" }", "nomad: is not supported"},
        {"deduplicate { enabled = true }", "deduplicate: is not supported"},
        {"log_level = \"loud\"", "log level \"loud\""},
        {"exec { env { custom = [1.5] } }", "a list of strings is wanted"},
        {"a = \n", "one.hcl:2:1: a value belongs here"},
        {"{\"a\": 1}", "one.hcl: a: the file has no such key"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum ctconf_result r = read_text(rows[i].text);
        if (r != CTCONF_FAILED || !strstr(conf.why, rows[i].why))
            print_error("%s\n    %d %s\n", rows[i].text, (int)r, conf.why);
        assert_true(r == CTCONF_FAILED && strstr(conf.why, rows[i].why));
    }
    assert_int_equal(READ("-config", "/no/such/file"), CTCONF_FAILED);
    assert_non_null(strstr(conf.why, "/no/such/file"));
    assert_int_equal(READ("-cosnul-addr", "x"), CTCONF_USAGE);
    assert_int_equal(READ("-wait", "x"), CTCONF_USAGE);
    assert_int_equal(READ("-template", ":out"), CTCONF_USAGE);
    assert_int_equal(READ("-dedup"), CTCONF_USAGE);
    assert_int_equal(READ("-vault-addr", "x"), CTCONF_USAGE);
    assert_non_null(strstr(conf.why, "Consul only"));
    assert_int_equal(READ("-once", "extra"), CTCONF_USAGE);
    assert_non_null(strstr(conf.why, "\"extra\""));
    assert_int_equal(READ("-h"), CTCONF_HELP);
    assert_int_equal(READ("-version"), CTCONF_VERSION);
    assert_int_equal(READ("-v"), CTCONF_VERSION);
    setenv("CONSUL_HTTP_SSL", "maybe", 1);
    assert_int_equal(READ("-once"), CTCONF_FAILED);
    assert_non_null(strstr(conf.why, "CONSUL_HTTP_SSL"));
    unsetenv("CONSUL_HTTP_SSL");
    assert_int_equal(read_text("consul = \"x:1\""), CTCONF_OK);
    assert_string_equal(conf.consul.address, "x:1");
    assert_non_null(conf.warnings[0]);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(durations),   cmocka_unit_test(defaults),
        cmocka_unit_test(every_key),   cmocka_unit_test(every_key_of_a_template),
        cmocka_unit_test(every_flag),  cmocka_unit_test(who_wins),
        cmocka_unit_test(directories), cmocka_unit_test(mistakes),
    };
    char command[64];
    if (!mkdtemp(dir))
        return 111;
    pool_init(&pool, 16 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command) ? 111 : failed;
}
