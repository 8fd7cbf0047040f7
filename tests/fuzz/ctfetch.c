/* Any bytes as what consul-fetch says: what is taken is the same whether the bytes come at once or
 * one by one. */

#include <cairn/consuladdr.h>
#include <cairn/ctfetch.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    char *s = malloc(size + !size);
    struct ctfetch_answer a;
    struct ctfetch_answer b;
    struct consuladdr address;
    HOLDS(s);
    if (size)
        memcpy(s, data, size);
    for (size_t at = 0; at < size;) {
        ptrdiff_t n = ctfetch_take(s + at, size - at, &a);
        if (n <= 0)
            break;
        HOLDS((size_t)n <= size - at);
        HOLDS(a.body >= s + at && a.body + a.n < s + at + n);
        for (size_t part = at; part < at + (size_t)n; part += 1 + ((size_t)n / 16))
            HOLDS(ctfetch_take(s + at, part - at, &b) == 0);
        at += (size_t)n;
    }
    free(s);
    if (size && size < CONSULADDR_MAX) {
        char text[CONSULADDR_MAX];
        memcpy(text, data, size);
        text[size] = 0;
        if (consuladdr_parse(&address, text, 0))
            HOLDS(*address.base && *address.host);
    }
    return 0;
}
