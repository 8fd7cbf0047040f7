/* Any bytes as a YAML document. */

#include <cairn/tmplyaml.h>

#include "fuzzvalue.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct tmplvalue v;
    size_t sum = 0;
    char why[TMPLYAML_WHY] = "";
    char *text = malloc(size + !size);
    HOLDS(text);
    if (size)
        memcpy(text, data, size);
    pool_init(&pool, 1 << 20);
    int ok = tmplyaml_read(text, size, &pool, &v, why);
    free(text);
    if (ok) /* each character can be a value, {a,b,c} two */
        HOLDS(fuzz_value(&v, TMPLYAML_DEPTH_MAX + 1, &sum) <= TMPLYAML_ALIASED_MAX + 2 * size + 2);
    else
        fuzz_why(why, sizeof why);
    pool_free(&pool);
    return 0;
}
