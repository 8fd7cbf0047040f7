/* resolver: a forwarding DNS server for one container.

   resolver [OPTIONS]: those of go-dnsmasq, and --user, --notification-fd, --check-config,
   --service, --prepare; see resolveropt.h. With the last two it may be the interpreter of a script,
   whose path and arguments follow then, and do not count. Reads: /etc/resolv.conf, the hosts file;
   writes: /etc/resolv.conf with --default-resolver.

   What always holds: every query gets an answer or is passed on within its time; nothing is
   allocated once the loop runs; the loop waits for nothing but events. resolv.conf is as it was
   after every orderly end, and healed by the next start after any other. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/dnscache.h>
#include <cairn/dnsclient.h>
#include <cairn/dnsforward.h>
#include <cairn/dnslocal.h>
#include <cairn/filewatch.h>
#include <cairn/hosts.h>
#include <cairn/identity.h>
#include <cairn/lines.h>
#include <cairn/logfile.h>
#include <cairn/packetinfo.h>
#include <cairn/resolveropt.h>
#include <cairn/resolvtake.h>
#include <cairn/setting.h>
#include <cairn/udpbatch.h>

#include "config.h"

char const *PROG = "resolver";
#define PROG_VERSION "cairn resolver " CAIRN_VERSION
#define USAGE                                                                                      \
    "resolver [ --listen address[:port] ] [ --default-resolver ] [ --nameservers list ] "          \
    "[ --stubzones zone[,zone...]/server[,server...] ] [ --hostsfile file ] "                      \
    "[ --search-domains list ] [ --enable-search ] [ --ndots n ] [ --fwd-ndots n ] [ --no-rec ] "  \
    "[ --rcache n ] [ --rcache-ttl seconds ] [ --rcache-bytes n ] [ --round-robin ] [ "            \
    "--serve-stale seconds ] "                                                                     \
    "[ --user name ] [ --notification-fd n ] [ --check-config ] [ --service ] [ --prepare ] "      \
    "[ --verbose ]"

enum {
    HOSTS_ENTRIES = 16384,
    HOSTS_NAMES = 1 << 20, /* bytes */
    STREAMS = 64,          /* TCP connections of clients */
    STREAM_IDLE = 10000,   /* ms after which one without queries makes room for another, and one
                              whose client has said all does not wait for replies any more */
    STREAM_QUERY = DNSFORWARD_QUERY,
    EVENTS = 64,
    QUERY = 4096, /* bytes of a query by UDP */
    REPLY = 4096, /* and of a reply, whatever the client takes: no datagram carries 65535 */
    SEND_BUFFER = 2 * DNSWIRE_MESSAGE,
    WATCH_AFTER = 250,  /* ms */
    WATCH_AGAIN = 5000, /* ms between two looks at files that cannot be watched */
    TCP_PAUSE = 1000,   /* ms without new connections when there is no descriptor for one */
};
_Static_assert((int)PACKETINFO_SIZE <= (int)UDPBATCH_CONTROL, "room for addresses");
enum { TAG_UDP, TAG_TCP, TAG_SIGNAL, TAG_FILES, TAG_STREAM = 16 };

static struct resolveropt option;
static struct dnsforward forward;
static struct hosts_table hosts;
static struct dnscache cache;
static struct filewatch watch = {.fd = -1};

static struct {
    int epoll, udp, tcp, signals, resolv;
    int resolv_error;            /* why resolv is -1 */
    int hosts_file, resolv_file; /* of the watch, -1: not watched */
    int64_t watch_due;           /* when that begins, or is tried again; 0: it has */
    int taken;                   /* resolv.conf names us */
    int is_known;                /* it has been read */
    int is_lost;                 /* but is not there now, or not readable, or still empty */
    int is_any;                  /* we listen on 0.0.0.0 or :: */
    int is_deaf;                 /* connections wait, because there was no descriptor for one */
    int64_t deaf_until;
    unsigned int said_all;  /* streams that are so */
    struct resolvconf conf; /* in use */
} sv = {.udp = -1, .tcp = -1, .resolv = -1, .hosts_file = -1, .resolv_file = -1};

