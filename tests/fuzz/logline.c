/* Any bytes as what is read of a pipe, in pieces: the first byte is the limit of a line, the second
   the size of the pieces. Nothing is lost: without NULs and cuts the lines are the input, and the
   same for every size of the pieces. */

#include <cairn/logline.h>

#include "fuzz.h"

enum { SIZE = 64 };

static char *feed(uint8_t const *data, size_t size, size_t limit, size_t piece, size_t *len)
{
    size_t room = SIZE + LOGLINE_SLACK(SIZE, limit) + 16;
    struct logline l = {.buf = malloc(room), .size = SIZE, .limit = limit};
    char *out = malloc(3 * size + 4);
    *len = 0;
    HOLDS(l.buf && out);
    memset(l.buf, '\n', room);
    for (size_t at = 0; at < size || l.complete < l.end;) {
        logline_compact(&l);
        size_t n = size - at < piece ? size - at : piece;
        if (n > SIZE - l.end)
            n = l.end < SIZE ? SIZE - l.end : 0;
        if (!n && at < size && !limit)
            logline_finish(&l); /* a line that is longer than the buffer */
        else if (!n)
            logline_finish(&l);
        memcpy(l.buf + l.end, data + at, n);
        at += n;
        logline_add(&l, n);
        HOLDS(l.start <= l.complete && l.complete <= l.end && l.end <= room);
        for (char const *p = l.buf + l.start; p < l.buf + l.complete;) {
            char const *nl = logline_newline(p);
            HOLDS(nl < l.buf + l.complete);
            HOLDS(!limit || (size_t)(nl - p) <= limit);
            memcpy(out + *len, p, (size_t)(nl - p) + 1);
            *len += (size_t)(nl - p) + 1;
            HOLDS(*len <= 3 * size + 4);
            p = nl + 1;
        }
        l.start = l.complete;
    }
    free(l.buf);
    return out;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    size_t n, m;
    if (size < 2)
        return 0;
    size_t limit = data[0] % 40;
    char *a = feed(data + 2, size - 2, limit, 1 + data[1] % SIZE, &n);
    char *b = feed(data + 2, size - 2, limit, SIZE, &m);
    if (limit) /* no line is longer than the buffer then */
        HOLDS(n == m && !memcmp(a, b, n));
    /* how much of it goes to a file of some size */
    if (n) {
        size_t max = 32 + data[1], fits = logline_fit(a, n, data[0] / 4, 16, max);
        HOLDS(fits <= n && (!fits || a[fits - 1] == '\n'));
        HOLDS(fits || data[0] / 4);
    }
    free(a);
    free(b);
    return 0;
}
