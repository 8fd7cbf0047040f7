/* bootinput: where an image keeps what init reads: fix-attrs.d, cont-init.d, services.d and
   cont-finish.d. */

#ifndef CAIRN_BOOTINPUT_H
#define CAIRN_BOOTINPUT_H

#include <stddef.h>

#define BOOTINPUT_DIR      "/etc"
#define BOOTINPUT_PROFILES "/etc/cont-profile.d/"

/* Service directories that those of services.d are merged over. */
#define BOOTINPUT_TEMPLATES "/etc/s6/services"

/* Writes to buf the directory that holds the four: that of the profile (the value of
   S6_RUNTIME_PROFILE), if it is neither NULL nor empty. Returns 0, or -1 with errno (ENAMETOOLONG:
   buf is as it was; else: it has a path that is not there). */
extern int bootinput_find(char *buf, size_t size, char const *profile);

#endif
