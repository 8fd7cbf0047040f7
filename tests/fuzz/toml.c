/* Any bytes as a TOML file. */

#include <cairn/toml.h>

#include "fuzzvalue.h"

static void check_place(uint8_t const *data, size_t size, unsigned int line, unsigned int column)
{
    size_t at = size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;
    HOLDS(line && column);
    while (--line) {
        uint8_t const *newline = at < size ? memchr(data + at, '\n', size - at) : NULL;
        HOLDS(newline);
        at = (size_t)(newline - data) + 1;
    }
    HOLDS(column - 1 <= size - at && !memchr(data + at, '\n', column - 1));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct tmplvalue v;
    unsigned int line = 0;
    unsigned int column = 0;
    size_t bytes = 0;
    char why[TOML_WHY] = "";
    char *text = malloc(size + !size);
    HOLDS(text);
    if (size)
        memcpy(text, data, size);
    pool_init(&pool, 1 << 20);
    int ok = toml_read(text, size, &pool, &v, &line, &column, why);
    free(text);
    if (ok) {
        HOLDS(v.kind == TMPLVALUE_MAP);
        fuzz_value(&v, 67, &bytes); /* nothing of it is of the text, which is gone */
    } else {
        HOLDS(*why && strlen(why) < TOML_WHY);
        if (size)
            check_place(data, size, line, column);
    }
    pool_free(&pool);
    return 0;
}
