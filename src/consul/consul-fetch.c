/* consul-fetch: asks Consul's agent, for programs that do not speak HTTP.

   consul-fetch [-1] [-a ADDRESS] [-w WAIT] [-s MAX_STALE] [-r ATTEMPTS] [-b BACKOFF]
                [-B MAX_BACKOFF] [-c CA_FILE] [-C CA_DIR] [-k CERT] [-K KEY] [-n SERVER_NAME] [-i]
                [-t CONNECT_TIMEOUT]
   Reads lines from standard input: what is to be watched; the environment: CONSUL_HTTP_TOKEN and
   CONSUL_HTTP_AUTH, which are secrets, CONSUL_NAMESPACE, CONSUL_HTTP_SSL, CONSUL_HTTP_ADDR. Writes
   what the agent says to standard output. ctfetch.h has both.

   Each watch is one blocking query after another, each on a connection of its own while it waits.
   An agent takes 200 connections from one client: with more watches than CONNECTIONS they take
   turns, and wait for less. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sha256.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "config.h"

#if CAIRN_LIBCURL
#include <curl/curl.h>
#endif

#include <cairn/base64.h>
#include <cairn/consuladdr.h>
#include <cairn/ctfetch.h>
#include <cairn/dnsclient.h>
#include <cairn/gobool.h>
#include <cairn/netaddr.h>

char const *PROG = "consul-fetch";

#if !CAIRN_LIBCURL

int main(void)
{
    strerr_dief1x(111, "this build speaks no HTTP (libcurl)");
}

#else

#define USAGE                                                                                      \
    "consul-fetch [ -1 ] [ -a address ] [ -w wait ] [ -s max_stale ] [ -r attempts ] "             \
    "[ -b backoff ] [ -B max_backoff ] [ -c ca_file ] [ -C ca_dir ] [ -k cert ] [ -K key ] "       \
    "[ -n server_name ] [ -i ] [ -t connect_timeout ]"
#define dieusage() strerr_dieusage(100, USAGE)

enum {
    CONNECTIONS = 128, /* at most */
    SLACK = 5000,      /* ms that an answer may take beyond its wait */
    FLOOR = 100,       /* ms between two answers of one watch */
    POLL = 15000,      /* ms between questions whose answers have no index */
    TURN = 1000,       /* ms that a query waits at least when watches take turns */
    REDIRECTS = 5,     /* at most, one after the other */
    CONNECT_TIMEOUT = 10000,
};

enum state { READY, ASKING, PAUSED };

struct watch {
    struct watch *next; /* in the list of all */
    struct watch *turn; /* in the queue of those that are READY */
    uint64_t id;
    char *path;
    enum state state;
    int is_ended; /* to be freed once its query is over */
    int64_t when; /* PAUSED: until then. ms of dnsclient_now */
    int64_t asked;
    uint64_t index; /* of the last answer; 0: none */
    unsigned int failures;
    int64_t backoff;
    int is_fresh; /* the next question is not for a stale answer */
    int has_digest;
    char digest[32]; /* of the last answer's status and body */
    /* of the query */
    CURL *easy;
    unsigned int redirects; /* followed */
    stralloc body;
    int is_too_large;
    int has_index;
    uint64_t new_index;
    int64_t contact; /* ms; -1: not told */
    char error[CURL_ERROR_SIZE];
};

static struct {
    int is_once;
    char const *address;
    int64_t wait;
    int64_t max_stale;
    unsigned int attempts;
    int64_t backoff;
    int64_t max_backoff;
    char const *ca_file;
    char const *ca_dir;
    char const *cert;
    char const *key;
    char const *server_name;
    int is_insecure;
    int64_t connect_timeout;
} wanted = {.wait = 60000,
            .max_stale = 2000,
            .backoff = 250,
            .max_backoff = 60000,
            .connect_timeout = CONNECT_TIMEOUT};

static struct consuladdr address;
static CURLM *multi;
static struct curl_slist *headers;    /* secrets among them */
static struct curl_slist *connect_to; /* the agent's host and port, where base has another name */
static int agent_is_local;
static struct watch *watches;
static size_t n_watches;
static struct watch *queue_first;
static struct watch **queue_last = &queue_first;
static size_t asking;

static int64_t now(void)
{
    return dnsclient_now();
}

/* ---- what is said */

