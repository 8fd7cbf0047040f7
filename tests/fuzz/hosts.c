/* Any bytes as /etc/hosts, in a table that is soon full. */

#include <cairn/hosts.h>

#include "fuzz.h"

enum { ENTRIES = 16, NAMES = 300 };

static struct hosts_table t;

static void line(char *s)
{
    hosts_table_line(&t, s);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    void *memory = malloc(hosts_table_size(ENTRIES, NAMES));
    HOLDS(memory);
    hosts_table_init(&t, memory, ENTRIES, NAMES);
    fuzz_lines(data, size, line);
    HOLDS(t.entries <= ENTRIES && t.size <= NAMES);
    /* whatever is in it is found, by name and by address */
    for (uint32_t i = 0; i < t.entries; i++) {
        struct dnswire_name name = {.len = t.names[t.entry[i].name]};
        struct hosts_entry const *e;
        uint32_t at = 0;
        unsigned int n = 0;
        int found = 0;
        name.labels = t.names[t.entry[i].name + 1];
        memcpy(name.b, t.names + t.entry[i].name + 2, name.len);
        if (t.entry[i].is_wildcard) {
            struct dnswire_name label = {.len = 3, .labels = 1, .b = "\1\1"};
            if (!dnswire_name_append(&label, &name))
                continue;
            name = label;
        }
        while ((e = hosts_table_find(&t, &name, &at))) {
            found |= e == t.entry + i;
            HOLDS(++n <= ENTRIES);
        }
        HOLDS(found || t.entry[i].is_wildcard);
        HOLDS(hosts_table_reverse(&t, &t.entry[i].addr, &name));
    }
    free(memory);
    return 0;
}
