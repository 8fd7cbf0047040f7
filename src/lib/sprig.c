#include <cairn/sprig.h>
#include <cairn/sprigcase.h>
#include <cairn/sprigdate.h>
#include <cairn/sprigdict.h>
#include <cairn/sprigencode.h>
#include <cairn/sprigflow.h>
#include <cairn/spriglist.h>
#include <cairn/sprigmath.h>
#include <cairn/sprigpath.h>
#include <cairn/sprigrand.h>
#include <cairn/sprigregex.h>
#include <cairn/sprigtext.h>
#include <cairn/sprigurl.h>

size_t sprig_tables(struct tmplfunc_table *t)
{
    size_t n = 0;
    t[n++] = sprigcase_table();
    t[n++] = sprigdate_table();
    t[n++] = sprigdict_table();
    t[n++] = sprigencode_table();
    t[n++] = sprigflow_table();
    t[n++] = spriglist_table();
    t[n++] = sprigmath_table();
    t[n++] = sprigpath_table();
    t[n++] = sprigrand_table();
    t[n++] = sprigregex_table();
    t[n++] = sprigtext_table();
    t[n++] = sprigurl_table();
    return n;
}