static void write_all(char const *s, size_t n)
{
    if (allwrite(1, s, n) < n)
        strerr_diefu1sys(111, "write to standard output");
}

static void say_data(struct watch const *w, unsigned int status)
{
    char line[80];
    size_t len = status == 404 ? 0 : w->body.len;
    int n =
        snprintf(line, sizeof line, "data %llu %u %zu\n", (unsigned long long)w->id, status, len);
    write_all(line, (size_t)n);
    write_all(w->body.s, len);
    write_all("\n", 1);
}

/* WHY is one line. */
static void say_trouble(struct watch const *w, int is_failed, int64_t ms, char const *why)
{
    char line[1024];
    int n = is_failed ? snprintf(line, sizeof line, "failed %llu ", (unsigned long long)w->id)
                      : snprintf(line, sizeof line, "retry %llu %lld ", (unsigned long long)w->id,
                                 (long long)ms);
    size_t at = (size_t)n;
    n = snprintf(line + at, sizeof line - at - 1, "%s: %s",
                 *address.socket ? wanted.address : address.base, why);
    size_t end = at + (size_t)n;
    if (end > sizeof line - 2)
        end = sizeof line - 2;
    for (size_t i = at; i < end; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[end++] = '\n';
    write_all(line, end);
}

/* ---- watches */

static void enqueue(struct watch *w)
{
    w->state = READY;
    w->turn = NULL;
    *queue_last = w;
    queue_last = &w->turn;
}

static struct watch *dequeue(void)
{
    struct watch *w = queue_first;
    if (w) {
        queue_first = w->turn;
        if (!queue_first)
            queue_last = &queue_first;
    }
    return w;
}

static struct watch *find(uint64_t id)
{
    struct watch *w = watches;
    while (w && (w->id != id || w->is_ended))
        w = w->next;
    return w;
}

static void forget(struct watch *w)
{
    struct watch **at = &watches;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    n_watches--;
    if (w->easy)
        curl_easy_cleanup(w->easy);
    stralloc_free(&w->body);
    free(w->path);
    free(w);
}

/* One that waits for its turn is forgotten when that comes, and one that asks when it is answered:
   its query goes on no longer than that. */
static void end_watch(struct watch *w)
{
    w->is_ended = 1;
    if (w->state == ASKING) {
        curl_multi_remove_handle(multi, w->easy);
        asking--;
        forget(w);
    } else if (w->state == PAUSED) {
        forget(w);
    }
}

static void pause_for(struct watch *w, int64_t ms)
{
    w->state = PAUSED;
    w->when = now() + ms;
}

/* ---- questions */

static size_t take_body(char *s, size_t size, size_t n, void *data)
{
    struct watch *w = data;
    n *= size;
    if (w->body.len + n > CTFETCH_BODY) {
        w->is_too_large = 1;
        return 0;
    }
    return stralloc_catb(&w->body, s, n) ? n : 0;
}

/* Reads the decimal number behind the name in the line of n bytes. */
static int header_is(char const *s, size_t n, char const *name, uint64_t *value)
{
    size_t len = strlen(name);
    size_t digits = 0;
    if (n <= len || strncasecmp(s, name, len) != 0)
        return 0;
    while (len < n && s[len] == ' ')
        len++;
    *value = 0;
    for (; len < n && s[len] >= '0' && s[len] <= '9' && digits < 19; len++, digits++)
        *value = (*value * 10) + (uint64_t)(s[len] - '0');
    return digits > 0;
}

static size_t take_header(char *s, size_t size, size_t n, void *data)
{
    struct watch *w = data;
    uint64_t value;
    n *= size;
    if (header_is(s, n, "X-Consul-Index:", &value)) {
        w->has_index = 1;
        w->new_index = value ? value : 1; /* 0 would not block */
    } else if (header_is(s, n, "X-Consul-LastContact:", &value)) {
        w->contact = value > INT32_MAX ? INT32_MAX : (int64_t)value;
    }
    return n;
}

#define SET(option, value)                                                                         \
    if (curl_easy_setopt(w->easy, option, value) != CURLE_OK)                                      \
    strerr_dief1x(111, "libcurl does not know the option " #option)

static void set_tls(struct watch *w)
{
    if (wanted.ca_file)
        SET(CURLOPT_CAINFO, wanted.ca_file);
    if (wanted.ca_dir)
        SET(CURLOPT_CAPATH, wanted.ca_dir);
    if (wanted.cert)
        SET(CURLOPT_SSLCERT, wanted.cert);
    if (wanted.key)
        SET(CURLOPT_SSLKEY, wanted.key);
    SET(CURLOPT_SSL_VERIFYPEER, wanted.is_insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, wanted.is_insecure ? 0L : 2L);
}

static void prepare(struct watch *w)
{
    if (!(w->easy = curl_easy_init()))
        strerr_dief1x(111, "libcurl has no handle: out of memory?");
    SET(CURLOPT_PRIVATE, w);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, w);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, w);
    SET(CURLOPT_ERRORBUFFER, w->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_USERAGENT, "consul-fetch (cairn " CAIRN_VERSION ")");
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)wanted.connect_timeout);
    SET(CURLOPT_BUFFERSIZE, 16384L);
    if (*address.socket)
        SET(CURLOPT_UNIX_SOCKET_PATH, address.socket);
    if (address.is_tls)
        set_tls(w);
}

