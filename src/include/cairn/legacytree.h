/* legacytree: what an image brings for generations of s6-overlay that we cannot serve. */

#ifndef CAIRN_LEGACYTREE_H
#define CAIRN_LEGACYTREE_H

/* Looks for s6-rc source directories with user content (anything but the empty bundles user and
   user2 that the overlay itself ships) in /etc/s6-overlay, and in input/s6-overlay when input is a
   profile's directory. Returns the path of the first (static storage), or NULL. */
extern char const *legacytree_find(char const *input);

#endif
