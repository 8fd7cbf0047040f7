/* The first line is a constraint, the others are versions: they are ordered, each equal to itself,
   and met by an = of it. */

#include <cairn/semver.h>

#include "fuzz.h"

enum { VERSIONS = 4 };

static char *text[VERSIONS + 1];
static size_t n;

static void line(char *s)
{
    if (n <= VERSIONS)
        text[n++] = strdup(s);
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct semver v[VERSIONS];
    size_t have = 0;
    n = 0;
    fuzz_lines(data, size, line);
    for (size_t i = 1; i < n; i++) {
        size_t len = strlen(text[i]);
        if (!semver_parse(v + have, text[i], len))
            continue;
        HOLDS(v[have].numbers >= 1 && v[have].numbers <= 3);
        HOLDS(v[have].pre_n <= len && v[have].meta_n <= len);
        HOLDS(!semver_compare(v + have, v + have));
        int r = semver_check(*text, strlen(*text), v + have);
        HOLDS(r >= -1 && r <= 1);
        if (!v[have].meta_n && v[have].numbers == 3) {
            char *equal = malloc(len + 2);
            HOLDS(equal);
            *equal = '=';
            memcpy(equal + 1, text[i], len + 1);
            HOLDS(semver_check(equal, len + 1, v + have) == 1);
            free(equal);
        }
        have++;
    }
    for (size_t i = 0; i < have; i++)
        for (size_t k = 0; k < have; k++) {
            HOLDS(sign(semver_compare(v + i, v + k)) == -sign(semver_compare(v + k, v + i)));
            for (size_t m = 0; m < have; m++)
                HOLDS(semver_compare(v + i, v + k) > 0 || semver_compare(v + k, v + m) > 0 ||
                      semver_compare(v + i, v + m) <= 0);
        }
    while (n)
        free(text[--n]);
    return 0;
}
