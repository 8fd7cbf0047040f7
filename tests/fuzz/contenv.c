/* A container environment: "NAME=VALUE" a line, as files, and read again. What is read is sorted,
   and each is what contenv_value says; what contenv_set writes is read back. */

#include <cairn/contenv.h>

#include "fuzzfile.h"

static char path[512];
static char last[300];

static void line(char *s)
{
    char *eq = strchr(s, '=');
    if (!eq || strlen(s) > 200)
        return;
    *eq = 0;
    if (contenv_set(path, s, eq + 1, strlen(eq + 1)) < 0)
        return;
    stralloc sa = STRALLOC_ZERO;
    int r = contenv_value(path, s, &sa);
    HOLDS(r == 1 && sa.len == strlen(eq + 1) + 1 && !strcmp(sa.s, eq + 1));
    stralloc_free(&sa);
    strcpy(last, s);
}

static void check(int is_raw)
{
    stralloc sa = STRALLOC_ZERO;
    stralloc one = STRALLOC_ZERO;
    size_t n = 0;
    char const *culprit = NULL;
    int r = contenv_read(path, &sa, &n, NULL, &culprit);
    HOLDS(!r);
    char const *before = NULL;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        char name[256];
        char const *s = sa.s + at;
        char const *eq = strchr(s, '=');
        HOLDS(eq && eq != s && *s != '.' && (size_t)(eq - s) < sizeof name);
        memcpy(name, s, (size_t)(eq - s));
        name[eq - s] = 0;
        HOLDS(!before || strcmp(before, name) < 0);
        HOLDS(!strcmp(contenv_get(sa.s, n, name), eq + 1));
        one.len = 0;
        HOLDS(contenv_value(path, name, &one) == 1 && !strcmp(one.s, eq + 1));
        static char kept[256];
        before = strcpy(kept, name);
        at += strlen(s) + 1;
        if (!is_raw)
            HOLDS(!contenv_set(path, name, NULL, 0));
    }
    HOLDS(at == sa.len);
    stralloc_free(&sa);
    stralloc_free(&one);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    fuzz_dir();
    snprintf(path, sizeof path, "%s/env", fuzz_path);
    mkdir(path, 0700);
    *last = 0;
    fuzz_lines(data, size, line);
    check(0);
    /* the bytes as the file of one variable */
    fuzz_put("env/RAW", data, size);
    check(1);
    unlinkat(fuzz_dir(), "env/RAW", 0);
    return 0;
}
