/* hclscalar: the strings, heredocs, numbers and booleans of HCL (hcl). */

#ifndef CAIRN_HCLSCALAR_H
#define CAIRN_HCLSCALAR_H

#include <cairn/conftext.h>
#include <cairn/hcl.h>

/* How many bytes of an identifier are next: a letter or _, then these, digits, - and dots. */
extern size_t hclscalar_identifier(struct conftext const *in);

/* Each reads what is next, which must begin as one, into *v, in the pool. Returns 1, or 0 having
   failed. */
extern int hclscalar_string(struct conftext *in, struct hclvalue *v);
extern int hclscalar_heredoc(struct conftext *in, struct hclvalue *v);
extern int hclscalar_number(struct conftext *in, struct hclvalue *v);
extern int hclscalar_bool(struct conftext *in, struct hclvalue *v);

#endif
