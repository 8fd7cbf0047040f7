/* tmplprint: values as text, by the rules of Go's fmt (the sheet dns-and-templates, section 4):
   what an action prints, print, println, and printf with its verbs. Faults of a format are text,
   %!d(string=x), and no failures. */

#ifndef CAIRN_TMPLPRINT_H
#define CAIRN_TMPLPRINT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

/* All append to out, and return 1, or 0 with errno: ENOMEM, or EDQUOT where out would grow beyond
   max bytes (a width or precision is no way around that). */

/* What an action leaves in the output: %v, but "<no value>" for nothing and nil. */
extern int tmplprint_action(stralloc *out, size_t max, struct tmplvalue const *v);

/* %v */
extern int tmplprint_value(stralloc *out, size_t max, struct tmplvalue const *v);

/* print: a blank only between two operands of which neither is a string. */
extern int tmplprint_print(stralloc *out, size_t max, struct tmplvalue const *v, size_t n);

/* println: blanks always, and a newline. */
extern int tmplprint_println(stralloc *out, size_t max, struct tmplvalue const *v, size_t n);

/* printf with the format of len bytes and n operands. */
extern int tmplprint_printf(stralloc *out, size_t max, char const *format, size_t len,
                            struct tmplvalue const *v, size_t n);

#endif
