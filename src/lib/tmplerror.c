#include <stdio.h>
#include <string.h>

#include <cairn/tmpl.h>

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Appends the part of the line that is shown, control characters as blanks; sets how many columns
   stand before the place of the fault. */
static int show_line(struct tmpl_error const *e, stralloc *sa, size_t *columns)
{
    size_t at = e->column - 1 < e->n ? e->column - 1 : e->n;
    size_t begin = at > TMPL_CARET_LINE / 2 ? at - TMPL_CARET_LINE / 2 : 0;
    while (begin && is_continuation(e->text[begin]))
        begin--;
    size_t end = e->n - begin > TMPL_CARET_LINE ? begin + TMPL_CARET_LINE : e->n;
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

int tmpl_error_text(struct tmpl_error const *e, char const *name, stralloc *sa)
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
