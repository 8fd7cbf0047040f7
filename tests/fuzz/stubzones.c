/* Any lines as --stubzones, one after the other. */

#include <cairn/stubzones.h>

#include "fuzz.h"

static struct stubzones s;

static void line(char *spec)
{
    char const *at;
    size_t len;
    unsigned int zones = s.zones;
    unsigned int servers = s.servers;
    if (!stubzones_add(&s, spec, &at, &len))
        return;
    HOLDS(s.zones == zones && s.servers == servers);
    HOLDS(at >= spec && at + len <= spec + strlen(spec));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    memset(&s, 0, sizeof s);
    fuzz_lines(data, size, line);
    HOLDS(s.zones <= STUBZONES_ZONES && s.servers <= STUBZONES_SERVERS);
    for (unsigned int i = 0; i < s.servers; i++)
        HOLDS(s.server[i].zone < s.zones && s.server[i].port);
    for (unsigned int i = 0; i < s.zones; i++) {
        struct dnswire_name name = {.len = 3, .labels = 1, .b = "\1\1"};
        unsigned int at = 0;
        HOLDS(stubzones_server(&s, (int)i, &at));
        if (!dnswire_name_append(&name, &s.zone[i].name))
            continue;
        int zone = stubzones_find(&s, &name);
        HOLDS(zone >= 0 && s.zone[zone].name.labels >= s.zone[i].name.labels);
    }
    return 0;
}
