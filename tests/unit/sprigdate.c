#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cairn/sprigdate.h>

#include "sprigrows.h"

static void sprigdate_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_date \"2006-01-02 15:04:05\" 1136214245}} {{sprig_dateInZone \"15:04 MST\" "
         "1136214245 \"UTC\"}}",
         "2006-01-02 15:04:05 15:04 UTC"},
        {"{{sprig_date_in_zone \"15:04 -0700\" 1136214245 \"EST5\"}} {{sprig_date \"15:04\" "
         "1136214245}}",
         "10:04 -0500 15:04"},
        {"{{sprig_htmlDate 0}} {{sprig_htmlDateInZone 0 \"UTC\"}}", "1970-01-01 1970-01-01"},
        {"{{(sprig_toDate \"2006-01-02\" \"2017-12-31\").Format \"02/01/2006\"}} {{sprig_toDate "
         "\"2006-01-02\" \"2017-12-31\" | sprig_date \"Jan 2\"}}",
         "31/12/2017 Dec 31"},
        {"{{(sprig_toDate \"2006-01-02\" \"x\").Year}}", "1"},
        {"{{sprig_mustToDate \"2006-01-02\" \"2017-13-31\"}}", "error: no time of the layout"},
        {"{{sprig_unixEpoch (sprig_toDate \"2006-01-02\" \"2017-12-31\")}} {{sprig_unixEpoch "
         "(sprig_mustToDate \"2006-01-02\" \"1969-12-31\")}}",
         "1514678400 -86400"},
        {"{{sprig_toDate \"2006-01-02\" \"2017-12-31\" | sprig_dateModify \"-1h30m\" | "
         "sprig_unixEpoch}} {{sprig_mustDateModify \"500ms\" 10 | sprig_unixEpoch}} "
         "{{sprig_date_modify \"x\" 10 | sprig_unixEpoch}}",
         "1514673000 10 10"},
        {"{{(sprig_must_date_modify \"-1ns\" 10).UnixNano}} {{(sprig_date_modify \"1500ms\" "
         "10).UnixNano}}",
         "9999999999 11500000000"},
        {"{{sprig_mustDateModify \"x\" 10}}", "error: no duration"},
        {"{{sprig_duration 95}} {{sprig_duration \"3605\"}} {{sprig_duration 0}} {{sprig_duration "
         "-61}}",
         "1m35s 1h0m5s 0s -1m1s"},
        {"{{sprig_durationRound \"2h10m5s\"}} {{sprig_durationRound \"2400h10m5s\"}} "
         "{{sprig_durationRound 0}} {{sprig_durationRound \"59s\"}}",
         "2h 3mo 0s 59s"},
        {"{{sprig_date_modify \"2s\" 9223372036854775807 | sprig_unixEpoch}} {{gt (len "
         "(sprig_ago -9223372036854775807)) 12}}",
         "-9223372036854775807 true"},
        {"{{gt (len (sprig_ago 0)) 8}} {{gt (sprig_now.Unix) 1700000000}} {{eq (sprig_unixEpoch "
         "sprig_now | len) 10}}",
         "true true true"},
    };
    (void)state;
    setenv("TZ", "UTC0", 1);
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(sprigdate_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
