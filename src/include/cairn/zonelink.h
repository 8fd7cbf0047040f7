/* zonelink: the local time of programs that have no TZ: a link to a file of the zone information.
 */

#ifndef CAIRN_ZONELINK_H
#define CAIRN_ZONELINK_H

#define ZONELINK_ZONES "/usr/share/zoneinfo"
#define ZONELINK_FILE  "/etc/localtime"

/* Makes link a symbolic link to zones/tz, in place of what is there. A link that is right is left
   alone. Returns 1, 0 if zones has no such file, -1 with errno (ENAMETOOLONG too); then link is as
   it was. */
extern int zonelink_set_in(char const *zones, char const *link, char const *tz);
#define zonelink_set(tz) zonelink_set_in(ZONELINK_ZONES, ZONELINK_FILE, tz)

#endif