static struct stream {
    int fd; /* 0: free */
    uint32_t generation;
    int64_t last;
    unsigned int owed; /* queries that were passed on */
    int said_all;      /* the client sends no more, but reads */
    size_t have;
    unsigned char buf[2 + STREAM_QUERY];
} stream[STREAMS];

static unsigned char out[2 + DNSWIRE_MESSAGE];

/* UDP: queries as they come, a system call for all that wait; replies leave before we wait again */
static unsigned char query_bytes[UDPBATCH * QUERY];
static unsigned char reply_bytes[2 * DNSWIRE_MESSAGE];
static struct udpbatch queries = {
    .bytes = query_bytes, .size = sizeof query_bytes, .max = UDPBATCH};
static struct udpbatch replies = {.bytes = reply_bytes, .size = sizeof reply_bytes};

/* ---- replies */

/* What waits to be let in stays readable: without a descriptor for it we must not look. */
static void hear_tcp(int yes)
{
    struct epoll_event e = {.events = yes ? EPOLLIN : 0, .data.u32 = TAG_TCP};

    sv.deaf_until = dnsclient_now() + TCP_PAUSE;
    if (sv.is_deaf != !yes && epoll_ctl(sv.epoll, EPOLL_CTL_MOD, sv.tcp, &e) == 0)
        sv.is_deaf = !yes;
}

static void close_stream(struct stream *s)
{
    close(s->fd);
    s->fd = 0;
    s->generation++;
    s->have = 0;
    s->owed = 0;
    sv.said_all -= (unsigned int)s->said_all;
    s->said_all = 0;
    hear_tcp(1); /* there is a descriptor now */
}

