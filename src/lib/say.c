#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/logjson.h>
#include <cairn/rfc3339.h>
#include <cairn/say.h>

enum { TEXT_MAX = 2048, PROG_MAX = 16 * LOGJSON_WIDEST };

int say_is_known(char const *value)
{
    return !value || !*value || !strcmp(value, "text") || !strcmp(value, "json");
}

int say_is_json(void)
{
    char const *value = getenv(SAY_VARIABLE);
    return value && !strcmp(value, "json");
}

/* --- an object --- */

static char *put(char *p, char const *s)
{
    size_t len = strlen(s);
    memcpy(p, s, len);
    return p + len;
}

/* As much of s as is sure to fit before end, no character cut in two. */
static char *put_text(char *p, char const *end, char const *s, size_t n)
{
    while (n) {
        size_t k = (size_t)(end - p) / LOGJSON_WIDEST;
        if (!k)
            break;
        if (k < n) {
            size_t whole = k;
            while (whole && k - whole < 4 && (s[whole] & 0xc0) == 0x80)
                whole--;
            if (whole)
                k = whole;
        } else {
            k = n;
        }
        p = logjson_put(p, s, k);
        s += k;
        n -= k;
    }
    return p;
}

static int takes_off(char const **text, size_t *len, char const *what)
{
    size_t n = strlen(what);
    if (*len < n || memcmp(*text, what, n) != 0)
        return 0;
    *text += n;
    *len -= n;
    return 1;
}

static enum say_level level_of(char const *prog, char const **text, size_t *len,
                               enum say_level level)
{
    char const *t = *text;
    size_t n = *len;
    if (!takes_off(&t, &n, prog) || !takes_off(&t, &n, ": "))
        return level;
    *text = t;
    *len = n;
    if (takes_off(text, len, "warning: "))
        return SAY_WARNING;
    if (takes_off(text, len, "info: "))
        return SAY_INFO;
    if (takes_off(text, len, "fatal: ") || takes_off(&t, &n, "usage: "))
        return SAY_FATAL;
    return level;
}

size_t say_json(char *buf, size_t size, struct timespec const *now, char const *prog,
                unsigned int pid, enum say_level level, char const *text, size_t len)
{
    static char const *const names[] = {
        [SAY_INFO] = "info", [SAY_WARNING] = "warning", [SAY_FATAL] = "fatal"};
    char *p = put(buf, "{\"time\":\"");
    level = level_of(prog, &text, &len, level);
    while (len && text[len - 1] == ' ')
        len--;
    p = rfc3339_put(p, now);
    p = put(put(put(p, "\",\"level\":\""), names[level]), "\",\"prog\":\"");
    p = put_text(p, p + PROG_MAX, prog, strlen(prog));
    p = put(p, "\",\"pid\":");
    p += uint_fmt(p, pid);
    p = put(p, ",\"msg\":\"");
    p = put_text(p, buf + size - 3, text, len);
    p = put(p, "\"}\n");
    return (size_t)(p - buf);
}

size_t say_json_now(char *buf, size_t size, enum say_level level, char const *text, size_t len)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return say_json(buf, size, &now, PROG, (unsigned int)getpid(), level, text, len);
}

/* --- what strerr_* calls --- */

static void write_all(struct iovec *v, int n)
{
    while (n) {
        ssize_t w = writev(2, v, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return;
        while (n && (size_t)w >= v->iov_len) {
            w -= (ssize_t)v->iov_len;
            v++;
            n--;
        }
        if (n) {
            v->iov_base = (char *)v->iov_base + w;
            v->iov_len -= (size_t)w;
        }
    }
}

static void say_object(struct iovec const *v, unsigned int n, enum say_level level)
{
    char text[TEXT_MAX];
    char object[SAY_MAX];
    size_t len = 0;
    for (unsigned int i = 0; i < n; i++) {
        size_t k = v[i].iov_len < sizeof text - len ? v[i].iov_len : sizeof text - len;
        memcpy(text + len, v[i].iov_base, k);
        len += k;
    }
    struct iovec out = {.iov_base = object,
                        .iov_len = say_json_now(object, sizeof object, level, text, len)};
    write_all(&out, 1);
}

static struct iovec piece(char const *s)
{
    return (struct iovec){.iov_base = (char *)s, .iov_len = strlen(s)};
}

static void say(char const *const *s, unsigned int n, int explain, enum say_level level)
{
    int e = errno;
    struct iovec v[n + 3];
    unsigned int k = 0;
    for (; k < n; k++)
        v[k] = piece(s[k]);
    if (explain) {
        v[k++] = piece(": ");
        v[k++] = piece(strerror(e));
    }
    if (say_is_json()) {
        say_object(v, k, level);
    } else {
        v[k++] = piece("\n");
        write_all(v, (int)k);
    }
    errno = e;
}

void strerr_warnv(char const *const *s, unsigned int n)
{
    say(s, n, 0, SAY_WARNING);
}

void strerr_warnvsys(char const *const *s, unsigned int n)
{
    say(s, n, 1, SAY_WARNING);
}

void strerr_diev(int code, char const *const *s, unsigned int n)
{
    say(s, n, 0, SAY_FATAL);
    _exit(code);
}

void strerr_dievsys(int code, char const *const *s, unsigned int n)
{
    say(s, n, 1, SAY_FATAL);
    _exit(code);
}
