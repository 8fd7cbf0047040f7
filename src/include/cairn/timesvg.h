/* timesvg: a timeline as an SVG picture, like a Gantt chart.

   One lane per kind (stages, hooks, services, command), one line per thing, a bar from its start to
   its end; a service's bar is light until it is ready and dark from then on. What belongs to the
   stop has a panel and an axis of its own, because hours may lie between. Names stand left of the
   bars, times and results right of them, so that no text lies on a bar. */

#ifndef CAIRN_TIMESVG_H
#define CAIRN_TIMESVG_H

#include <skalibs/stralloc.h>

#include <cairn/timeline.h>

/* Appends s to sa as XML text; what XML 1.0 cannot hold becomes U+FFFD. Returns 0 or -1. */
extern int timesvg_escape(stralloc *sa, char const *s);

/* Appends the picture. started: the wall clock's text for the title, or NULL; notes: each ended by
   a NUL, n of them. Returns 0, or -1 if there is no memory. */
extern int timesvg_draw(stralloc *sa, struct timeline const *, char const *started,
                        char const *notes, unsigned int n);

#endif