static void send_stream(struct dnsforward_client const *c, unsigned char const *b, size_t len)
{
    struct stream *s = stream + c->number;
    unsigned char head[2] = {(unsigned char)(len >> 8), (unsigned char)len};
    if (!s->fd || s->generation != c->generation)
        return; /* it has left */
    struct iovec v[2] = {{.iov_base = head, .iov_len = 2},
                         {.iov_base = (void *)(uintptr_t)b, .iov_len = len}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    /* the socket's buffer holds the longest reply; who does not read them loses the connection */
    if (sendmsg(s->fd, &m, MSG_NOSIGNAL) != (ssize_t)len + 2)
        close_stream(s);
}

/* A reply leaves from the address that was asked: the client takes it from no other. */
static void send_udp(struct dnsforward_client const *c, unsigned char const *b, size_t len)
{
    struct msghdr *m =
        udpbatch_put(&replies, sv.udp, b, len, (struct sockaddr const *)&c->from, c->from_len);
    if (!m || !sv.is_any)
        return;
    m->msg_controllen = UDPBATCH_CONTROL;
    m->msg_controllen = packetinfo_put(m, &c->to, c->interface);
}

static void deliver(void *data, struct dnsforward_client const *c, unsigned char *b, size_t len)
{
    (void)data;
    if (c->stream)
        send_stream(c, b, len);
    else
        send_udp(c, b, len);
}

/* What was passed on has come back. */
static void deliver_forwarded(void *data, struct dnsforward_client const *c, unsigned char *b,
                              size_t len)
{
    struct stream *s = c->stream ? stream + c->number : NULL;
    deliver(data, c, b, len);
    if (s && s->fd && s->generation == c->generation && !--s->owed && s->said_all)
        close_stream(s);
}

static void deliver_error(struct dnsforward_client const *c, unsigned char const *b, size_t len,
                          unsigned int rcode)
{
    size_t n = dnswire_error(out, sizeof out, b, len, rcode);
    if (n)
        deliver(NULL, c, out, n);
}

/* ---- queries */

static void on_query(struct dnsforward_client *c, unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_edns e;
    if (!dnswire_read(&r, b, len) || r.h.flags & DNSWIRE_QR)
        return;
    if (r.h.flags & DNSWIRE_OPCODE) {
        deliver_error(c, b, len, DNSWIRE_NOTIMP);
        return;
    }
    int edns = dnswire_edns(b, len, &e);
    if (edns < 0 || r.h.count[0] != 1 || dnswire_next_question(&r, &q) != 1) {
        deliver_error(c, b, len, DNSWIRE_FORMERR);
        return;
    }
    c->room = c->stream ? DNSWIRE_MESSAGE : !edns ? DNSWIRE_UDP : e.size < REPLY ? e.size : REPLY;
    size_t n = dnslocal_answer(out, c->room, b, len, &q, &hosts, PROG_VERSION);
    c->flags =
        (unsigned char)((edns ? DNSCACHE_EDNS : 0) | (edns && e.dnssec_ok ? DNSCACHE_DO : 0) |
                        (r.h.flags & DNSWIRE_CD ? DNSCACHE_CD : 0) |
                        (edns && e.has_options ? DNSFORWARD_ALONE : 0));
    if (n)
        deliver(NULL, c, out, n);
    else if (option.no_rec || !forward.servers)
        deliver_error(c, b, len, DNSWIRE_REFUSED);
    else {
        if (c->stream)
            stream[c->number].owed++;
        dnsforward_ask(&forward, b, len, &q, c);
    }
}

static void on_udp(void)
{
    int n = udpbatch_read(&queries, sv.udp);
    for (int i = 0; i < n; i++) {
        struct msghdr const *m = &queries.m[i].msg_hdr;
        struct dnsforward_client c;
        memset(&c, 0, offsetof(struct dnsforward_client, from));
        c.from_len = m->msg_namelen;
        memcpy(&c.from, queries.addr + i, c.from_len);
        if (sv.is_any)
            packetinfo_get(m, &c.to, &c.interface);
        if (queries.m[i].msg_len)
            on_query(&c, queries.v[i].iov_base, queries.m[i].msg_len);
    }
}

/* The client has shut its side down: it gets what it has asked for, and then the end. From now on
   there are events only if it leaves. */
static void end_stream(struct stream *s)
{
    struct epoll_event e = {.data.u32 = TAG_STREAM + (uint32_t)(s - stream)};
    if (!s->owed || epoll_ctl(sv.epoll, EPOLL_CTL_MOD, s->fd, &e) < 0) {
        close_stream(s);
        return;
    }
    s->said_all = 1;
    s->last = dnsclient_now();
    sv.said_all++;
}

static void on_stream(unsigned int i)
{
    if (i >= STREAMS || !stream[i].fd)
        return; /* closed by an event before this one */
    struct stream *s = stream + i;
    if (s->said_all) {
        close_stream(s);
        return;
    }
    ssize_t n = recv(s->fd, s->buf + s->have, sizeof s->buf - s->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        close_stream(s);
        return;
    }
    if (!n) {
        end_stream(s);
        return;
    }
    s->have += (size_t)n;
    s->last = dnsclient_now();
    while (s->have >= 2) {
        size_t len = dnswire_u16(s->buf);
        struct dnsforward_client c = {.stream = 1, .number = i, .generation = s->generation};
        if (len > STREAM_QUERY || len < DNSWIRE_HEADER) {
            close_stream(s);
            return;
        }
        if (s->have < len + 2)
            return;
        on_query(&c, s->buf + 2, len);
        if (!s->fd)
            return;
        s->have -= len + 2;
        memmove(s->buf, s->buf + len + 2, s->have);
    }
}

/* A free stream, or the one that has been idle longest, if it has been for long. */
static struct stream *find_stream(int64_t now)
{
    struct stream *oldest = stream;
    for (struct stream *s = stream; s < stream + STREAMS; s++) {
        if (!s->fd)
            return s;
        if (s->last < oldest->last)
            oldest = s;
    }
    if (now - oldest->last < STREAM_IDLE)
        return NULL;
    close_stream(oldest);
    return oldest;
}

static void on_tcp(void)
{
    int size = SEND_BUFFER;
    int fd = accept4(sv.tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            hear_tcp(0);
        return;
    }
    int64_t now = dnsclient_now();
    struct stream *s = find_stream(now);
    struct epoll_event e = {.events = EPOLLIN};
    if (s)
        e.data.u32 = TAG_STREAM + (uint32_t)(s - stream);
    if (!s || setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0 ||
        epoll_ctl(sv.epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
        close(fd);
        return;
    }
    s->fd = fd;
    s->last = now;
}

/* ---- files */

static void load_hosts(void)
{
    if (!option.hostsfile)
        return;
    if (hosts_table_load(&hosts, option.hostsfile) < 0)
        strerr_warnwusys("read the hosts file ", option.hostsfile);
    if (hosts.dropped)
        strerr_warnw(option.hostsfile, ": too long, its end is left out");
}

/* What others reach us by: an address of this machine, when we listen on all. */
static struct netaddr own_address(void)
{
    struct netaddr a = option.listen;
    if (sv.is_any)
        netaddr_parse(a.family == AF_INET6 ? "::1" : "127.0.0.1", &a);
    return a;
}

/* Is it us who has this address? When we listen on all: if one can bind to it; but 127.0.0.11 and
   its neighbours are the engine's. */
static int is_own(struct netaddr const *a)
{
    struct netaddr own = own_address();
    struct sockaddr_storage ss;
    socklen_t len = netaddr_sockaddr(a, 0, &ss);
    if (!sv.is_any || netaddr_is(a, &own) ||
        (option.listen.family == AF_INET && a->family != AF_INET))
        return netaddr_is(a, &own);
    if (a->family == AF_INET && ntohl(a->u.v4.s_addr) >> 24 == 127)
        return ntohl(a->u.v4.s_addr) == INADDR_LOOPBACK;
    int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int is = fd >= 0 && !bind(fd, (struct sockaddr *)&ss, len);
    if (fd >= 0)
        close(fd);
    return is;
}

/* Our own address among the servers would be a circle. */
static void drop_own(struct resolvconf *c)
{
    unsigned int n = 0;
    for (unsigned int i = 0; i < c->servers; i++)
        if (!is_own(&c->server[i].addr) || c->server[i].port != option.port)
            c->server[n++] = c->server[i];
    c->servers = n;
}

/* Reads what resolv.conf says. Returns 0 if what it said before is to count, which is better than
   nothing: it is lost. One that takes its place has something to say when it is there: an empty one
   is still being written, and not to be written by us. */
static int load_resolv(struct resolvconf *c)
{
    static struct resolvconf empty;
    static int is_said;
    int is_read = resolvtake_read(c, RESOLVCONF_FILE) == 0;
    if (!is_read && sv.is_known) {
        if (!sv.is_lost)
            strerr_warnwusys("read " RESOLVCONF_FILE ", going on with what it said");
        sv.is_lost = 1;
        return 0;
    }
    if (!is_read) {
        if (errno != ENOENT && errno != ENOTDIR && !is_said)
            strerr_warnwu1sys("read " RESOLVCONF_FILE);
        is_said = 1;
        resolvconf_init(c);
        return 1;
    }
    resolvconf_init(&empty);
    if (sv.is_lost && !memcmp(c, &empty, sizeof empty))
        return 0;
    if (sv.is_lost)
        strerr_warni(RESOLVCONF_FILE " is there again");
    sv.is_lost = 0;
    sv.is_known = 1;
    return 1;
}

/* What resolv.conf says, less what we have written there, and what the options say instead. */
static void read_resolv(void)
{
    static struct resolvconf c;
    if (!load_resolv(&c))
        return;
    if (option.has_servers) {
        c.servers = option.conf.servers;
        memcpy(c.server, option.conf.server, sizeof c.server);
    }
    if (option.has_search) {
        c.searches = option.conf.searches;
        memcpy(c.search, option.conf.search, sizeof c.search);
    }
    if (option.has_ndots)
        c.ndots = option.ndots;
    if (!option.enable_search)
        c.searches = 0;
    drop_own(&c);
    if (!memcmp(&c, &sv.conf, sizeof c))
        return; /* it was us who wrote */
    sv.conf = c;
    if (cache.max)
        dnscache_clear(&cache); /* others may say something else */
    dnsforward_configure(&forward, &c, &option.zones);
    if (!forward.servers && !option.no_rec)
        strerr_warnw("there is no name server but us in " RESOLVCONF_FILE);
}

static char const REMEDY[] =
    "; run as root (GO_DNSMASQ_RUNAS=root), or make it writable for our user";

static void take_resolv(void)
{
    static int is_said;
    if (!option.default_resolver || sv.is_lost)
        return;
    struct netaddr own = own_address();
    if (resolvtake_file(sv.resolv, &own) < 0) {
        if (sv.resolv < 0)
            errno = sv.resolv_error;
        if (!is_said)
            strerr_warnwsys(
                "the container's resolver stays as it was: cannot write " RESOLVCONF_FILE, REMEDY);
        is_said = 1;
    } else
        sv.taken = 1;
}

/* If another file has the name now, that one is ours to write. The one that we have is not opened
   again: to close it would be a change in the eyes of whoever watches it, us and every other
   resolver, without end. */
static void reopen_resolv(void)
{
    struct stat is, was;
    if (!option.default_resolver || stat(RESOLVCONF_FILE, &is) < 0 ||
        (sv.resolv >= 0 && fstat(sv.resolv, &was) == 0 && is.st_dev == was.st_dev &&
         is.st_ino == was.st_ino))
        return;
    int fd = open(RESOLVCONF_FILE, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    if (sv.resolv >= 0)
        close(sv.resolv);
    sv.resolv = fd;
}

static void reread_resolv(void)
{
    reopen_resolv();
    read_resolv();
    take_resolv();
}

static void on_files(void)
{
    unsigned int changed = filewatch_read(&watch);
    if (sv.hosts_file >= 0 && changed >> sv.hosts_file & 1)
        load_hosts();
    if (sv.resolv_file >= 0 && changed >> sv.resolv_file & 1)
        reread_resolv();
}

/* ---- start and end */

/* The file is healed first: what a killed resolver left there must not be read. */
static void setup_resolv(void)
{
    sv.resolv =
        open(RESOLVCONF_FILE, O_RDWR | O_CLOEXEC | (option.default_resolver ? O_CREAT : 0), 0644);
    sv.resolv_error = errno;
    if (sv.resolv >= 0 && resolvtake_file(sv.resolv, NULL) < 0)
        strerr_warnwu1sys("clean " RESOLVCONF_FILE);
    if (sv.resolv >= 0 && !option.default_resolver) {
        close(sv.resolv);
        sv.resolv = -1;
    }
}

static int listen_on(int type)
{
    char address[NETADDR_FMT];
    char port[UINT_FMT];
    struct sockaddr_storage ss;
    socklen_t len = netaddr_sockaddr(&option.listen, option.port, &ss);
    int on = 1;
    netaddr_fmt(address, &option.listen);
    port[uint_fmt(port, option.port)] = 0;
    int fd = socket(ss.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&ss, len) < 0 ||
        (type == SOCK_STREAM && listen(fd, STREAMS) < 0)) {
        int e = errno;
        if (e != EADDRINUSE) /* else it may be another of us who has written there */
            setup_resolv();
        errno = e;
        if (e == EACCES)
            strerr_diefusys(111, "listen on ", address, " port ", port,
                            " (run as root: GO_DNSMASQ_RUNAS=root)");
        if (e == EADDRINUSE)
            strerr_diefusys(111, "listen on ", address, " port ", port,
                            " (another server has it: give --listen another address or port)");
        strerr_diefusys(111, "listen on ", address, " port ", port);
    }
    if (type == SOCK_DGRAM && sv.is_any && packetinfo_enable(fd, ss.ss_family) < 0)
        strerr_diefusys(111, "ask the kernel for addresses of queries");
    return fd;
}

static void add_event(int fd, uint32_t tag)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = tag};
    if (epoll_ctl(sv.epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        strerr_diefusys(111, "watch a descriptor");
}

static void find_user(char const *name, struct userdb_user *user)
{
    int r = userdb_user(name, user);
    if (!r)
        strerr_dief(111, "there is no user ", name);
    if (r < 0)
        strerr_diefusys(111, "read " USERDB_PASSWD);
}

static void become(char const *name)
{
    static struct identity id;
    struct userdb_user user;
    find_user(name, &user);
    int r = userdb_grouplist(name, id.groups, USERDB_GROUPS);
    id.n = r > 0 ? (size_t)r : 0;
    if (identity_set_groups(&id) < 0 || identity_set_gid(user.gid) < 0 ||
        identity_set_uid(user.uid) < 0)
        strerr_diefusys(111, "become user ", name);
}

static void end(void)
{
    udpbatch_send(&replies, sv.udp);
    /* a root that is gone matters not: the descriptor is open */
    if (sv.taken && resolvtake_file(sv.resolv, NULL) < 0)
        strerr_warnwu1sys("give " RESOLVCONF_FILE " back");
    _exit(0);
}

static void print_statistics(void)
{
    char line[512] = "queries forwarded ";
    char address[NETADDR_FMT];
    size_t n = strlen(line);
    n += uint64_fmt(line + n, forward.asked);
    memcpy(line + n, ", joined ", 9);
    n += 9;
    n += uint64_fmt(line + n, forward.joined);
    memcpy(line + n, ", answered ", 11);
    n += 11;
    n += uint64_fmt(line + n, forward.answered);
    memcpy(line + n, ", failed ", 9);
    n += 9;
    n += uint64_fmt(line + n, forward.failed + forward.refused_full);
    line[n] = 0;
    strerr_warni(line);
    char hits[UINT64_FMT];
    hits[uint64_fmt(hits, cache.hits)] = 0;
    if (cache.max)
        strerr_warni("answered from the cache ", hits);
    for (unsigned int i = 0; i < forward.servers; i++) {
        char counts[3][UINT64_FMT];
        struct dnsforward_server const *s = forward.server + i;
        counts[0][uint64_fmt(counts[0], s->asked)] = 0;
        counts[1][uint64_fmt(counts[1], s->answered)] = 0;
        counts[2][uint64_fmt(counts[2], s->silent)] = 0;
        strerr_warni("server ", netaddr_fmt(address, &s->s.addr), ": asked ", counts[0],
                     ", answered ", counts[1], ", silent ", counts[2],
                     s->bad_until ? " (passed over)" : "");
    }
}

static void on_signal(void)
{
    for (;;)
        switch (selfpipe_read()) {
        case 0:
            return;
        case -1:
            strerr_diefusys(111, "read signals");
        case SIGHUP:
            load_hosts();
            reread_resolv();
            if (cache.max)
                dnscache_clear(&cache);
            break;
        case SIGUSR1:
            print_statistics();
            break;
        default:
            end();
        }
}

static void setup_hosts(void)
{
    void *memory = malloc(hosts_table_size(HOSTS_ENTRIES, HOSTS_NAMES));
    if (!memory)
        strerr_diefusys(111, "allocate memory");
    hosts_table_init(&hosts, memory, HOSTS_ENTRIES, HOSTS_NAMES);
    /* later a file that is away has no names; at the start it is a slip of the pen */
    int fd = option.hostsfile ? open(option.hostsfile, O_RDONLY | O_CLOEXEC) : -1;
    if (option.hostsfile && fd < 0)
        strerr_diefusys(111, "read the hosts file ", option.hostsfile);
    if (fd >= 0)
        close(fd);
    load_hosts();
}

static void setup_cache(void)
{
    uint32_t seed = 0;
    if (!option.cache)
        return;
    void *memory = malloc(dnscache_size(option.cache, option.cache_bytes));
    if (!memory || getrandom(&seed, sizeof seed, 0) != sizeof seed)
        strerr_diefusys(111, "make the cache");
    dnscache_init(&cache, memory, option.cache, option.cache_bytes, option.cache_ttl, seed);
    cache.rotate = option.round_robin != 0;
    cache.stale = option.stale;
}

static void setup_signals(void)
{
    static int const signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1};
    sv.signals = selfpipe_init();
    if (sv.signals < 0)
        strerr_diefusys(111, "catch signals");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!selfpipe_trap(signals[i]))
            strerr_diefusys(111, "catch signals");
    sig_ignore(SIGPIPE);
    add_event(sv.signals, TAG_SIGNAL);
}