/* How long a query waits: less where watches take turns. */
static int64_t wait_of(void)
{
    if (n_watches <= CONNECTIONS)
        return wanted.wait;
    return wanted.wait < TURN ? wanted.wait : TURN;
}

/* Is the host, as libcurl has it, this machine itself? IPv6 is in brackets. */
static int is_loopback(char const *host)
{
    char text[NETADDR_FMT];
    struct netaddr a;
    host += *host == '[';
    size_t n = strcspn(host, "]");
    n -= n && host[n - 1] == '.';
    if (n >= sizeof text)
        return 0;
    memcpy(text, host, n);
    text[n] = 0;
    if (!netaddr_parse(text, &a))
        return !strcasecmp(text, "localhost");
    if (a.family == AF_INET)
        return a.u.bytes[0] == 127;
    return IN6_IS_ADDR_LOOPBACK(&a.u.v6) || (IN6_IS_ADDR_V4MAPPED(&a.u.v6) && a.u.bytes[12] == 127);
}

/* The same of an address; of one that cannot be read, too, so that no proxy hears of it. */
static int is_local(char const *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    int r = !u || curl_url_set(u, CURLUPART_URL, url, 0) ||
            curl_url_get(u, CURLUPART_HOST, &host, 0) || is_loopback(host);
    curl_free(host);
    curl_url_cleanup(u);
    return r;
}

/* The environment's proxy is for others, as with Go's clients: nobody else hears what goes to this
   machine itself. */
static void set_proxy(struct watch *w, int is_wanted)
{
    /* a libcurl without proxies does not know the option */
    if (curl_easy_setopt(w->easy, CURLOPT_NOPROXY, is_wanted ? NULL : "*") == CURLE_OUT_OF_MEMORY)
        strerr_dief1x(111, "out of memory");
}

/* The headers, and the agent's place, are for the agent only, not for whom it redirects to. */
static void send_query(struct watch *w, char const *url, int is_agent)
{
    SET(CURLOPT_URL, url);
    SET(CURLOPT_HTTPHEADER, is_agent ? headers : NULL);
    SET(CURLOPT_CONNECT_TO, is_agent ? connect_to : NULL);
    set_proxy(w, !*address.socket && !(is_agent ? agent_is_local : is_local(url)));
    w->body.len = 0;
    w->is_too_large = 0;
    w->has_index = 0;
    w->contact = -1;
    w->error[0] = 0;
    w->state = ASKING;
    asking++;
    if (curl_multi_add_handle(multi, w->easy) != CURLM_OK)
        strerr_dief1x(111, "libcurl takes no more queries: out of memory?");
}

static void ask(struct watch *w)
{
    static stralloc url = STRALLOC_ZERO;
    char text[128];
    int64_t wait = wait_of();
    int n = 0;
    if (!w->easy)
        prepare(w);
    char const *between = strchr(w->path, '?') ? "&" : "?";
    if (!wanted.is_once && w->index) {
        n = snprintf(text, sizeof text, "%sindex=%llu", between, (unsigned long long)w->index);
        between = "&";
    }
    if (wanted.max_stale > 0 && !w->is_fresh) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%sstale=", between);
        between = "&";
    }
    if (!wanted.is_once)
        n += snprintf(text + n, sizeof text - (size_t)n, "%swait=%lldms", between, (long long)wait);
    if (!stralloc_copys(&url, address.base) || !stralloc_cats(&url, w->path) ||
        !stralloc_catb(&url, text, (size_t)n) || !stralloc_0(&url))
        strerr_diefu1sys(111, "make an address");
    SET(CURLOPT_TIMEOUT_MS, (long)(wait + (wait / 16) + SLACK));
    w->redirects = 0;
    w->asked = now();
    send_query(w, url.s, 1);
}

