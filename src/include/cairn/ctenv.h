/* ctenv: the environment of the commands that consul-template runs. */

#ifndef CAIRN_CTENV_H
#define CAIRN_CTENV_H

#include <cairn/ctconf.h>

/* What is added for templates and commands, so that they ask the same agent: CONSUL_HTTP_ADDR,
   CONSUL_HTTP_AUTH, CONSUL_HTTP_SSL, CONSUL_HTTP_SSL_VERIFY. NAME=value each, with NULL at the end,
   in the pool; NULL with errno as pool_get. */
extern char const *const *ctenv_added(struct ctconf_consul const *c, struct pool *p);

/* The whole environment of a command: base (unless it is to be pristine) as far as the allowed and
   denied patterns let it through, what is added, what is custom; of one name the last counts. In
   the pool; NULL as above. */
extern char const *const *ctenv_make(struct ctconf_exec const *e, char const *const *base,
                                     char const *const *added, struct pool *p);

#endif
