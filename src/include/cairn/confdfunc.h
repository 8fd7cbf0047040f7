/* confdfunc: the functions of confd's templates (the sheet dns-and-templates, section 2.6): those
   of 0.11 and the later ones. crypt's cget and its kin are there to be refused by name. */

#ifndef CAIRN_CONFDFUNC_H
#define CAIRN_CONFDFUNC_H

#include <cairn/confdstore.h>
#include <cairn/tmplfunc.h>

/* The table; its data is the struct confdstore const * that exists, get, gets, getv, getvs, ls and
   lsdir look into. */
extern struct tmplfunc_table confdfunc_table(struct confdstore *s);

#endif
