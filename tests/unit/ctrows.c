/* ctplain and what it is made of: rows of templates and what they become. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cairn/ctaddr.h>
#include <cairn/ctgroup.h>
#include <cairn/cthash.h>
#include <cairn/ctmath.h>
#include <cairn/ctobject.h>
#include <cairn/ctout.h>
#include <cairn/ctparse.h>
#include <cairn/ctplain.h>
#include <cairn/ctscratch.h>
#include <cairn/cttext.h>
#include <cairn/gojson.h>
#include <cairn/gotoml.h>
#include <cairn/goyaml.h>
#include <cairn/md5.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplrun.h>
#include <cairn/tmpltext.h>

enum { MEMORY = 64 << 20 };

struct row {
    char const *text;
    char const *wanted; /* NULL: it fails, */
    char const *why;    /* saying this */
};

static struct tmplvalue dot;
static struct pool pool;
static char const *sandbox;

/* Returns whether the row is as it should be. */
static int check(struct row const *row)
{
    struct ctplain plain = {.now = 1136214245, .sandbox = sandbox};
    struct tmplfunc_table table[CTPLAIN_TABLES];
    struct tmpl_options options = {.name = "", .table = table};
    struct tmplerror e;
    stralloc out = STRALLOC_ZERO;
    struct pool p;
    pool_init(&p, MEMORY);
    options.tables = ctplain_tables(&plain, table);
    struct tmpl *t = tmplparse(&p, row->text, strlen(row->text), &options, &e);
    plain.tmpl = t;
    int ran = t && tmplrun(t, &dot, &p, &out, MEMORY, &e) && stralloc_0(&out);
    int ok = row->wanted ? ran && !strcmp(out.s, row->wanted) : !ran && strstr(e.why, row->why);
    if (!ok)
        print_error("%s\n    got:  %s\n    want: %s\n", row->text, ran ? out.s : e.why,
                    row->wanted ? row->wanted : row->why);
    stralloc_free(&out);
    pool_free(&p);
    return ok;
}

static void check_all(struct row const *row, size_t n)
{
    unsigned int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed += !check(row + i);
    assert_int_equal(failed, 0);
}
#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

