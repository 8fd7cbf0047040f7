#include <errno.h>
#include <string.h>

#include <cairn/catmax.h>

/* Is there room for n bytes more? */
static int has_room(stralloc *sa, size_t max, size_t n)
{
    if (n > max || sa->len > max - n) {
        errno = EDQUOT;
        return 0;
    }
    return stralloc_readyplus(sa, n);
}

char const *catmax_why(void)
{
    return errno == EDQUOT ? "more output than is allowed" : "out of memory";
}

int catmax(stralloc *sa, size_t max, char const *s, size_t n)
{
    if (!has_room(sa, max, n))
        return 0;
    if (n)
        memcpy(sa->s + sa->len, s, n);
    sa->len += n;
    return 1;
}

int catmax_text(stralloc *sa, size_t max, char const *s)
{
    return catmax(sa, max, s, strlen(s));
}

int catmax_fill(stralloc *sa, size_t max, char c, size_t n)
{
    if (!has_room(sa, max, n))
        return 0;
    if (n)
        memset(sa->s + sa->len, c, n);
    sa->len += n;
    return 1;
}
