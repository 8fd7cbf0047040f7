#include <stdio.h>
#include <string.h>

#include <skalibs/random.h>

#include <cairn/base64.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigrand.h>
#include <cairn/utf8.h>

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SIGNS   " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

/* Room for as many bytes as the first argument says, or NULL. */
static char *room(struct tmplcall *c, size_t *n)
{
    if (c->arg->u.i < 0 || c->arg->u.i > SPRIGARG_MAX)
        return tmplcall_fail(c, "no text has a length of %lld", (long long)c->arg->u.i), NULL;
    *n = (size_t)c->arg->u.i;
    char *buf = pool_get(c->pool, *n);
    return buf ? buf : (tmplcall_nomem(c), NULL);
}

static int text_of(struct tmplcall *c, char const *of, struct tmplvalue *result)
{
    size_t n;
    char *buf = room(c, &n);
    if (!buf)
        return 0;
    for (size_t i = 0; i < n; i++)
        buf[i] = of[random_uint32((uint32_t)strlen(of))];
    *result = tmplvalue_string(buf, n);
    return 1;
}

static int alpha(struct tmplcall *c, struct tmplvalue *result)
{
    return text_of(c, LETTERS, result);
}

static int alpha_num(struct tmplcall *c, struct tmplvalue *result)
{
    return text_of(c, LETTERS DIGITS, result);
}

static int ascii(struct tmplcall *c, struct tmplvalue *result)
{
    return text_of(c, LETTERS DIGITS SIGNS, result);
}

static int numeric(struct tmplcall *c, struct tmplvalue *result)
{
    return text_of(c, DIGITS, result);
}

/* As base64. */
static int bytes(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n;
    char *buf = room(c, &n);
    char *text = buf ? pool_get(c->pool, base64_room(n)) : NULL;
    if (!buf)
        return 0;
    if (!text)
        return tmplcall_nomem(c);
    random_buf(buf, n);
    *result = tmplvalue_string(text, base64_encode(text, buf, n, BASE64_STANDARD));
    return 1;
}

static int uuid(struct tmplcall *c, struct tmplvalue *result)
{
    unsigned char b[16];
    char text[37];
    size_t n = 0;
    random_buf((char *)b, sizeof b);
    b[6] = (b[6] & 0x0f) | 0x40; /* version 4 */
    b[8] = (b[8] & 0x3f) | 0x80; /* RFC 4122 */
    for (size_t i = 0; i < sizeof b; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%02x",
                              i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
    return tmplcall_string(c, result, text, n);
}

/* The characters of the text, dealt out anew: each goes to a place drawn among those left. */
static int shuffle(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->arg->n);
    char *buf = pool_get(c->pool, c->arg->n);
    size_t n = 0;
    size_t len = 0;
    if (!item)
        return 0;
    if (!buf)
        return tmplcall_nomem(c);
    for (size_t i = 0; i < c->arg->n; i += item[n++].n) {
        unsigned int rune;
        int ok;
        item[n] =
            tmplvalue_string(c->arg->u.s + i, utf8_get(c->arg->u.s + i, c->arg->n - i, &rune, &ok));
    }
    for (; n; n--) {
        size_t k = random_uint32((uint32_t)n);
        memcpy(buf + len, item[k].u.s, item[k].n);
        len += item[k].n;
        item[k] = item[n - 1];
    }
    *result = tmplvalue_string(buf, len);
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_randAlpha", "i", alpha},     {"sprig_randAlphaNum", "i", alpha_num},
    {"sprig_randAscii", "i", ascii},     {"sprig_randBytes", "i", bytes},
    {"sprig_randNumeric", "i", numeric}, {"sprig_shuffle", "s", shuffle},
    {"sprig_uuidv4", "", uuid},
};

struct tmplfunc_table sprigrand_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
