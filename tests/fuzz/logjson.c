/* Any bytes as a log line and as a message: the JSON that is made of them can be read, and says the
   same, but for bytes that are no UTF-8. */

#include <cairn/goquote.h>
#include <cairn/logjson.h>
#include <cairn/say.h>
#include <cairn/tmpljson.h>
#include <cairn/utf8.h>
#include <cairn/visible.h>

#include "fuzz.h"

static int is_utf8(char const *s, size_t n)
{
    for (size_t k, i = 0; i < n; i += k) {
        unsigned int rune;
        int ok;
        k = utf8_get(s + i, n - i, &rune, &ok);
        HOLDS(k >= 1 && k <= n - i && (ok || (k == 1 && rune == UTF8_NONE)));
        HOLDS((logjson_utf8(s + i, n - i) == k) || !ok);
        HOLDS(ok || !logjson_utf8(s + i, n - i));
        if (!ok)
            return 0;
        char back[UTF8_MAX];
        HOLDS(utf8_put(back, rune) == k && !memcmp(back, s + i, k));
    }
    return 1;
}

/* Is JSON. Returns its value. */
static struct tmplvalue value_of(struct pool *p, char const *s, size_t n)
{
    struct tmplvalue v;
    char why[TMPLJSON_WHY];
    HOLDS(tmpljson_read(s, n, 0, p, &v, why));
    return v;
}

static void say(struct pool *p, char const *s, size_t n, size_t room)
{
    char *buf = malloc(room);
    struct timespec now = {.tv_sec = 1700000000, .tv_nsec = 5};
    HOLDS(buf);
    size_t len = say_json(buf, room, &now, "prog", 12, SAY_WARNING, s, n);
    HOLDS(len <= room && buf[len - 1] == '\n' && memchr(buf, '\n', len) == buf + len - 1);
    struct tmplvalue v = value_of(p, buf, len);
    HOLDS(v.kind == TMPLVALUE_MAP && tmplvalue_get(&v, "msg", 3)->kind == TMPLVALUE_STRING);
    HOLDS(tmplvalue_get(&v, "level", 5) && tmplvalue_get(&v, "time", 4));
    free(buf);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    stralloc sa = STRALLOC_ZERO;
    char *text = malloc(size + !size);
    char *json = malloc(2 + LOGJSON_WIDEST * size);
    HOLDS(text && json);
    if (size)
        memcpy(text, data, size);
    pool_init(&pool, 1 << 20);
    int ok = is_utf8(text, size);
    json[0] = '"';
    char *end = logjson_put(json + 1, text, size);
    HOLDS(end <= json + 1 + LOGJSON_WIDEST * size);
    *end++ = '"';
    struct tmplvalue v = value_of(&pool, json, (size_t)(end - json));
    HOLDS(v.kind == TMPLVALUE_STRING);
    HOLDS(!ok || (v.n == size && !memcmp(v.u.s, text, size)));
    say(&pool, text, size, SAY_MAX);
    say(&pool, text, size, SAY_LEAST);
    char *s = fuzz_text(data, size);
    HOLDS(logjson_string(&sa, s) && value_of(&pool, sa.s, sa.len).kind == TMPLVALUE_STRING);
    sa.len = 0;
    HOLDS(visible_add(&sa, s) && visible_width(sa.s ? sa.s : "", sa.len) <= sa.len);
    for (size_t i = 0; i < sa.len; i++)
        HOLDS((unsigned char)sa.s[i] >= ' ' && sa.s[i] != 127);
    sa.len = 0;
    HOLDS(goquote_string(&sa, 8192, text, size, 1) && sa.len >= size + 2);
    for (size_t i = 0; i < sa.len; i++)
        HOLDS(sa.s[i] >= ' ' && sa.s[i] < 127);
    free(s);
    free(text);
    free(json);
    stralloc_free(&sa);
    pool_free(&pool);
    return 0;
}
