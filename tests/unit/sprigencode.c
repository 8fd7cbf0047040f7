#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigencode.h>

#include "sprigrows.h"

static void sprigencode_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_b64enc \"a>?é\"}} {{sprig_b64dec \"YT4/w6k=\"}}", "YT4/w6k= a>?é"},
        {"{{sprig_b64dec \"!\"}}", "illegal base64 data"},
        {"{{sprig_b32enc \"\"}}|{{sprig_b32enc \"f\"}} {{sprig_b32enc \"fo\"}} {{sprig_b32enc "
         "\"foo\"}} {{sprig_b32enc \"foob\"}} {{sprig_b32enc \"fooba\"}} {{sprig_b32enc "
         "\"foobar\"}}",
         "|MY====== MZXQ==== MZXW6=== MZXW6YQ= MZXW6YTB MZXW6YTBOI======"},
        {"{{sprig_b32dec \"MZXW6YTBOI======\"}} {{sprig_b32dec \"MZXW6YQ=\"}} {{sprig_b32dec "
         "\"mz\"}}",
         "foobar foob illegal base32 data"},
        {"{{sprig_sha1sum \"abc\"}}", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"{{sprig_sha256sum \"abc\"}}",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"{{sprig_sha512sum \"abc\"}}",
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a"
         "3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {"{{sprig_adler32sum \"Hello world!\"}} {{sprig_adler32sum \"\"}}", "487130206 1"},
        {"{{sprig_toJson (sprig_list 1 \"<\" nil)}} {{sprig_toRawJson \"<\"}}",
         "[1,\"\\u003c\",null] \"<\""},
        {"{{sprig_toPrettyJson (sprig_dict \"a\" 1)}}", "{\n  \"a\": 1\n}"},
        {"{{sprig_mustToJson \"x\"}} {{sprig_mustToPrettyJson 1}} {{sprig_mustToRawJson true}}",
         "\"x\" 1 true"},
        {"{{(sprig_fromJson \"{\\\"a\\\":[1]}\").a}} {{sprig_fromJson \"{\"}}", "[1] <no value>"},
        {"{{sprig_mustFromJson \"{\"}}", "error: mustFromJson"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigencode_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