/* Returns whether all files are watched; else none is. */
static int setup_watch(void)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = TAG_FILES};
    int is_path = option.hostsfile && option.hostsfile[0] == '/';
    if (filewatch_init(&watch) < 0)
        return 0;
    sv.hosts_file = is_path ? filewatch_add(&watch, option.hostsfile) : -1;
    sv.resolv_file = filewatch_add(&watch, RESOLVCONF_FILE);
    if ((!is_path || sv.hosts_file >= 0) && sv.resolv_file >= 0 &&
        epoll_ctl(sv.epoll, EPOLL_CTL_ADD, watch.fd, &e) == 0)
        return 1;
    filewatch_end(&watch);
    return 0;
}

/* The files are watched when we have run for a moment, and read again then: to give such a watch
   back takes the kernel a grace period (5 to 25 ms have been seen), which the end of a container
   with a short command would have to wait for. All containers of a user have one number of watches:
   where there is none left, files are looked at now and then, until there is one again. */
static void watch_in_time(void)
{
    static int is_said;
    if (!sv.watch_due || dnsclient_now() < sv.watch_due)
        return;
    sv.watch_due = setup_watch() ? 0 : dnsclient_now() + WATCH_AGAIN;
    if (sv.watch_due && !is_said)
        strerr_warnwusys("watch files, looking at them every 5 s");
    is_said = sv.watch_due != 0;
    load_hosts();
    reread_resolv();
}

