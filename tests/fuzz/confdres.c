/* Any bytes as a template resource. */

#include <string.h>

#include <cairn/confdres.h>

#include "fuzz.h"

static void check_text(char const *s, size_t size)
{
    HOLDS(s && strlen(s) <= size);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct confdres r;
    char why[CONFDRES_WHY] = "";
    char *text = malloc(size + !size);
    HOLDS(text);
    if (size)
        memcpy(text, data, size);
    pool_init(&pool, 1 << 20);
    int ok = confdres_read(&r, "r.toml", text, size, &pool, why);
    free(text); /* nothing of it is of the text */
    if (ok) {
        char const *const words[] = {r.src, r.dest, r.prefix, r.check_cmd, r.reload_cmd};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            check_text(words[i], size);
        for (size_t i = 0; i < r.keys; i++)
            check_text(r.key[i], size);
        HOLDS(*r.src && *r.dest);
        HOLDS(r.has_mode ? r.mode <= 0777 : !r.is_decimal);
    } else {
        HOLDS(!memcmp(why, "r.toml:", 7) && strlen(why) < CONFDRES_WHY);
    }
    pool_free(&pool);
    return 0;
}
