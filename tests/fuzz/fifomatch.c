/* The first line is a regular expression, the rest events: what matches, and where, is the same
   whether they come at once or one by one. */

#include <cairn/fifomatch.h>

#include "fuzz.h"

/* All matches as text: their bytes. Returns how many. */
static size_t all(struct fifomatch *m, char const *s, size_t n, size_t piece, char *out)
{
    size_t found = 0;
    size_t used;
    for (size_t at = 0; at < n;) {
        size_t k = n - at < piece ? n - at : piece;
        int c = fifomatch_feed(m, s + at, k, &used);
        HOLDS(used <= k && (c ? used > 0 : used == k) && c >= 0 && c <= 255);
        at += used;
        if (c) {
            HOLDS((unsigned char)s[at - 1] == c);
            out[found++] = (char)at;
        }
    }
    return found;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct fifomatch m, one;
    char *regex = fuzz_text(data, size);
    size_t len = strcspn(regex, "\n");
    char const *events = regex + (len < size ? len + 1 : size);
    size_t n = (size_t)(regex + size - events);
    regex[len] = 0;
    if (len > 24 || fuzz_is_greedy(regex) || n > 200 || fifomatch_init(&m, regex) < 0) {
        free(regex);
        return 0;
    }
    HOLDS(!fifomatch_init(&one, regex));
    char *a = malloc(n + 1);
    char *b = malloc(n + 1);
    HOLDS(a && b);
    size_t found = all(&m, events, n, n, a);
    HOLDS(all(&one, events, n, 1, b) == found && !memcmp(a, b, found));
    fifomatch_end(&m);
    fifomatch_end(&one);
    free(a);
    free(b);
    free(regex);
    return 0;
}
