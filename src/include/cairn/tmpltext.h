/* tmpltext: what functions of templates do with text, whoever's they are and in whatever order
   their arguments stand. */

#ifndef CAIRN_TMPLTEXT_H
#define CAIRN_TMPLTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include <cairn/base64.h>
#include <cairn/tmplfunc.h>

/* All that have a result set it and return 1, or return 0 as tmplcall_fail. */

/* What sa holds becomes the result, or made is 0 and that has failed. Frees sa. */
extern int tmpltext_finish(struct tmplcall *c, int made, stralloc *sa, struct tmplvalue *result);

/* A list of n strings, by type. */
extern struct tmplvalue tmpltext_strings(struct tmplvalue const *item, size_t n);

/* Is item i of the list a string? If not, the reason is set. */
extern int tmpltext_item(struct tmplcall *c, struct tmplvalue const *list, size_t i);

/* As Go's strings.SplitN (at most max pieces; TMPLTEXT_ALL), Join, Replace (times: -1 for all). */
#define TMPLTEXT_ALL ((size_t)-1)
extern int tmpltext_split(struct tmplcall *c, struct tmplvalue const *text,
                          struct tmplvalue const *sep, size_t max, struct tmplvalue *result);
extern int tmpltext_join(struct tmplcall *c, struct tmplvalue const *list,
                         struct tmplvalue const *sep, struct tmplvalue *result);
extern int tmpltext_replace(struct tmplcall *c, struct tmplvalue const *text,
                            struct tmplvalue const *old, struct tmplvalue const *new, int64_t times,
                            struct tmplvalue *result);

/* Changes each letter (runecase_upper, runecase_lower). */
extern int tmpltext_case(struct tmplcall *c, struct tmplvalue const *text,
                         unsigned int (*change)(unsigned int), struct tmplvalue *result);

/* The text without the white space (of ASCII) around it. */
extern struct tmplvalue tmpltext_trimmed(struct tmplvalue const *text);

extern int tmpltext_begins(struct tmplvalue const *text, struct tmplvalue const *with);
extern int tmpltext_ends(struct tmplvalue const *text, struct tmplvalue const *with);

/* The n bytes in hexadecimal. */
extern int tmpltext_hex(struct tmplcall *c, char const *bytes, size_t n, struct tmplvalue *result);

extern int tmpltext_encode64(struct tmplcall *c, struct tmplvalue const *text,
                             enum base64_alphabet alphabet, struct tmplvalue *result);
extern int tmpltext_decode64(struct tmplcall *c, struct tmplvalue const *text,
                             enum base64_alphabet alphabet, struct tmplvalue *result);

#endif