/* ---- answers */

static void fail(struct watch *w, char const *why)
{
    w->failures++;
    w->index = 0; /* who comes back may have other indexes */
    if (wanted.attempts && w->failures >= wanted.attempts) {
        say_trouble(w, 1, 0, why);
        forget(w);
        return;
    }
    w->backoff = w->backoff ? 2 * w->backoff : wanted.backoff;
    if (wanted.max_backoff > 0 && w->backoff > wanted.max_backoff)
        w->backoff = wanted.max_backoff;
    say_trouble(w, 0, w->backoff, why);
    pause_for(w, w->backoff);
}

/* Says what is new. */
static void tell(struct watch *w, unsigned int status)
{
    SHA256Schedule h = SHA256_INIT();
    char digest[32];
    char is_there = status != 404;
    sha256_update(&h, &is_there, 1);
    if (is_there)
        sha256_update(&h, w->body.s, w->body.len);
    sha256_final(&h, digest);
    if (w->has_digest && !memcmp(digest, w->digest, sizeof digest))
        return;
    memcpy(w->digest, digest, sizeof digest);
    w->has_digest = 1;
    say_data(w, status);
}

/* A good answer: says it, and asks again, now or later. */
static void take(struct watch *w, unsigned int status)
{
    int64_t took = now() - w->asked;
    w->failures = 0;
    w->backoff = 0;
    if (wanted.max_stale > 0 && !w->is_fresh && w->contact > wanted.max_stale) {
        w->is_fresh = 1; /* too old: once more, of the leader */
        enqueue(w);
        return;
    }
    w->is_fresh = 0;
    if (w->has_index && w->index && w->new_index < w->index) {
        w->index = 0; /* the agent has begun anew */
        pause_for(w, FLOOR);
        return;
    }
    int is_same = w->has_index && w->new_index == w->index;
    w->index = w->has_index ? w->new_index : 0;
    if (!is_same)
        tell(w, status);
    if (wanted.is_once)
        forget(w);
    else if (!w->has_index)
        pause_for(w, POLL);
    else if (took < FLOOR && w->has_digest)
        pause_for(w, FLOOR - took); /* a storm of changes, or an agent that does not wait */
    else
        enqueue(w);
}

static void bad_status(struct watch *w, long status)
{
    char why[512];
    size_t n = w->body.len < 300 ? w->body.len : 300;
    snprintf(why, sizeof why, "status %ld%s%.*s", status, n ? ": " : "", (int)n,
             n ? w->body.s : "");
    if (status == 400 || status == 401 || status == 405) {
        say_trouble(w, 1, 0, why);
        forget(w);
    } else {
        fail(w, why);
    }
}

/* Have both addresses this part? */
static int have_same(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL;
    char *y = NULL;
    int r = !curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) &&
            !curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) && !strcasecmp(x, y);
    curl_free(x);
    curl_free(y);
    return r;
}

static int is_at_agent(char const *url)
{
    CURLU *a = curl_url();
    CURLU *b = curl_url();
    int r = a && b && !curl_url_set(a, CURLUPART_URL, address.base, 0) &&
            !curl_url_set(b, CURLUPART_URL, url, 0) && have_same(a, b, CURLUPART_SCHEME) &&
            have_same(a, b, CURLUPART_HOST) && have_same(a, b, CURLUPART_PORT);
    curl_url_cleanup(a);
    curl_url_cleanup(b);
    return r;
}

static void answered(struct watch *w, CURLcode result)
{
    long status = 0;
    char *elsewhere = NULL; /* the handle's */
    curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(w->easy, CURLINFO_REDIRECT_URL, &elsewhere);
    curl_multi_remove_handle(multi, w->easy);
    asking--;
    if (w->is_too_large)
        fail(w, "the answer is larger than 64 MiB");
    else if (result != CURLE_OK)
        fail(w, *w->error ? w->error : curl_easy_strerror(result));
    else if (status == 200 || status == 404)
        take(w, (unsigned int)status);
    else if (!elsewhere)
        bad_status(w, status);
    else if (w->redirects++ < REDIRECTS)
        send_query(w, elsewhere, is_at_agent(elsewhere));
    else
        fail(w, "is redirected too often");
}

