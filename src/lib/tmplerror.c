#include <stdio.h>
#include <string.h>

#include <cairn/tmplerror.h>

static void set_place(struct tmplerror *e, char const *text, size_t len, char const *at)
{
    char const *line = text;
    e->line = 1;
    for (char const *p; (p = memchr(line, '\n', (size_t)(at - line))); line = p + 1)
        e->line++;
    char const *end = memchr(at, '\n', len - (size_t)(at - text));
    e->column = (unsigned int)(at - line) + 1;
    e->text = line;
    e->n = (size_t)((end ? end : text + len) - line);
}

void tmplerror_set(struct tmplerror *e, int is_exec, char const *text, size_t len, char const *at,
                   char const *format, va_list ap)
{
    vsnprintf(e->why, sizeof e->why, format, ap);
    e->is_exec = is_exec;
    set_place(e, text, len, at);
}

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Appends the part of the line that is shown, control characters as blanks; sets how many columns
   stand before the place of the fault. */
static int show_line(struct tmplerror const *e, stralloc *sa, size_t *columns)
{
    size_t at = e->column - 1 < e->n ? e->column - 1 : e->n;
    size_t begin = at > TMPLERROR_LINE / 2 ? at - TMPLERROR_LINE / 2 : 0;
    while (begin && is_continuation(e->text[begin]))
        begin--;
    size_t end = e->n - begin > TMPLERROR_LINE ? begin + TMPLERROR_LINE : e->n;
    while (end < e->n && is_continuation(e->text[end]))
        end++;
    *columns = 0;
    for (size_t i = begin; i < end; i++) {
        char c = e->text[i];
        if ((unsigned char)c < 32 || c == 127)
            c = ' ';
        *columns += i < at && !is_continuation(c);
        if (!stralloc_append(sa, c))
            return 0;
    }
    return 1;
}

int tmplerror_text(struct tmplerror const *e, char const *name, stralloc *sa)
{
    char place[64];
    size_t columns;
    snprintf(place, sizeof place, ":%u:%u: ", e->line, e->column);
    if (!stralloc_cats(sa, name) || !stralloc_cats(sa, place) || !stralloc_cats(sa, e->why))
        return 0;
    if (!e->text)
        return 1;
    if (!stralloc_cats(sa, "\n    ") || !show_line(e, sa, &columns) || !stralloc_cats(sa, "\n    "))
        return 0;
    while (columns--)
        if (!stralloc_append(sa, ' '))
            return 0;
    return stralloc_append(sa, '^');
}