/* What would make a start fail, as far as it can be seen where nothing runs yet. */
static void check(void)
{
    struct userdb_user user;
    setup_hosts();
    if (option.user)
        find_user(option.user, &user);
    _exit(0);
}

static void setup(void)
{
    sv.is_any = netaddr_is_any(&option.listen);
    sv.epoll = epoll_create1(EPOLL_CLOEXEC);
    forward.deliver = deliver_forwarded;
    forward.cache = option.cache ? &cache : NULL;
    forward.forward_ndots = option.forward_ndots;
    if (sv.epoll < 0 || dnsforward_init(&forward, sv.epoll) < 0)
        strerr_diefusys(111, "open sockets");
    setup_signals();
    setup_hosts();
    setup_cache();
    sv.udp = listen_on(SOCK_DGRAM);
    sv.tcp = listen_on(SOCK_STREAM);
    setup_resolv();
    sv.watch_due = dnsclient_now() + WATCH_AFTER;
    if (option.user)
        become(option.user);
    read_resolv();
    take_resolv();
    add_event(sv.udp, TAG_UDP);
    add_event(sv.tcp, TAG_TCP);
    if (option.has_notification_fd) {
        allwrite((int)option.notification_fd, "\n", 1);
        close((int)option.notification_fd);
    }
}

