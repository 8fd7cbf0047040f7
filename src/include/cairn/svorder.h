/* svorder: the services of the live scan directory, and in which order they are to be stopped.

   A service directory may hold dependencies.d, with one (empty) file per service that it needs. At
   a stop, a service that others need gets its TERM when those are down. */

#ifndef CAIRN_SVORDER_H
#define CAIRN_SVORDER_H

/* Is there a service directory in services/ below statefd? */
extern int svorder_any_service(int statefd);

/* Has any of them dependencies? */
extern int svorder_any_dependency(int statefd);

#endif