static void read_answers(void)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        char *w = NULL;
        CURLcode result = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &w);
        answered((struct watch *)(void *)w, result);
    }
}

/* ---- lines */

__attribute__((noreturn)) static void bad_line(char const *line)
{
    strerr_dief3x(100, "not a line that is known (watch ID PATH, end ID): \"", line, "\"");
}

static void new_watch(uint64_t id, char const *path)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w || !(w->path = strdup(path)))
        strerr_diefu1sys(111, "watch another path");
    w->id = id;
    w->next = watches;
    watches = w;
    n_watches++;
    enqueue(w);
}

static void do_line(char const *line)
{
    uint64_t id;
    char const *rest;
    int is_watch = !strncmp(line, "watch ", 6);
    if (!is_watch && strncmp(line, "end ", 4) != 0)
        bad_line(line);
    rest = line + (is_watch ? 6 : 4);
    size_t n = uint64_scan(rest, &id);
    if (!n || n > 19)
        bad_line(line);
    rest += n;
    struct watch *w = find(id);
    if (!is_watch && !*rest) {
        if (w)
            end_watch(w);
    } else if (is_watch && rest[0] == ' ' && rest[1] == '/' &&
               !rest[1 + strcspn(rest + 1, " \t")]) {
        if (w)
            strerr_dief3x(100, "this number is in use: \"", line, "\"");
        new_watch(id, rest + 1);
    } else {
        bad_line(line);
    }
}

/* Takes what has come. Returns 0 at the end. */
static int read_lines(void)
{
    static char buf[CTFETCH_LINE + 1];
    static size_t len;
    ssize_t r = fd_read(0, buf + len, CTFETCH_LINE - len);
    if (r < 0)
        strerr_diefu1sys(111, "read standard input");
    if (!r)
        return 0;
    len += (size_t)r;
    size_t at = 0;
    for (char *end; (end = memchr(buf + at, '\n', len - at)); at = (size_t)(end - buf) + 1) {
        *end = 0;
        do_line(buf + at);
    }
    len -= at;
    memmove(buf, buf + at, len);
    if (len == CTFETCH_LINE)
        strerr_dief1x(100, "a line on standard input is too long");
    return 1;
}

/* ---- the loop */

/* Wakes those whose pause is over. Returns ms until the next is, or -1. */
static int64_t wake(void)
{
    int64_t least = -1;
    int64_t t = now();
    for (struct watch *w = watches; w; w = w->next) {
        if (w->state != PAUSED)
            continue;
        if (w->when <= t)
            enqueue(w);
        else if (least < 0 || w->when - t < least)
            least = w->when - t;
    }
    return least;
}

static void ask_in_turn(void)
{
    while (queue_first && asking < CONNECTIONS) {
        struct watch *w = dequeue();
        if (w->is_ended)
            forget(w);
        else
            ask(w);
    }
}

static void work(void)
{
    for (;;) {
        struct curl_waitfd in = {.fd = 0, .events = CURL_WAIT_POLLIN};
        int running;
        ask_in_turn();
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            strerr_dief1x(111, "libcurl fails: out of memory?");
        read_answers();
        int64_t pause = wake();
        if (queue_first && asking < CONNECTIONS)
            continue;
        if (curl_multi_poll(multi, &in, 1, pause < 0 || pause > 600000 ? 600000 : (int)pause,
                            NULL) != CURLM_OK)
            strerr_dief1x(111, "libcurl fails to wait: out of memory?");
        if (in.revents && !read_lines())
            return;
    }
}

/* ---- the beginning */

static int64_t number(char const *option, char const *word)
{
    unsigned int n;
    if (!uint0_scan(word, &n) || n > INT32_MAX)
        strerr_dief5x(100, "-", option, " wants a number, not '", word, "'");
    return n;
}