/* ---- as a service of the images */

/* What the container has for name; NULL or "": nothing. Kept. */
static char const *setting(char const *name)
{
    stralloc sa = STRALLOC_ZERO;
    return setting_take(name, &sa);
}
static char const LOG_FILE[] = "GO_DNSMASQ_LOG_FILE";

/* --prepare: the log can be written when the service starts, or it is said why not. */
static void prepare(void)
{
    char dir[1024];
    char const *log = setting(LOG_FILE);
    if (option.script) {
        char const *slash = strrchr(option.script, '/');
        PROG = slash ? slash + 1 : option.script;
    }
    switch (logfile_make(log, dir, sizeof dir)) {
    case 0:
        strerr_warn(PROG, ": ", dir,
                    " cannot be written: the resolver logs to standard error (set "
                    "GO_DNSMASQ_LOG_FILE)");
        break;
    case -1:
        strerr_diefusys(1, "open ", log);
    }
    _exit(0);
}

/* --service: a log that cannot be written must not cost the container its DNS, and who is not root
   stays who it is. */
static void serve(void)
{
    char const *user = setting("GO_DNSMASQ_RUNAS");
    logfile_take(setting(LOG_FILE));
    if (!option.user && user && *user && strcmp(user, "root") && !geteuid())
        option.user = user;
}

