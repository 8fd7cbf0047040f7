#include <stdio.h>
#include <string.h>

#include <cairn/consuladdr.h>

static int has_prefix(char const **s, char const *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(*s, prefix, n) != 0)
        return 0;
    *s += n;
    return 1;
}

/* There is no TLS in it, whatever the settings say. */
static int unix_socket(struct consuladdr *a, char const *path)
{
    a->is_tls = 0;
    strcpy(a->base, "http://localhost");
    strcpy(a->host, "localhost");
    return *path && snprintf(a->socket, sizeof a->socket, "%s", path) < (int)sizeof a->socket;
}

static int set_port(struct consuladdr *a, char const *s, size_t n)
{
    unsigned long port = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9' || port > 65535)
            return 0;
        port = (port * 10) + (unsigned long)(s[i] - '0');
    }
    if (!port || port > 65535)
        return 0;
    snprintf(a->port, sizeof a->port, "%lu", port);
    return 1;
}

int consuladdr_parse(struct consuladdr *a, char const *s, int is_tls)
{
    *a = (struct consuladdr){.is_tls = is_tls};
    if (has_prefix(&s, "unix://"))
        return unix_socket(a, s);
    char const *usual = "8500";
    if (has_prefix(&s, "https://")) {
        a->is_tls = 1;
        usual = "443";
    } else if (has_prefix(&s, "http://")) {
        usual = a->is_tls ? "443" : "80";
    }
    size_t all = strcspn(s, "/");
    if (s[all + (s[all] == '/')]) /* a path */
        return 0;
    int is_six = *s == '[';
    size_t n = is_six ? strcspn(s, "]") + 1 : strcspn(s, ":/");
    if (n > all || n - (is_six ? 2 : 0) < 1 || n >= sizeof a->host - 16)
        return 0;
    memcpy(a->host, s + is_six, n - (is_six ? 2 : 0));
    if (strpbrk(a->host, " \t\r\n@?#\\") || (s[n] == ':' && !set_port(a, s + n + 1, all - n - 1)))
        return 0;
    if (s[n] != ':' && n != all)
        return 0;
    if (!*a->port)
        set_port(a, usual, strlen(usual));
    int len = snprintf(a->base, sizeof a->base, "%s://%.*s:%s", a->is_tls ? "https" : "http",
                       (int)n, s, a->port);
    return len < (int)sizeof a->base;
}
