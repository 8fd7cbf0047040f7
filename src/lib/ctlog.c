#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <time.h>

#include <skalibs/allreadwrite.h>

#include <cairn/ctlog.h>
#include <cairn/say.h>

enum { TEXT_MAX = 4096 };

static char const *const names[] = {"trace", "debug", "info", "warn", "err"};
static char const *const words[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERR"};
static int const priorities[] = {LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};

static struct {
    char const *name;
    int facility;
} const facilities[] = {
    {"KERN", LOG_KERN},     {"USER", LOG_USER},         {"MAIL", LOG_MAIL},
    {"DAEMON", LOG_DAEMON}, {"AUTH", LOG_AUTH},         {"SYSLOG", LOG_SYSLOG},
    {"LPR", LOG_LPR},       {"NEWS", LOG_NEWS},         {"UUCP", LOG_UUCP},
    {"CRON", LOG_CRON},     {"AUTHPRIV", LOG_AUTHPRIV}, {"FTP", LOG_FTP},
    {"LOCAL0", LOG_LOCAL0}, {"LOCAL1", LOG_LOCAL1},     {"LOCAL2", LOG_LOCAL2},
    {"LOCAL3", LOG_LOCAL3}, {"LOCAL4", LOG_LOCAL4},     {"LOCAL5", LOG_LOCAL5},
    {"LOCAL6", LOG_LOCAL6}, {"LOCAL7", LOG_LOCAL7},
};

static enum ctlog_level least = CTLOG_WARN;
static int to = 2;
static int has_syslog;

int ctlog_level_of(char const *name)
{
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (!strcasecmp(name, names[i]))
            return i;
    return -1;
}

void ctlog_set(enum ctlog_level level, int fd)
{
    least = level;
    to = fd;
}

int ctlog_syslog(char const *name, char const *facility)
{
    for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++)
        if (!strcasecmp(facility, facilities[i].name)) {
            openlog(name, LOG_PID, facilities[i].facility);
            has_syslog = 1;
            return 1;
        }
    return 0;
}

/* Writes "2026/11/26 20:15:00.123456", in the zone of the environment. */
static void stamp(char buf[32])
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    size_t n = strftime(buf, 32, "%Y/%m/%d %H:%M:%S", &tm);
    snprintf(buf + n, 32 - n, ".%06u", (unsigned int)now.tv_nsec / 1000 % 1000000);
}

void ctlog(enum ctlog_level level, char const *format, ...)
{
    char text[TEXT_MAX];
    char line[TEXT_MAX + 512];
    va_list ap;
    size_t n;
    if (level < least)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (has_syslog)
        syslog(priorities[level], "[%s] %s", words[level], text);
    if (say_is_json()) {
        enum say_level as = level == CTLOG_ERR    ? SAY_FATAL
                            : level == CTLOG_WARN ? SAY_WARNING
                                                  : SAY_INFO;
        n = say_json_now(line, sizeof line, as, text, strlen(text));
    } else {
        char when[32];
        stamp(when);
        n = (size_t)snprintf(line, sizeof line, "%s [%s] %s\n", when, words[level], text);
    }
    allwrite(to, line, n < sizeof line ? n : sizeof line - 1);
}
