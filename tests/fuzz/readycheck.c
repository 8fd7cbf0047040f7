/* Any bytes as the lines of ready-check: what is taken lies within its bounds. The last line as
   what an HTTP server answers, too. */

/* for the one function that reads what a server says */
#include "../../src/lib/readytry.c"

#include "fuzz.h"

static struct readycheck r;
static char last[STATUS_BYTES];

static int is_ours(char const *s)
{
    return s >= r.text && s < r.text + sizeof r.text &&
           memchr(s, 0, (size_t)(r.text + sizeof r.text - s));
}

static void line(char *s)
{
    char const *why = NULL;
    unsigned int n = r.n;
    size_t k = strlen(s) < sizeof last ? strlen(s) : sizeof last - 1;
    memcpy(last, s, k);
    last[k] = 0;
    if (readycheck_line(&r, s, strlen(s), &why) < 0) {
        HOLDS(why && *why && r.n == n);
        return;
    }
    HOLDS(r.n <= READYCHECK_MAX && r.used <= sizeof r.text && r.n <= n + 1);
    if (r.n == n)
        return;
    struct readycheck_one const *o = r.list + n;
    HOLDS(is_ours(o->line) && *o->operand);
    if (o->kind == READYCHECK_TCP || o->kind == READYCHECK_HTTP)
        HOLDS(o->port && (o->addr.family == AF_INET || o->addr.family == AF_INET6));
    if (o->kind == READYCHECK_HTTP)
        HOLDS(*o->operand == '/' && is_ours(o->host) && o->least >= 100 && o->least <= o->most &&
              o->most <= 599);
    if (o->kind == READYCHECK_LOG)
        HOLDS(is_ours(o->regex) && *o->regex);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct readycheck_one const any = {.kind = READYCHECK_HTTP, .least = 100, .most = 599};
    struct readycheck_one const good = {.kind = READYCHECK_HTTP, .least = 200, .most = 399};
    readycheck_init(&r);
    *last = 0;
    fuzz_lines(data, size, line);
    HOLDS(!is_status(&good, last) || is_status(&any, last));
    if (is_status(&any, last))
        HOLDS(!strncmp(last, "HTTP/1.", 7));
    return 0;
}
