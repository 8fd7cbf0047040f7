/* sprig: the functions of the library sprig as consul-template has them, each under its name with
   "sprig_" before it. */

#ifndef CAIRN_SPRIG_H
#define CAIRN_SPRIG_H

#include <stddef.h>

#include <cairn/tmplfunc.h>

/* Sets the tables at t, of which there is room for SPRIG_TABLES, and returns how many. */
enum { SPRIG_TABLES = 16 };
extern size_t sprig_tables(struct tmplfunc_table *t);

#endif
