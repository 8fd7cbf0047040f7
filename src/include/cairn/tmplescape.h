/* tmplescape: what html, js and urlquery make of text (the sheet dns-and-templates, section 4). */

#ifndef CAIRN_TMPLESCAPE_H
#define CAIRN_TMPLESCAPE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* All append the n bytes at s, escaped, to out. They return 1, or 0 with errno: ENOMEM, or EDQUOT
   where out would grow beyond max bytes. */

/* & < > " ' and NUL become entities. */
extern int tmplescape_html(stralloc *out, size_t max, char const *s, size_t n);

/* Safe inside a string of JavaScript. */
extern int tmplescape_js(stralloc *out, size_t max, char const *s, size_t n);

/* application/x-www-form-urlencoded: a blank becomes +. */
extern int tmplescape_urlquery(stralloc *out, size_t max, char const *s, size_t n);

#endif
