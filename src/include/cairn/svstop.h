/* svstop: takes the services of a scan directory down in order.

   Each is asked by a control byte d, one that others name in their dependencies.d when those are
   down. */

#ifndef CAIRN_SVSTOP_H
#define CAIRN_SVSTOP_H

/* Asks all services in the scan directory scanfd. Returns when all have been asked and those that
   others waited for are down, without a bound: the caller has one. One that has no supervisor, or
   cannot be waited for, counts as down. Returns 0, or -1 with errno when the directory cannot be
   read. Allocates. */
extern int svstop_in_order(int scanfd);

#endif
