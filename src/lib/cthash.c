#include <string.h>

#include <skalibs/sha256.h>

#include <cairn/cthash.h>
#include <cairn/md5.h>
#include <cairn/tmpltext.h>

enum { DIGEST = 32, BLOCK = 64 };

static int md5sum(struct tmplcall *c, struct tmplvalue *result)
{
    unsigned char digest[MD5_SIZE];
    md5(digest, c->arg->u.s, c->arg->n);
    return tmpltext_hex(c, (char *)digest, sizeof digest, result);
}

/* Of two texts, one behind the other. */
static void sha256(char digest[DIGEST], char const *a, size_t an, char const *b, size_t bn)
{
    SHA256Schedule h = SHA256_INIT();
    sha256_update(&h, a, an);
    sha256_update(&h, b, bn);
    sha256_final(&h, digest);
}

int cthash_sha256(struct tmplcall *c, struct tmplvalue *result)
{
    char digest[DIGEST];
    sha256(digest, c->arg->u.s, c->arg->n, "", 0);
    return tmpltext_hex(c, digest, sizeof digest, result);
}

/* hmacSHA256Hex MESSAGE KEY (RFC 2104). */
static int hmac_sha256_hex(struct tmplcall *c, struct tmplvalue *result)
{
    char key[BLOCK] = {0};
    char inner[BLOCK];
    char outer[BLOCK];
    char digest[DIGEST];
    if (c->arg[1].n > BLOCK)
        sha256(key, c->arg[1].u.s, c->arg[1].n, "", 0);
    else
        memcpy(key, c->arg[1].u.s, c->arg[1].n);
    for (size_t i = 0; i < BLOCK; i++) {
        inner[i] = (char)(key[i] ^ 0x36);
        outer[i] = (char)(key[i] ^ 0x5c);
    }
    sha256(digest, inner, sizeof inner, c->arg->u.s, c->arg->n);
    sha256(digest, outer, sizeof outer, digest, sizeof digest);
    return tmpltext_hex(c, digest, sizeof digest, result);
}

static struct tmplfunc const functions[] = {
    {"hmacSHA256Hex", "ss", hmac_sha256_hex},
    {"md5sum", "s", md5sum},
    {"sha256Hex", "s", cthash_sha256},
};

struct tmplfunc_table cthash_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
