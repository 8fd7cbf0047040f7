/* Lines that a boot says, to a reader who comes and goes: what is read is whole lines of what was
   said, in their order, and with JSON each is an object. */

#include <signal.h>

#include <cairn/tmpljson.h>
#include <cairn/transcript.h>

#include "fuzzfile.h"

static struct transcript t;

static void line(char *s)
{
    transcript_say(&t, TRANSCRIPT_NORMAL, "prog: ", s, "\n");
    if (strlen(s) % 3 == 1)
        transcript_flush(&t);
    HOLDS(t.len <= TRANSCRIPT_SIZE);
}

static void check_json(char const *s, size_t n)
{
    struct pool pool;
    struct tmplvalue v;
    char why[TMPLJSON_WHY];
    pool_init(&pool, 1 << 20);
    for (char const *end = s + n, *newline; s < end; s = newline + 1) {
        newline = memchr(s, '\n', (size_t)(end - s));
        HOLDS(newline && tmpljson_read(s, (size_t)(newline - s), 0, &pool, &v, why));
        HOLDS(v.kind == TMPLVALUE_MAP && tmplvalue_get(&v, "msg", 3));
    }
    pool_free(&pool);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static char got[1 << 17];
    int fds[2];
    /* each byte may become a line, an object of some 100 bytes, and a pipe holds 64 KiB */
    if (size > 500)
        size = 500;
    signal(SIGPIPE, SIG_IGN);
    HOLDS(!pipe2(fds, O_NONBLOCK | O_CLOEXEC));
    transcript_init_nonblocking(&t, fds[1], TRANSCRIPT_NORMAL);
    t.json = size && (*data & 1);
    fuzz_lines(data, size, line);
    HOLDS(!transcript_flush(&t) && !t.len);
    ssize_t n = read(fds[0], got, sizeof got);
    HOLDS(n < 0 || got[n - 1] == '\n');
    if (n > 0 && t.json)
        check_json(got, (size_t)n);
    if (n > 0 && !t.json)
        HOLDS((size_t)n >= 7 && !memcmp(got, "prog: ", 6));
    if (t.fd != fds[1])
        close(t.fd);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
