/* hosts: reads /etc/hosts.

   A line is an address, blanks, names; '#' begins a comment. Names are compared without regard to
   ASCII case. Lines longer than LINES_MAX are passed over. */

#ifndef CAIRN_HOSTS_H
#define CAIRN_HOSTS_H

#include <netinet/in.h>

#include <cairn/netaddr.h>

#define HOSTS_FILE "/etc/hosts"

/* Finds the first line of file that gives name an address of this family (AF_INET, AF_INET6) for
   which accept (NULL: any) returns true. Returns 1 found, 0 not (also when there is no such file),
   -1 with errno. */
extern int hosts_find(char const *file, char const *name, int family,
                      int (*accept)(void *data, struct netaddr const *), void *data,
                      struct netaddr *);

#endif
