/* Any bytes as a scalar of YAML, a constant of a template, a number of Go: what is a number is one
   when it is written again. As text that is quoted, escaped and encoded: it comes back. */

#include <math.h>
#include <string.h>

#include <cairn/base64.h>
#include <cairn/gobool.h>
#include <cairn/gofloat.h>
#include <cairn/goquote.h>
#include <cairn/runecase.h>
#include <cairn/tmplconst.h>
#include <cairn/urlescape.h>
#include <cairn/yamlscalar.h>

#include "fuzzvalue.h"

enum { MEMORY = 1 << 20 };

static void check_base64(char const *s, size_t n, enum base64_alphabet alphabet)
{
    char *text = malloc(base64_room(n) + 1);
    char *back = malloc(base64_room(n) + 1);
    size_t len;
    HOLDS(text && back);
    size_t room = base64_encode(text, s, n, alphabet);
    HOLDS(room == base64_room(n));
    HOLDS(base64_decode(back, &len, text, room, alphabet) && len == n && !memcmp(back, s, n));
    free(back);
    back = malloc(n + !n);
    HOLDS(back);
    if (base64_decode(back, &len, s, n, alphabet))
        HOLDS(len <= n);
    free(text);
    free(back);
}

static void check_url(char const *s, size_t n)
{
    char *out = malloc(3 * n + 1);
    HOLDS(out);
    size_t len = urlescape(out, s, n);
    size_t at = 0;
    HOLDS(len >= n && len <= 3 * n);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)out[at];
        if (c == '%') {
            char const hex[] = {out[at + 1], out[at + 2], 0};
            HOLDS(strtoul(hex, NULL, 16) == (unsigned char)s[i]);
            at += 3;
        } else {
            HOLDS(c == (unsigned char)s[i] && c > ' ' && c < 127);
            at++;
        }
    }
    HOLDS(at == len);
    free(out);
}

static void check_float(double f)
{
    static char const forms[] = "efgxbEGX";
    stralloc out = STRALLOC_ZERO;
    for (char const *p = forms; *p; p++) {
        struct gofloat how = {.form = *p, .precision = -1};
        out.len = 0;
        HOLDS(gofloat_put(&out, 4096, &how, f) && stralloc_0(&out));
        if (isfinite(f) && *p != 'b')
            HOLDS(strtod(out.s, NULL) == f);
        how.precision = 3;
        how.is_sharp = 1;
        out.len = 0;
        HOLDS(gofloat_put(&out, 4096, &how, f) && out.len);
    }
    stralloc_free(&out);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static char const *const tags[] = {"tag:yaml.org,2002:int",  "tag:yaml.org,2002:float",
                                       "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null",
                                       "tag:yaml.org,2002:str",  "!own"};
    struct pool pool;
    struct tmplvalue v;
    stralloc out = STRALLOC_ZERO;
    size_t sum = 0;
    int b;
    char *text = fuzz_text(data, size);
    pool_init(&pool, MEMORY);
    yamlscalar_plain(text, size, &v);
    fuzz_value(&v, 1, &sum);
    if (v.kind == TMPLVALUE_FLOAT)
        check_float(v.u.f);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (!yamlscalar_tagged(tags[i], text, size, &v))
            fuzz_value(&v, 1, &sum);
    if (size && !tmplconst_number(text, size, &v) && v.kind == TMPLVALUE_FLOAT)
        check_float(v.u.f);
    if (size > 1 && *text == '\'' && !tmplconst_char(text, size, &v))
        HOLDS(v.kind == TMPLVALUE_INT);
    if (size > 1 && *text == '"' && !tmplconst_string(text, size, &pool, &v))
        HOLDS(v.kind == TMPLVALUE_STRING && v.n <= size);
    /* quoted by us, it is a constant that says the same */
    HOLDS(goquote_string(&out, 16 * size + 16, text, size, size & 1));
    HOLDS(!tmplconst_string(out.s, out.len, &pool, &v));
    HOLDS(v.n == size && !memcmp(v.u.s, text, size));
    if (gobool_parse(text, size, &b))
        HOLDS(b == !!b && size <= 5);
    check_base64(text, size, BASE64_STANDARD);
    check_base64(text, size, BASE64_URL);
    check_url(text, size);
    char *changed = malloc(size + 1);
    HOLDS(changed);
    runecase_text(changed, text, size, runecase_upper);
    runecase_text(changed, changed, size, runecase_lower);
    free(changed);
    stralloc_free(&out);
    free(text);
    pool_free(&pool);
    return 0;
}