/* The timeout (-1: any time), or what is left until the time that is due, if that is less. */
static int sooner(int timeout, int64_t due)
{
    int64_t left = due - dnsclient_now();
    if (left < 0)
        left = 0;
    return timeout < 0 || left < timeout ? (int)left : timeout;
}

/* Closes streams that have waited for too long for their last replies. Returns how long the loop
   may wait then. */
static int end_streams(int timeout)
{
    if (!sv.said_all)
        return timeout;
    for (struct stream *s = stream; s < stream + STREAMS; s++) {
        if (s->said_all && dnsclient_now() >= s->last + STREAM_IDLE)
            close_stream(s);
        if (s->said_all)
            timeout = sooner(timeout, s->last + STREAM_IDLE);
    }
    return timeout;
}

/* Does what is due. Returns how long the loop may wait then. */
static int tick(void)
{
    watch_in_time(); /* first: queries on their way may have other servers then */
    if (sv.is_deaf && dnsclient_now() >= sv.deaf_until)
        hear_tcp(1);
    int timeout = end_streams(dnsforward_tick(&forward));
    if (sv.watch_due)
        timeout = sooner(timeout, sv.watch_due);
    return sv.is_deaf ? sooner(timeout, sv.deaf_until) : timeout;
}

static void dispatch(uint32_t tag)
{
    if (tag >= DNSFORWARD_TAG)
        dnsforward_event(&forward, tag);
    else if (tag >= TAG_STREAM)
        on_stream(tag - TAG_STREAM);
    else if (tag == TAG_UDP)
        on_udp();
    else if (tag == TAG_TCP)
        on_tcp();
    else if (tag == TAG_FILES)
        on_files();
    else
        on_signal();
}

int main(int argc, char const *const *argv)
{
    struct epoll_event events[EVENTS];
    (void)argc;
    char const *why = resolveropt_read(&option, argv + 1);
    if (option.service)
        serve();
    if (why && !*why)
        strerr_dieusage(100, USAGE);
    if (why)
        strerr_dief(100, why);
    char const *word;
    for (unsigned int i = 0; (word = resolveropt_word(&option, &i));)
        strerr_warnw("--", word, " has no effect here");
    if (option.prepare)
        prepare();
    if (option.check_config)
        check();
    setup();
    for (;;) {
        int timeout = tick();
        udpbatch_send(&replies, sv.udp);
        int n = epoll_wait(sv.epoll, events, EVENTS, timeout);
        if (n < 0 && errno != EINTR)
            strerr_diefusys(111, "wait");
        for (int i = 0; i < n; i++)
            dispatch(events[i].data.u32);
    }
}
