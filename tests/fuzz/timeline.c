/* Any bytes as a boot timeline: read, drawn; what one line says is the same when it is packed. */

#include <cairn/timeline.h>
#include <cairn/timesvg.h>

#include "fuzz.h"

static void check_line(char const *s, size_t n)
{
    struct timeline_record r, again;
    char line[TIMELINE_LINE];
    if (timeline_parse(s, n, &r) != TIMELINE_OK)
        return;
    size_t len = timeline_pack(line, &r);
    HOLDS(len <= sizeof line && timeline_parse(line, len - 1, &again) == TIMELINE_OK);
    HOLDS(r.us == again.us && r.kind == again.kind && r.event == again.event);
    HOLDS(r.code == again.code && !strcmp(r.name, again.name));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct timeline t = TIMELINE_ZERO;
    stralloc sa = STRALLOC_ZERO;
    check_line((char const *)data, size);
    HOLDS(!timeline_read(&t, (char const *)data, size));
    for (size_t i = 0; i < timeline_count(&t); i++) {
        struct timeline_row const *r = timeline_row(&t, i);
        HOLDS(r->start <= t.last && (!i || r[-1].start <= r->start));
        HOLDS(r->end == TIMELINE_NEVER || r->kind == TIMELINE_PHASE || r->start <= r->end);
        HOLDS(r->ready == TIMELINE_NEVER || r->start <= r->ready);
    }
    HOLDS(!timesvg_draw(&sa, &t, NULL, NULL, 0));
    stralloc_free(&sa);
    timeline_free(&t);
    return 0;
}
