/* hosts: reads /etc/hosts.

   A line is an address, blanks, names; '#' begins a comment. Names are compared without regard to
   ASCII case. Lines longer than LINES_MAX are passed over.

   Two ways: hosts_find reads the file each time it is asked, for programs that ask once. A table
   is loaded once, for those that ask often; only it knows wildcards. */

#ifndef CAIRN_HOSTS_H
#define CAIRN_HOSTS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include <cairn/dnswire.h>
#include <cairn/netaddr.h>

#define HOSTS_FILE "/etc/hosts"

/* Finds the first line of file that gives name an address of this family (AF_INET, AF_INET6) for
   which accept (NULL: any) returns true. Returns 1 found, 0 not (also when there is no such file),
   -1 with errno. */
extern int hosts_find(char const *file, char const *name, int family,
                      int (*accept)(void *data, struct netaddr const *), void *data,
                      struct netaddr *);

/* ---- a table

   Entries and names lie in memory of the caller, who sizes it once: a load that needs more drops
   the rest and counts it. A name "*.dom" stands for every name of one label more than dom, unless
   that name itself is in the table. */

struct hosts_entry {
    struct netaddr addr;
    uint32_t name;    /* offset of the name, in wire form, in the table's names */
    uint32_t by_name; /* the next of the same hash, as index + 1; 0: none */
    uint32_t by_addr;
    unsigned char is_wildcard; /* the name is what follows "*." */
};

struct hosts_table {
    struct hosts_entry *entry;
    uint32_t *bucket; /* 2 * buckets of them: by name, then by address */
    unsigned char *names;
    uint32_t entries, max_entries;
    uint32_t buckets; /* a power of two */
    uint32_t size, max_size;
    unsigned int dropped; /* for want of room */
    unsigned int junk;    /* lines without an address, words that are no names */
};

/* Bytes that a table of so many entries and bytes of names takes. */
extern size_t hosts_table_size(uint32_t entries, uint32_t names);

/* Lays an empty table out in memory of that size, aligned as malloc does. */
extern void hosts_table_init(struct hosts_table *, void *memory, uint32_t entries, uint32_t names);

extern void hosts_table_clear(struct hosts_table *);

/* Adds one line, which is written to. */
extern void hosts_table_line(struct hosts_table *, char *line);

/* Clears the table and loads the file; no such file is an empty one. Returns 0, or -1 with errno,
   the table then being what was read so far. */
extern int hosts_table_load(struct hosts_table *, char const *file);

/* Walks the addresses of a name, in the order of the file: *at begins with 0. Returns the next, of
   any family, or NULL. */
extern struct hosts_entry const *hosts_table_find(struct hosts_table const *,
                                                  struct dnswire_name const *, uint32_t *at);

/* The name of the first entry with this address; of a wildcard, the name behind "*.". 1 found, 0
   not. */
extern int hosts_table_reverse(struct hosts_table const *, struct netaddr const *,
                               struct dnswire_name *);

#endif
