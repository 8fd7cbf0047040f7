/* svhalt: a service asks for the end of the tree that it belongs to (on-exit).

   svscan tells supervise which tree that is, by a variable that supervise keeps to itself: the
   absolute path of the scan directory, with a + in front if it is the live one of a container,
   whose init takes an exit code. */

#ifndef CAIRN_SVHALT_H
#define CAIRN_SVHALT_H

#define SVHALT_ENV  "CAIRN_SCANDIR"
#define SVHALT_INIT '+'

/* tree: such a value. Leaves the exit code for init, if there is one, and does what svscanctl -t
   does. Returns 0, or -1 with errno (ENXIO, ENOENT: nobody listens). */
extern int svhalt(char const *tree, unsigned int code);

#endif