static void read_options(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int c; (c = subgetopt_r(argc, argv, "1a:w:s:r:b:B:c:C:k:K:n:it:", &l)) != -1;)
        switch (c) {
        case '1':
            wanted.is_once = 1;
            break;
        case 'a':
            wanted.address = l.arg;
            break;
        case 'w':
            wanted.wait = number("w", l.arg);
            break;
        case 's':
            wanted.max_stale = number("s", l.arg);
            break;
        case 'r':
            wanted.attempts = (unsigned int)number("r", l.arg);
            break;
        case 'b':
            wanted.backoff = number("b", l.arg);
            break;
        case 'B':
            wanted.max_backoff = number("B", l.arg);
            break;
        case 'c':
            wanted.ca_file = l.arg;
            break;
        case 'C':
            wanted.ca_dir = l.arg;
            break;
        case 'k':
            wanted.cert = l.arg;
            break;
        case 'K':
            wanted.key = l.arg;
            break;
        case 'n':
            wanted.server_name = l.arg;
            break;
        case 'i':
            wanted.is_insecure = 1;
            break;
        case 't':
            wanted.connect_timeout = number("t", l.arg);
            break;
        default:
            dieusage();
        }
    if (argc > l.ind)
        dieusage();
    if (!wanted.backoff)
        wanted.backoff = 1;
}

/* The agent's certificate is for another name than that of the address: the name stands in the URL,
   and the connection is made to the address all the same. */
static void set_server_name(void)
{
    char text[2 * CONSULADDR_MAX];
    int n = snprintf(text, sizeof text, "::%s%s%s:%s", strchr(address.host, ':') ? "[" : "",
                     address.host, strchr(address.host, ':') ? "]" : "", address.port);
    if (n >= (int)sizeof text || !(connect_to = curl_slist_append(NULL, text)) ||
        snprintf(address.base, sizeof address.base, "https://%s:%s", wanted.server_name,
                 address.port) >= (int)sizeof address.base)
        strerr_dief1x(111, "the server name is too long");
}

/* Each query has the variable's value in this header, if there is one: the text, then the value, or
   the base64 of user:password. */
static void add_header(char const *variable, char const *text, int is_password)
{
    stralloc line = STRALLOC_ZERO;
    stralloc pair = STRALLOC_ZERO;
    char const *value = getenv(variable);
    struct curl_slist *more = NULL;
    if (!value || !*value)
        return;
    if (strpbrk(value, "\r\n"))
        strerr_dief2x(100, variable, " has a newline in it");
    int ok = stralloc_cats(&line, text);
    if (!is_password) {
        ok = ok && stralloc_cats(&line, value);
    } else {
        ok = ok && stralloc_cats(&pair, value) &&
             stralloc_cats(&pair, strchr(value, ':') ? "" : ":") &&
             stralloc_readyplus(&line, base64_room(pair.len));
        if (ok)
            line.len += base64_encode(line.s + line.len, pair.s, pair.len, BASE64_STANDARD);
    }
    if (!ok || !stralloc_0(&line) || !(more = curl_slist_append(headers, line.s)))
        strerr_diefu2sys(111, "take ", variable);
    headers = more;
    stralloc_free(&line);
    stralloc_free(&pair);
}

static void set_address(void)
{
    char const *ssl = getenv("CONSUL_HTTP_SSL");
    int is_tls = 0;
    if (!wanted.address)
        wanted.address = getenv("CONSUL_HTTP_ADDR");
    if (!wanted.address || !*wanted.address)
        wanted.address = "127.0.0.1:8500";
    if (ssl && *ssl && !gobool_parse(ssl, strlen(ssl), &is_tls))
        strerr_dief3x(100, "CONSUL_HTTP_SSL is true or false, not '", ssl, "'");
    if (!consuladdr_parse(&address, wanted.address, is_tls))
        strerr_dief3x(100, "an address is [http://|https://]host[:port] or unix://path, not '",
                      wanted.address, "'");
    agent_is_local = is_local(address.base);
    if (wanted.server_name && *wanted.server_name && address.is_tls)
        set_server_name();
}

int main(int argc, char const *const *argv)
{
    if (!fd_sanitize())
        strerr_diefu1sys(111, "open /dev/null");
    read_options(argc, argv);
    set_address();
    add_header("CONSUL_HTTP_TOKEN", "X-Consul-Token: ", 0);
    add_header("CONSUL_HTTP_AUTH", "Authorization: Basic ", 1);
    add_header("CONSUL_NAMESPACE", "X-Consul-Namespace: ", 0);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(multi = curl_multi_init()))
        strerr_dief1x(111, "libcurl cannot begin: out of memory?");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    work();
    return 0;
}

#endif
