/* consuladdr: where Consul's agent is, as CONSUL_HTTP_ADDR says it. */

#ifndef CAIRN_CONSULADDR_H
#define CAIRN_CONSULADDR_H

enum { CONSULADDR_MAX = 512 };

struct consuladdr {
    char base[CONSULADDR_MAX];   /* what the path is put behind: "http://127.0.0.1:8500" */
    char socket[CONSULADDR_MAX]; /* of unix://; else "" */
    char host[CONSULADDR_MAX];   /* without the port and brackets */
    char port[8];
    int is_tls;
};

/* Reads [http://|https://]host[:port] and unix://path. Without a port it is that of the scheme, and
   8500 where no scheme is given. is_tls: https even if none is given. Returns 1, or 0 if it is none
   of these, or too long. */
extern int consuladdr_parse(struct consuladdr *a, char const *s, int is_tls);

#endif
