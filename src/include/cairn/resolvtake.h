/* resolvtake: makes a resolver of our own the one that /etc/resolv.conf names, and undoes it.

   The marks are go-dnsmasq's: at the top stand "# nameserver ADDR # added by go-dnsmasq" and behind
   it "nameserver ADDR", and each nameserver line gets the prefix "# disabled by go-dnsmasq #".
   Everything else stays. Undoing it takes our two lines and the prefixes away, and go-dnsmasq's
   line, which has the mark itself; of a file without marks it changes nothing, so it is done at
   every start, which heals what was killed. The line that is used has no mark because busybox's
   nslookup takes whatever stands behind the address for a part of it.

   The file is written in place, because Docker mounts it: a rename would fail. The descriptor may
   be kept across a drop of privilege. Files are at most RESOLVTAKE_MAX bytes. */

#ifndef CAIRN_RESOLVTAKE_H
#define CAIRN_RESOLVTAKE_H

#include <stddef.h>
#include <sys/types.h>

#include <cairn/netaddr.h>
#include <cairn/resolvconf.h>

enum { RESOLVTAKE_MAX = 16384 };

#define RESOLVTAKE_ADDED    " # added by go-dnsmasq"
#define RESOLVTAKE_DISABLED "# disabled by go-dnsmasq #"

/* Pure. Each writes to out (size bytes) what text of n bytes becomes, and returns the length, -1
   with E2BIG if there is no room. out may not be text. */
extern ssize_t resolvtake_clean(char *out, size_t size, char const *text, size_t n);
extern ssize_t resolvtake_take(char *out, size_t size, char const *text, size_t n,
                               struct netaddr const *);

/* The same on the file open for reading and writing at fd: cleaned, or cleaned and then taken (own
   not NULL). It is written only if it changes. Returns 1 changed, 0 not, -1 with errno. */
extern int resolvtake_file(int fd, struct netaddr const *own);

/* Reads the file as resolvconf_read does, as if it were cleaned; but one that is not there is -1
   with ENOENT or ENOTDIR. The configuration is that of an empty file then. */
extern int resolvtake_read(struct resolvconf *, char const *file);

#endif
