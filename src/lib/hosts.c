#include <errno.h>
#include <string.h>
#include <strings.h>

#include <cairn/hosts.h>
#include <cairn/lines.h>

/* Cuts the next word off *s. Returns it, or NULL. */
static char *word(char **s)
{
    static char const blanks[] = " \t\r\f\v";
    char *start = *s + strspn(*s, blanks);
    if (!*start)
        return NULL;
    *s = start + strcspn(start, blanks);
    if (**s)
        *(*s)++ = 0;
    return start;
}

/* Without setlocale, strcasecmp is that of ASCII. */
static int has_name(char *names, char const *name)
{
    char *w;
    while ((w = word(&names)))
        if (!strcasecmp(w, name))
            return 1;
    return 0;
}

int hosts_find(char const *file, char const *name, int family,
               int (*accept)(void *, struct netaddr const *), void *data, struct netaddr *found)
{
    struct lines l;
    char *line;
    int r;
    if (lines_open(&l, file) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    while ((r = lines_next(&l, &line)) > 0) {
        struct netaddr a;
        line[strcspn(line, "#")] = 0;
        char *address = word(&line);
        if (!address || !netaddr_parse(address, &a) || a.family != family ||
            !has_name(line, name) || (accept && !accept(data, &a)))
            continue;
        *found = a;
        break;
    }
    lines_close(&l);
    return r;
}
