#include <stdio.h>
#include <string.h>

#include <skalibs/sha1.h>
#include <skalibs/sha512.h>

#include <cairn/cthash.h>
#include <cairn/gojson.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigencode.h>
#include <cairn/tmpljson.h>
#include <cairn/tmpltext.h>

/* ---- base64, base32 */

static int encode64(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_encode64(c, c->arg, BASE64_STANDARD, result);
}

/* What cannot be decoded becomes the reason why, as in sprig. */
static int decode64(struct tmplcall *c, struct tmplvalue *result)
{
    if (!tmpltext_decode64(c, c->arg, BASE64_STANDARD, result))
        *result = tmplvalue_text("illegal base64 data");
    return 1;
}

static char const alphabet32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* RFC 4648, section 6. */
static int encode32(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = (c->arg->n + 4) / 5 * 8;
    char *buf = pool_get(c->pool, n);
    size_t at = 0;
    if (!buf)
        return tmplcall_nomem(c);
    for (size_t i = 0; i < c->arg->n; i += 5) {
        uint64_t bits = 0;
        size_t k = c->arg->n - i < 5 ? c->arg->n - i : 5;
        for (size_t j = 0; j < 5; j++)
            bits = bits << 8 | (j < k ? (unsigned char)c->arg->u.s[i + j] : 0);
        size_t letters = (8 * k + 4) / 5;
        for (size_t j = 0; j < 8; j++)
            buf[at++] = j < letters ? alphabet32[bits >> (35 - 5 * j) & 31] : '=';
    }
    *result = tmplvalue_string(buf, at);
    return 1;
}

static int decode32(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    size_t at = 0;
    char *buf = pool_get(c->pool, n);
    unsigned int bits = 0;
    uint32_t value = 0;
    if (!buf)
        return tmplcall_nomem(c);
    size_t all = n;
    while (n && c->arg->u.s[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        char const *letter = c->arg->u.s[i] ? strchr(alphabet32, c->arg->u.s[i]) : NULL;
        if (!letter || all % 8) {
            *result = tmplvalue_text("illegal base32 data");
            return 1;
        }
        value = value << 5 | (uint32_t)(letter - alphabet32);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            buf[at++] = (char)(value >> bits);
        }
    }
    *result = tmplvalue_string(buf, at);
    return 1;
}

/* ---- digests */

static int sha1sum(struct tmplcall *c, struct tmplvalue *result)
{
    SHA1Schedule h = SHA1_INIT();
    char digest[20];
    sha1_update(&h, c->arg->u.s, c->arg->n);
    sha1_final(&h, digest);
    return tmpltext_hex(c, digest, sizeof digest, result);
}

static int sha512sum(struct tmplcall *c, struct tmplvalue *result)
{
    SHA512Schedule h = SHA512_INIT();
    char digest[64];
    sha512_update(&h, c->arg->u.s, c->arg->n);
    sha512_final(&h, digest);
    return tmpltext_hex(c, digest, sizeof digest, result);
}

/* RFC 1950; the sum in decimal, as sprig has it. */
static int adler32sum(struct tmplcall *c, struct tmplvalue *result)
{
    uint32_t a = 1;
    uint32_t b = 0;
    char text[16];
    for (size_t i = 0; i < c->arg->n; i++) {
        a = (a + (unsigned char)c->arg->u.s[i]) % 65521;
        b = (b + a) % 65521;
    }
    int n = snprintf(text, sizeof text, "%u", (unsigned int)(b << 16 | a));
    return tmplcall_string(c, result, text, (size_t)n);
}

/* ---- JSON */

/* What cannot be JSON is nothing; the forms with must fail. */
static int write_json(struct tmplcall *c, struct tmplvalue *result, struct gojson const *how,
                      int is_must)
{
    stralloc sa = STRALLOC_ZERO;
    char why[GOJSON_WHY];
    if (gojson_put(&sa, SPRIGARG_MAX, how, c->arg, why))
        return tmpltext_finish(c, 1, &sa, result);
    stralloc_free(&sa);
    *result = tmplvalue_text("");
    return !is_must || tmplcall_fail(c, "%s", why);
}

static struct gojson const plain = {.is_html_safe = 1};
static struct gojson const pretty = {.is_html_safe = 1, .indent = "  "};
static struct gojson const raw = {.is_html_safe = 0};

static int to_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &plain, 0);
}

static int to_pretty_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &pretty, 0);
}

static int to_raw_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &raw, 0);
}

static int must_to_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &plain, 1);
}

static int must_to_pretty_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &pretty, 1);
}

static int must_to_raw_json(struct tmplcall *c, struct tmplvalue *result)
{
    return write_json(c, result, &raw, 1);
}

static int must_from_json(struct tmplcall *c, struct tmplvalue *result)
{
    char why[TMPLJSON_WHY];
    return tmpljson_read(c->arg->u.s, c->arg->n, 1, c->pool, result, why) ||
           tmplcall_fail(c, "%s", why);
}

static int from_json(struct tmplcall *c, struct tmplvalue *result)
{
    if (!must_from_json(c, result))
        *result = tmplvalue_nil();
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_adler32sum", "s", adler32sum},
    {"sprig_b32dec", "s", decode32},
    {"sprig_b32enc", "s", encode32},
    {"sprig_b64dec", "s", decode64},
    {"sprig_b64enc", "s", encode64},
    {"sprig_fromJson", "s", from_json},
    {"sprig_mustFromJson", "s", must_from_json},
    {"sprig_mustToJson", ".", must_to_json},
    {"sprig_mustToPrettyJson", ".", must_to_pretty_json},
    {"sprig_mustToRawJson", ".", must_to_raw_json},
    {"sprig_sha1sum", "s", sha1sum},
    {"sprig_sha256sum", "s", cthash_sha256},
    {"sprig_sha512sum", "s", sha512sum},
    {"sprig_toJson", ".", to_json},
    {"sprig_toPrettyJson", ".", to_pretty_json},
    {"sprig_toRawJson", ".", to_raw_json},
};

struct tmplfunc_table sprigencode_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
