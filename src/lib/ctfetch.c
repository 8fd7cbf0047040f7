#include <errno.h>
#include <string.h>

#include <cairn/ctfetch.h>

/* Reads decimal digits at *s, and the blank or the end of the line behind them. */
static int number(char const **s, char const *end, uint64_t *n)
{
    char const *p = *s;
    *n = 0;
    while (p < end && *p >= '0' && *p <= '9' && p - *s < 19)
        *n = (*n * 10) + (uint64_t)(*p++ - '0');
    if (p == *s || (p < end && *p != ' '))
        return 0;
    *s = p < end ? p + 1 : p;
    return 1;
}

static int word(char const **s, char const *end, char const *w)
{
    size_t n = strlen(w);
    if ((size_t)(end - *s) < n || memcmp(*s, w, n) != 0)
        return 0;
    *s += n;
    return 1;
}

static ptrdiff_t take_data(char const *s, char const *line, char const *end, char const *all,
                           struct ctfetch_answer *a)
{
    uint64_t status;
    uint64_t length;
    a->kind = CTFETCH_DATA;
    if (!number(&line, end, &a->id) || !number(&line, end, &status) ||
        !number(&line, end, &length) || line < end || status > 999 || length > CTFETCH_BODY)
        return -1;
    a->status = (unsigned int)status;
    a->body = end + 1;
    a->n = length;
    if ((uint64_t)(all - a->body) < length + 1)
        return 0;
    return a->body[length] == '\n' ? a->body + length + 1 - s : -1;
}

ptrdiff_t ctfetch_take(char const *s, size_t n, struct ctfetch_answer *a)
{
    char const *end = memchr(s, '\n', n);
    char const *line = s;
    ptrdiff_t took = -1;
    *a = (struct ctfetch_answer){.body = NULL};
    if (!end) {
        if (n <= CTFETCH_LINE)
            return 0;
    } else if (word(&line, end, "data ")) {
        took = take_data(s, line, end, s + n, a);
    } else {
        int is_retry = word(&line, end, "retry ");
        a->kind = is_retry ? CTFETCH_RETRY : CTFETCH_FAILED;
        if ((is_retry || word(&line, end, "failed ")) && number(&line, end, &a->id) &&
            (!is_retry || number(&line, end, &a->ms))) {
            a->body = line;
            a->n = (size_t)(end - line);
            took = end + 1 - s;
        }
    }
    if (took < 0)
        errno = EPROTO;
    return took;
}