static void text(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{{base64Encode \"a>?\\xff\"}} {{base64URLEncode \"a>?\\xff\"}}",
         "YT4//w== YT4__w==", NULL},
        {"{{base64Decode \"YT4//w==\" | printf \"%q\"}}", "\"a>?\\xff\"", NULL},
        {"{{base64URLDecode \"YT4__w==\" | printf \"%q\"}}", "\"a>?\\xff\"", NULL},
        {"{{base64Decode \"!\"}}", NULL, "no base64"},
        {"{{\" a,b ,c \" | split \",\"}}", "[a b  c]", NULL},
        {"{{\" \" | split \",\" | len}} {{\"a\" | split \"\"}}", "0 [a]", NULL},
        {"{{\"a,b\" | split \",\" | join \"-\"}}", "a-b", NULL},
        {"{{\"aXbX\" | replaceAll \"X\" \"\"}}", "ab", NULL},
        {"{{\" a \\n\" | trimSpace}}|{{trim \"xy\" \"xyaxyx\"}}|{{trim \"\\u00e9\" "
         "\"\\u00e9a\\u00e9\"}}",
         "a|a|a", NULL},
        {"{{trimPrefix \"a\" \"ab\"}} {{trimSuffix \"b\" \"ab\"}} {{trimPrefix \"z\" \"ab\"}}",
         "b a ab", NULL},
        {"{{toUpper \"a\\u00e9\"}} {{toLower \"A\\u00c9\"}} {{toTitle \"it's a_b "
         "\\u00e9t\\u00e9\"}}",
         "A\xc3\x89 a\xc3\xa9 It'S A_b \xc3\x89t\xc3\xa9", NULL},
        {"{{\"a\\n\\nb\\n\" | indent 2}}|", "  a\n  \n  b\n|", NULL},
        {"{{contains \"b\" \"abc\"}} {{\"abc\" | contains \"x\"}} {{in \"abc\" \"c\"}}",
         "true false true", NULL},
        {"{{$l := split \",\" \"a,b\"}}{{contains \"b\" $l}} {{in $l \"x\"}} {{in (parseJSON "
         "\"{\\\"k\\\":\\\"v\\\"}\") \"v\"}}",
         "true false true", NULL},
        {"{{$l := split \",\" \"a,b\"}}{{containsAll (split \",\" \"a,b\") $l}} {{containsAny "
         "(split \",\" \"x,b\") $l}} "
         "{{containsNone (split \",\" \"x,y\") $l}} {{containsNotAll (split \",\" \"a,b\") $l}}",
         "true true true false", NULL},
        {"{{\"foo123\" | regexMatch \"^[a-z]+\\\\d+$\"}} {{regexReplaceAll \"o+\" \"0\" \"foo "
         "boo\"}}",
         "true f0 b0", NULL},
        {"{{regexMatch \"(\" \"x\"}}", NULL, "error parsing regexp"},
        {"{{sha256Hex \"abc\"}}",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", NULL},
        {"{{md5sum \"\"}} {{md5sum \"message digest\"}}",
         "d41d8cd98f00b204e9800998ecf8427e f96b697d7cb7938d525a2f31aaf161d0", NULL},
        {"{{md5sum "
         "\"12345678901234567890123456789012345678901234567890123456789012345678901234567890\"}}",
         "57edf4a22be3c955ac49da2e2107b67a", NULL},
        {"{{hmacSHA256Hex \"what do ya want for nothing?\" \"Jefe\"}}",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", NULL},
    };
    CHECK(rows);
}

static void numbers(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{{9223372036854775807 | add 1}} {{subtract 1 (parseInt \"-9223372036854775808\")}}",
         "-9223372036854775808 9223372036854775807", NULL},
        {"{{7 | divide 2}} {{7.0 | divide 2}} {{-7 | divide 2}} {{-7 | modulo 4}}", "3 3.5 -3 -3",
         NULL},
        {"{{parseInt \"-9223372036854775808\" | divide -1}} {{parseInt \"-9223372036854775808\" | "
         "modulo -1}}",
         "-9223372036854775808 0", NULL},
        {"{{7 | modulo 0}}", NULL, "integer divide by zero"},
        {"{{7.5 | modulo 2}}", NULL, "wants integers"},
        {"{{minimum 2 5}} {{maximum 2 5}} {{maximum 2 5.5}} {{minimum 2 2.5}}", "2 5 5.5 2", NULL},
        {"{{add nil 1}}", NULL, "add"},
        {"{{range $i, $e := loop 2 5}}{{$i}}={{$e}} {{end}}", "0=2 1=3 2=4 ", NULL},
        {"{{len (loop -2 1)}} {{len (loop 2.0)}}", "3 2", NULL},
        {"{{loop \"2\"}}", NULL, "no integer"},
        {"{{loop 1 2 3}}", NULL, "expected 1 or 2, but got 3"},
        {"{{loop 100000000}}", NULL, "turns"},
        {"{{parseBool \"T\"}} {{parseBool \"\"}} {{parseInt \"-5\"}} {{parseInt \"\"}} {{parseUint "
         "\"7\"}} {{parseFloat \"1e3\"}}",
         "true false -5 0 7 1000", NULL},
        {"{{parseBool \"yes\"}}", NULL, "invalid syntax"},
        {"{{parseInt \"9223372036854775808\"}}", NULL, "out of range"},
        {"{{parseInt \"0x1\"}}", NULL, "invalid syntax"},
        {"{{parseUint \"-1\"}}", NULL, "invalid syntax"},
        {"{{parseFloat \"1x\"}}", NULL, "invalid syntax"},
        {"{{(parseJSON \"{\\\"a\\\":[1,2]}\").a}} {{len (parseJSON \"\")}}", "[1 2] 0", NULL},
        {"{{(parseYAML \"a:\\n- 1\\n- x\").a}} {{len (parseYAML \"\")}}", "[1 x] 0", NULL},
    };
    CHECK(rows);
}

static void maps(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{{scratch.Set \"a\" 1}}{{scratch.SetX \"a\" 2}}{{scratch.Get \"a\"}} {{scratch.Key "
         "\"a\"}} {{scratch.Key \"b\"}}",
         "1 true false", NULL},
        {"{{scratch.MapSet \"m\" \"b\" 1}}{{scratch.MapSet \"m\" \"a\" 2}}{{scratch.Get \"m\"}} "
         "{{scratch.MapValues \"m\"}}",
         "map[a:2 b:1] [2 1]", NULL},
        {"{{scratch.Set \"a\" 1}}{{scratch.MapValues \"a\"}}", NULL, "\"a\" is not a map"},
        {"{{splitToMap \",\" \":\" \"b:2,a:1:x,c,\"}}", "map[a:1:x b:2 c:]", NULL},
        {"{{explodeMap (parseJSON \"{\\\"a/b\\\":1,\\\"a/c/d\\\":2,\\\"e\\\":3,\\\"a.x\\\":4}\")}}",
         "map[a:map[b:1 c:map[d:2]] a.x:4 e:3]", NULL},
        {"{{explodeMap (parseJSON \"{\\\"a/b\\\":1,\\\"a\\\":2}\")}}", NULL,
         "has a value, and keys below it"},
        {"{{$a := parseJSON \"{\\\"x\\\":1,\\\"m\\\":{\\\"p\\\":1}}\"}}{{$b := parseJSON "
         "\"{\\\"x\\\":2,\\\"y\\\":3,\\\"m\\\":{\\\"p\\\":9,\\\"q\\\":2}}\"}}"
         "{{mergeMap $a $b}} {{mergeMapWithOverride $a $b}}",
         "map[m:map[p:1 q:2] x:1 y:3] map[m:map[p:9 q:2] x:2 y:3]", NULL},
        {"{{range $k, $v := byKey .pairs}}{{$k}}:{{range $n, $p := "
         "$v}}{{$n}}={{.Value}}({{.Path}}){{end}};{{end}}",
         "d:x=1(d/x)y/z=2(d/y/z);", NULL},
        {"{{explode .pairs}}", "map[d:map[x:1 y:map[z:2]] e:3]", NULL},
        {"{{range $k, $v := byTag .services}}{{$k}}:{{range $v}}{{.ID}}{{end}};{{end}}",
         "a:12;b:1;", NULL},
        {"{{range $k, $v := byPort .services}}{{$k}}:{{range $v}}{{.ID}}{{end}};{{end}}",
         "80:1;81:2;", NULL},
        {"{{range $k, $v := byMeta \"rack,v|int\" .services}}{{$k}}:{{range "
         "$v}}{{.ID}}{{end}};{{end}}",
         "_00000:2;r_00007:1;", NULL},
        {"{{byTag (parseJSON \"[1]\")}}", NULL, "has no Tags"},
    };
    CHECK(rows);
}

static void other_languages(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{{toJSON (parseJSON \"{\\\"a\\\":[],\\\"b\\\":{},\\\"c\\\":\\\"<\\\"}\")}}",
         "{\"a\":[],\"b\":{},\"c\":\"\\u003c\"}", NULL},
        {"{{toUnescapedJSON (parseJSON \"{\\\"c\\\":\\\"<\\\"}\")}}", "{\"c\":\"<\"}", NULL},
        {"{{toJSONPretty (parseJSON \"{\\\"a\\\":[1]}\")}}", "{\n  \"a\": [\n    1\n  ]\n}", NULL},
        {"{{toUnescapedJSONPretty (parseJSON \"{\\\"a\\\":\\\"&\\\"}\")}}", "{\n  \"a\": \"&\"\n}",
         NULL},
        {"{{toYAML (parseJSON "
         "\"{\\\"a\\\":[],\\\"b\\\":{},\\\"c\\\":[[1,2],[3]],\\\"d\\\":null,\\\"e\\\":\\\"\\\","
         "\\\"f\\\":\\\"1:30\\\",\\\"g\\\":\\\"- x\\\",\\\"h\\\":1e30}\")}}",
         "a: []\nb: {}\nc:\n- - 1\n  - 2\n- - 3\nd: null\ne: \"\"\nf: \"1:30\"\ng: '- x'\nh: 1e+30",
         NULL},
        {"{{toYAML (parseJSON \"{\\\"<<\\\":\\\"<<\\\"}\")}}", "\"<<\": \"<<\"", NULL},
        {"{{toYAML \"yes\"}} {{toYAML 5}} {{toYAML true}}", "\"yes\" 5 true", NULL},
        {"{{toTOML (parseJSON \"{\\\"b "
         "c\\\":\\\"q\\\\\\\"\\\",\\\"t\\\":{\\\"u\\\":{\\\"x\\\":true},\\\"a\\\":2},\\\"l\\\":[{"
         "\\\"n\\\":1},{\\\"n\\\":2}],\\\"z\\\":null}\")}}",
         "\"b c\" = \"q\\\"\"\n\n[[l]]\n  n = 1.0\n\n[[l]]\n  n = 2.0\n\n[t]\n  a = 2.0\n  [t.u]\n "
         "   x = true",
         NULL},
        {"{{toTOML 5}}", NULL, "only a map"},
        {"{{toTOML (parseJSON \"{\\\"a\\\":[1,null]}\")}}", NULL, "null in a list"},
        {"{{spew_sdump 1 \"x\"}} {{spew_sprintf \"%d-%s\" 1 \"x\"}}", "(int) 1\n(string) x\n 1-x",
         NULL},
        {"{{toJSON (index .services 1)}}",
         "{\"Node\":\"\",\"NodeID\":\"\",\"NodeAddress\":\"\",\"NodeTaggedAddresses\":null,"
         "\"NodeMeta\":null,\"ServiceMeta\":null,\"Address\":\"\",\"ID\":\"2\",\"Name\":\"\","
         "\"Tags\":[\"a\"],\"Checks\":null,\"Status\":\"\",\"Port\":81}",
         NULL},
    };
    CHECK(rows);
}

/* What has no form in the other language is said; the edges of numbers and strings. */
static void other_languages_at_their_edges(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{{toJSON 5}} {{toJSON -1.5}} {{toJSON 1e-7}} {{toJSON 1e21}} {{toJSON nil}} {{toJSON "
         "true}}",
         "5 -1.5 1e-7 1e+21 null true", NULL},
        {"{{toJSON \"q\\\"\\\\\\n\\r\\t\\x01\\u2028\\xff\"}}",
         "\"q\\\"\\\\\\n\\r\\t\\u0001\\u2028\\ufffd\"", NULL},
        {"{{toJSON (parseFloat \"NaN\")}}", NULL, "no NaN"},
        {"{{toJSON (parseFloat \"-Inf\")}}", NULL, "no infinity"},
        {"{{toJSON 2i}}", NULL, "no imaginary numbers"},
        {"{{toYAML 2i}}", NULL, "an imaginary number has no YAML"},
        {"{{toYAML \"\\xff\"}}", NULL, "a string is no UTF-8"},
        {"{{toYAML (parseFloat \"NaN\")}} {{toYAML (parseFloat \"-Inf\")}} {{toYAML (parseFloat "
         "\"+Inf\")}}",
         ".nan -.inf .inf", NULL},
        {"{{toYAML \"two\\nlines\\n\"}}", "|\n  two\n  lines", NULL},
        {"{{(index .services 1) | toYAML | regexMatch \"(?m)^port: 81$\"}} {{(index .services 1) | "
         "toYAML | regexMatch \"(?m)^tags:\\n- a$\"}}",
         "true true", NULL},
        {"{{toTOML (parseYAML \"a: 5\\nb: x\\nc: [1, 2]\")}}", "a = 5\nb = \"x\"\nc = [1, 2]",
         NULL},
        {"{{toTOML (parseJSON \"{\\\"a\\\":\\\"\\\\u0001\\\\u007f\\\\n\\\"}\")}}",
         "a = \"\\u0001\\u007f\\n\"", NULL},
        {"{{toTOML (parseYAML \"a: .nan\\nb: -.inf\\nc: .inf\")}}", "a = nan\nb = -inf\nc = +inf",
         NULL},
        {"{{toTOML (parseYAML \"a: [{b: 1}, 2]\")}}", NULL, "a list has maps and other things"},
        {"{{(index .services 1) | toTOML | regexMatch \"(?m)^Port = 81$\"}}", "true", NULL},
    };
    CHECK(rows);
}

/* Each writer stops at its bound, and says so. */
static void other_languages_are_bounded(void **state)
{
    (void)state;
    struct gojson const plain = {.indent = "  "};
    char why[512];
    struct tmplvalue item[2] = {tmplvalue_text("text"), tmplvalue_float(1.5)};
    struct tmplentry entry[2] = {{.key = "a", .n = 1, .value = tmplvalue_list(item, 2)},
                                 {.key = "b", .n = 1}};
    entry[1].value = tmplvalue_text("more");
    struct tmplvalue const v = tmplvalue_map(entry, 2);
    for (int which = 0; which < 3; which++) {
        for (size_t max = 0;; max++) {
            stralloc out = STRALLOC_ZERO;
            int ok = which == 0   ? gojson_put(&out, max, &plain, &v, why)
                     : which == 1 ? goyaml_put(&out, max, &v, why)
                                  : gotoml_put(&out, max, &v, why);
            if (ok) {
                assert_true(max > 20 && out.len == max);
                stralloc_free(&out);
                break;
            }
            assert_true(max < 200);
            assert_true(strstr(why, "than is allowed") || strstr(why, "writes no YAML"));
            int left_out = !!strstr(why, "writes no YAML");
            stralloc_free(&out);
            if (left_out)
                break;
        }
    }
    /* lists in lists, as deep as there are any */
    enum { DEEP = 20000 };
    static struct tmplvalue deep[DEEP];
    deep[0] = tmplvalue_int(1);
    for (size_t i = 1; i < DEEP; i++)
        deep[i] = tmplvalue_list(deep + i - 1, 1);
    stralloc out = STRALLOC_ZERO;
    assert_false(gojson_put(&out, 1 << 30, &plain, deep + DEEP - 1, why));
    assert_non_null(strstr(why, "too deep"));
    assert_false(goyaml_put(&out, 1 << 30, deep + DEEP - 1, why));
    assert_true(strstr(why, "more lists and maps") || strstr(why, "writes no YAML"));
    entry[0].value = deep[DEEP - 1];
    assert_false(gotoml_put(&out, 1 << 30, &v, why));
    assert_non_null(strstr(why, "more lists and maps"));
    stralloc_free(&out);
}

/* writeToFile, in the directory that it is told to stay in. */
static void files_are_written_in_the_sandbox(void **state)
{
    (void)state;
    char box[128], text[512];
    char const *t = getenv("T");
    snprintf(box, sizeof box, "%s/ctrows.XXXXXX", t ? t : "/tmp");
    assert_non_null(mkdtemp(box));
    struct {
        char const *format, *wanted, *why;
    } const rows[] = {
        {"{{writeToFile \"%s/f\" \"\" \"\" \"0600\" \"one\"}}", "", NULL},
        {"{{\"two\" | writeToFile \"%s/f\" \"\" \"\" \"0600\" \"append,newline\"}}", "", NULL},
        {"{{writeToFile \"%s/f\" \"65534\" \"65534\" \"0640\" \"append\" \"\"}}", "", NULL},
        {"{{writeToFile \"%s/link\" \"\" \"\" \"0600\" \"append\" \"x\"}}", NULL,
         "/link' is a symbolic link, which may lead outside of sandbox"},
        {"{{writeToFile \"%s/../f\" \"\" \"\" \"0600\" \"x\"}}", NULL, "is outside of sandbox"},
        {"{{writeToFile \"%s\" \"\" \"\" \"0600\" \"x\"}}", NULL, "is outside of sandbox"},
        {"{{writeToFile \"%s/none/f\" \"\" \"\" \"0600\" \"x\"}}", NULL, "is outside of sandbox"},
        {"{{writeToFile \"f%.0s\" \"\" \"\" \"0600\" \"x\"}}", NULL, "is outside of sandbox"},
        {"{{writeToFile \"%s/f\" \"no-such-user\" \"\" \"0600\" \"x\"}}", NULL,
         "there is no user \"no-such-user\""},
        {"{{writeToFile \"%s/f\" \"\" \"no-such-group\" \"0600\" \"x\"}}", NULL,
         "there is no group \"no-such-group\""},
        {"{{writeToFile \"%s/f\" \"\" \"\" \"0888\" \"x\"}}", NULL, "a mode is octal"},
        {"{{writeToFile \"%s/f\" \"\" \"\" \"17777\" \"x\"}}", NULL, "a mode is octal"},
        {"{{writeToFile \"%s/\" \"\" \"\" \"0600\" \"append\" \"x\"}}", NULL, "cannot write "},
        {"{{writeToFile \"%s/a\\x00b\" \"\" \"\" \"0600\" \"x\"}}", NULL, "byte 0"},
    };
    snprintf(text, sizeof text, "%s/link", box);
    assert_int_equal(symlink("../out", text), 0);
    sandbox = box;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, rows[i].format, box);
        assert_true(check(&(struct row){text, rows[i].wanted, rows[i].why}));
    }
    sandbox = NULL;
    snprintf(text, sizeof text, "%s/../out", box);
    assert_int_equal(access(text, F_OK), -1);
    /* without a sandbox it leads where it leads */
    snprintf(text, sizeof text, "{{writeToFile \"%s/link\" \"\" \"\" \"0600\" \"append\" \"x\"}}",
             box);
    assert_true(check(&(struct row){text, "", NULL}));
    snprintf(text, sizeof text, "%s/../out", box);
    assert_int_equal(unlink(text), 0);
    snprintf(text, sizeof text, "%s/link", box);
    assert_int_equal(unlink(text), 0);
    snprintf(text, sizeof text, "%s/f", box);
    struct stat st;
    assert_int_equal(stat(text, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    if (!geteuid())
        assert_true(st.st_uid == 65534 && st.st_gid == 65534);
    FILE *f = fopen(text, "r");
    assert_non_null(f);
    char got[32] = "";
    assert_int_equal(fread(got, 1, sizeof got - 1, f), 7);
    assert_string_equal(got, "onetwo\n");
    fclose(f);
    unlink(text);
    rmdir(box);
}

static void the_world(void **state)
{
    (void)state;
    setenv("ROWS", "set", 1);
    setenv("EMPTY", "", 1);
    unsetenv("UNSET");
    static struct row const rows[] = {
        {"{{env \"ROWS\"}}|{{env \"UNSET\"}}|{{envOrDefault \"UNSET\" \"d\"}}|{{envOrDefault "
         "\"EMPTY\" \"d\"}}|{{mustEnv \"ROWS\"}}",
         "set||d||set", NULL},
        {"{{mustEnv \"UNSET\"}}", NULL, "UNSET is not set"},
        {"{{timestamp}} {{timestamp \"unix\"}} {{timestamp \"2006-01-02\"}}",
         "2006-01-02T15:04:05Z 1136214245 2006-01-02", NULL},
        {"{{plugin \"sh\" \"-c\" \"echo out; echo err >&2\"}}", "out", NULL},
        {"{{plugin \"sh\" \"-c\" \"echo no; exit 3\"}}", NULL, "exec \"sh\": exit status 3: no"},
        {"{{plugin \"/no/such/program\"}}", NULL, "there is no such program"},
        {"{{define \"t\"}}<{{.}}>{{end}}{{executeTemplate \"t\" 5}}{{executeTemplate \"t\" | len}}",
         "<5>12", NULL},
        {"{{define \"t\"}}{{executeTemplate \"t\"}}{{end}}{{executeTemplate \"t\"}}", NULL,
         "executeTemplate: 1:17: executeTemplate"},
        {"{{sockaddr \"GetInterfaceIP \\\"lo\\\"\"}}", "127.0.0.1", NULL},
        {"{{sockaddr \"GetInterfaceIP \\\"nosuch0\\\"\"}}", NULL, "there is no interface"},
        {"{{sockaddr \"GetInterfaceIP\"}}", NULL, "is not supported"},
        {"{{sockaddr \"GetAllInterfaces | include\"}}", NULL, "is not supported"},
        {"{{sockaddr \"\"}}", NULL, "is not supported"},
        {"{{sockaddr \"GetPrivateIPs\" | contains \"127.0.0.1\"}}{{sockaddr \"GetPublicIPs\" | "
         "contains \"127.0.0.1\"}}",
         "falsefalse", NULL},
        {"{{(sockaddr \"GetPrivateIP\" | len) | minimum 0}}{{(sockaddr \"GetPublicIP\" | len) | "
         "minimum 0}}",
         "00", NULL},
        {"{{executeTemplate \"none\"}}", NULL, "there is no template \"none\""},
    };
    CHECK(rows);
}

static void private_networks(void **state)
{
    (void)state;
    static struct {
        char const *s;
        int wanted;
    } const rows[] = {{"10.1.2.3", 1},    {"172.31.0.1", 1}, {"172.32.0.1", 0},
                      {"192.168.9.9", 1}, {"100.64.0.1", 1}, {"100.128.0.1", 0},
                      {"8.8.8.8", 0},     {"fd00::1", 1},    {"2001:db8::1", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct netaddr a;
        assert_true(netaddr_parse(rows[i].s, &a));
        assert_int_equal(ctaddr_is_private(&a), rows[i].wanted);
    }
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/ctrows.XXXXXX";
    char text[300];
    char got[32] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(text, sizeof text,
             "{{writeToFile \"%s\" \"\" \"\" \"0600\" \"one\"}}{{\"two\" | writeToFile \"%s\" \"\" "
             "\"\" \"0600\" \"append,newline\"}}",
             path, path);
    struct row const good = {text, "", NULL};
    assert_true(check(&good));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fread(got, 1, sizeof got - 1, f), 7);
    fclose(f);
    assert_string_equal(got, "onetwo\n");
    unlink(path);
    struct row const mode = {"{{writeToFile \"/tmp/x\" \"\" \"\" \"9\" \"a\"}}", NULL, "octal"};
    assert_true(check(&mode));
    struct row const user = {"{{writeToFile \"/tmp/x\" \"no-such-user\" \"\" \"0600\" \"a\"}}",
                             NULL, "there is no user"};
    assert_true(check(&user));
}

/* .pairs and .services, as ls and service would give them */
static void make_dot(void)
{
    static char const data[] =
        "{\"pairs\":[{\"Path\":\"d/x\",\"Key\":\"d/x\",\"Value\":\"1\"},{\"Path\":\"d/y/"
        "z\",\"Key\":\"d/y/z\",\"Value\":\"2\"},"
        "{\"Path\":\"d/\",\"Key\":\"d/"
        "\",\"Value\":\"\"},{\"Path\":\"e\",\"Key\":\"e\",\"Value\":\"3\"}],"
        "\"services\":[{\"ID\":\"1\",\"Tags\":[\"a\",\"b\"],\"Port\":80,\"ServiceMeta\":{\"rack\":"
        "\"r\",\"v\":\"7\"}},"
        "{\"ID\":\"2\",\"Tags\":[\"a\"],\"Port\":81}]}";
    char why[TMPLJSON_WHY];
    pool_init(&pool, MEMORY);
    assert_true(tmpljson_read(data, sizeof data - 1, 0, &pool, &dot, why));
    for (size_t i = 0; i < dot.n; i++) {
        struct tmplvalue *list = (struct tmplvalue *)&dot.u.entry[i].value;
        for (size_t k = 0; k < list->n; k++) {
            struct tmplvalue const map = list->u.item[k];
            assert_true(ctobject_of(i ? &ctobject_service : &ctobject_pair, &map, &pool,
                                    (struct tmplvalue *)list->u.item + k));
        }
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test(numbers),
        cmocka_unit_test(maps),
        cmocka_unit_test(other_languages),
        cmocka_unit_test(other_languages_at_their_edges),
        cmocka_unit_test(other_languages_are_bounded),
        cmocka_unit_test(files_are_written_in_the_sandbox),
        cmocka_unit_test(the_world),
        cmocka_unit_test(files),
        cmocka_unit_test(private_networks),
    };
    make_dot();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
