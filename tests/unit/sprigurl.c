#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigurl.h>

#include "sprigrows.h"

static void sprigurl_rows(void **state)
{
    static struct row const rows[] = {
        {"{{$v := sprig_semver \"v1.2.3-alpha.1+123\"}}{{$v.Major}} {{$v.Minor}} {{$v.Patch}} "
         "{{$v.Prerelease}} {{$v.Metadata}} {{$v.Original}}",
         "1 2 3 alpha.1 123 v1.2.3-alpha.1+123"},
        {"{{(sprig_semver \"1.2.3\").Compare (sprig_semver \"1.10\")}} {{(sprig_semver "
         "\"2\").Compare (sprig_semver \"2.0.0\")}} {{(sprig_semver \"1.0.0\").Compare "
         "(sprig_semver \"1.0.0-rc\")}}",
         "-1 0 1"},
        {"{{sprig_semver \"x\"}}", "error: no semantic version"},
        {"{{sprig_semverCompare \"^1.2.0\" \"1.2.3\"}} {{sprig_semverCompare \"~1.2.3\" "
         "\"1.3.0\"}} {{sprig_semverCompare \"!\" \"1\"}}",
         "error: no constraint"},
        {"{{sprig_semverCompare \">=1.2, <3 || >=4\" \"4.1\"}} {{sprig_semverCompare \">=1.2, <3 "
         "|| >=4\" \"3.1\"}} {{sprig_semverCompare \"1.2 - 1.4\" \"1.4.5\"}}",
         "true false true"},
        {"{{$u := sprig_urlParse "
         "\"http://admin:secret@server.com:8080/api?list=false#anchor\"}}{{$u.scheme}} {{$u.host}} "
         "{{$u.hostname}} {{$u.path}} {{$u.query}} {{$u.fragment}} {{$u.userinfo}}|{{$u.opaque}}",
         "http server.com:8080 server.com /api list=false anchor admin:secret|"},
        {"{{(sprig_urlParse \"http://[::1]:80/\").hostname}} {{(sprig_urlParse "
         "\"mailto:a@b\").opaque}} {{(sprig_urlParse \"/a/b\").path}} {{(sprig_urlParse "
         "\"//h/p\").host}}",
         "::1 a@b /a/b h"},
        {"{{sprig_urlJoin (sprig_urlParse "
         "\"http://admin:secret@server.com:8080/api?list=false#anchor\")}} {{sprig_urlJoin "
         "(sprig_dict \"scheme\" \"http\" \"host\" \"h\" \"path\" \"p\")}}",
         "http://admin:secret@server.com:8080/api?list=false#anchor http://h/p"},
        {"{{sprig_urlJoin (sprig_urlParse \"mailto:a@b\")}} {{sprig_urlJoin (sprig_dict)}}",
         "mailto:a@b "},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigurl_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
