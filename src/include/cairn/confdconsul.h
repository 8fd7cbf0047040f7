/* confdconsul: confd's backend consul: the keys below those of a resource, asked through
   consul-fetch (ctfetcher.h). */

#ifndef CAIRN_CONFDCONSUL_H
#define CAIRN_CONFDCONSUL_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/confdconf.h>
#include <cairn/confdstore.h>
#include <cairn/ctfetcher.h>

enum { CONFDCONSUL_WHY = 1024 };

struct confdconsul_list; /* what lies below one key */

struct confdconsul {
    struct ctfetcher fetcher;
    struct ctfetcher_settings settings;
    struct ctconf_consul consul;
    struct confdconsul_list *lists;
    uint64_t last_id;
    int is_changed;                    /* something that was filled in is not as it was */
    void (*complain)(char const *why); /* called with what fails while lists have values */
};

/* Takes the settings: -node (the first one), -scheme, -client-*, -auth-token, -basic-auth,
   -username, -password; what is not there is the environment's (CONSUL_HTTP_ADDR, ...). is_watch:
   what is asked once is watched from then on, and asked for again while the agent is away. conf
   must outlive c. */
extern void confdconsul_init(struct confdconsul *c, struct confdconf const *conf, int is_watch,
                             void (*complain)(char const *why));

/* Sets what Consul has for prefix+keys[0..n), less the prefix; waits for the agent's answer where
   there is none yet. Returns 1, or 0 with the reason in why. */
extern int confdconsul_fill(struct confdconsul *c, struct confdstore *s, char const *prefix,
                            char const *const *keys, size_t n, char why[CONFDCONSUL_WHY]);

/* Waits until something that was filled in has changed. Returns 1, or 0 if nothing is watched
   because consul-fetch has ended, or never began. */
extern int confdconsul_wait(struct confdconsul *c);

/* Ends consul-fetch and forgets all answers. */
extern void confdconsul_stop(struct confdconsul *c);

/* What the agent is asked for all keys that begin with this one (clean, with a / in front), in the
   pool. NULL with errno as of pool_get. */
extern char *confdconsul_path(struct pool *p, char const *key);

/* Reads the n bytes that it answers (n 0: there are none) into the store, keys less the prefix.
   Values with a byte 0 are left out. Returns 1, or 0 with the reason in why. */
extern int confdconsul_read(struct confdstore *s, char const *prefix, char const *body, size_t n,
                            char why[CONFDCONSUL_WHY]);

#endif
