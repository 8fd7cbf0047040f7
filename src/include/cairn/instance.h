/* instance: the layout of an instanced service.

   SERVICEDIR/template is what instances are copied from, SERVICEDIR/instances/NAME are the copies,
   and SERVICEDIR/instance is the scan directory of the svscan that is the service, with links NAME
   to ../instances/NAME. The names of instances are those of sclink_is_name. As in s6 2.11. */

#ifndef CAIRN_INSTANCE_H
#define CAIRN_INSTANCE_H

#include <stddef.h>

#define INSTANCE_SCANDIR  "instance"
#define INSTANCE_COPIES   "instances"
#define INSTANCE_TEMPLATE "template"

/* Writes SERVICEDIR/instance/NAME to buf, SERVICEDIR being mapped as statedir_map does. Returns
   buf, or NULL with errno ENAMETOOLONG. */
extern char *instance_path(char *buf, size_t size, char const *servicedir, char const *name);

/* Goes through the options, which must be among letters, and are left to the program that gets
   them. Returns the index of the first of two operands, or -1: wrong usage. */
extern int instance_options(int argc, char const *const *argv, char const *letters);

/* Becomes our program of that name (svc, svstat), with the options argv[1] to argv[ind - 1], for
   the instance argv[ind + 1] of argv[ind]. Returns only if it cannot: the exit code, with errno and
   what could not be done to which object. file: of PATH_MAX bytes, for the path of the program. */
extern int instance_exec(char const *program, char const *const *argv, int ind, char *file,
                         char const **what, char const **object);

#endif
