/* ctfetch: what a renderer and consul-fetch, the program that speaks HTTP to Consul's agent, say to
   each other, over two pipes.

   consul-fetch [-1] [-a ADDRESS] [-w WAIT] [-s MAX_STALE] [-r ATTEMPTS] [-b BACKOFF]
                [-B MAX_BACKOFF] [-c CA_FILE] [-C CA_DIR] [-k CERT] [-K KEY] [-n SERVER_NAME] [-i]
                [-t CONNECT_TIMEOUT]
   Times are milliseconds. -r 0, the default: for ever. -s 0: never stale. -i: certificates are not
   verified. The token is in CONSUL_HTTP_TOKEN, user:password in CONSUL_HTTP_AUTH: nothing secret is
   in an argument. The namespace is in CONSUL_NAMESPACE. CONSUL_HTTP_ADDR serves where there is no
   -a. -1: each watch asks once, without index, and ends (confd -onetime).

   Standard input, a line each; standard input's end ends it, with exit code 0:
     watch ID PATH      ID: 1 to 19 digits; PATH begins with / and has no blank: /v1/kv/a?recurse=
     end ID             the watch is forgotten; answers on their way may still come
   Standard output:
     data ID STATUS LENGTH\n and LENGTH bytes and \n
                        the body (STATUS 200, or 404 with LENGTH 0), when it is not the same as the
                        last of that watch
     retry ID MS WHY    an attempt failed; the next is in MS milliseconds. WHY: to the end of the
                        line, names the address
     failed ID WHY      attempts are exhausted, or the answer is one that no retry mends (400, 401,
                        405; 403 is retried, for a token may come to be known)

   Blocking queries, indexes, stale answers and pauses are consul-fetch's own affair: an answer
   without X-Consul-Index is asked for again every 15 s. */

#ifndef CAIRN_CTFETCH_H
#define CAIRN_CTFETCH_H

#include <stddef.h>
#include <stdint.h>

enum { CTFETCH_LINE = 8192, CTFETCH_BODY = 64 << 20 }; /* bytes: longest line, largest body */

enum ctfetch_kind { CTFETCH_DATA, CTFETCH_RETRY, CTFETCH_FAILED };

/* One answer. */
struct ctfetch_answer {
    enum ctfetch_kind kind;
    uint64_t id;
    unsigned int status; /* of DATA */
    uint64_t ms;         /* of RETRY */
    char const *body;    /* of DATA; else WHY */
    size_t n;
};

/* Takes one answer from the n bytes at s. Returns how many bytes it had, with *a pointing into s; 0
   if it is not all there yet; -1 with errno EPROTO if it is none. */
extern ptrdiff_t ctfetch_take(char const *s, size_t n, struct ctfetch_answer *a);

#endif
