/* sprigarg: what sprig's functions make of arguments that may be anything. */

#ifndef CAIRN_SPRIGARG_H
#define CAIRN_SPRIGARG_H

#include <stdint.h>

#include <cairn/tmplfunc.h>

enum { SPRIGARG_MAX = 64 << 20 }; /* bytes, or items, that one call can make */

/* The value as an integer: floats lose their fraction, true is 1, text is read with Go's prefixes
   (0x, 0b, 0); what is none of these is 0. */
extern int64_t sprigarg_int(struct tmplvalue const *v);

/* The same as a float. */
extern double sprigarg_float(struct tmplvalue const *v);

/* The value as text, %v of it. Returns 1, or 0 as tmplcall_fail. */
extern int sprigarg_text(struct tmplcall *c, struct tmplvalue const *v, struct tmplvalue *text);

/* Is v a list? If not, the reason is set. */
extern int sprigarg_is_list(struct tmplcall *c, struct tmplvalue const *v);

/* A map? */
extern int sprigarg_is_map(struct tmplcall *c, struct tmplvalue const *v);

/* The string at v, cut for a message: for "%.*s". */
#define SPRIGARG_SHOWN(v) ((v)->n > 200 ? 200 : (int)(v)->n), (v)->u.s

/* Is it what sprig calls empty: false, 0, "", nothing, no items? Structs never are. */
extern int sprigarg_is_empty(struct tmplvalue const *v);

#endif
