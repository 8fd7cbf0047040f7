#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include <cairn/contenv.h>
#include <cairn/setting.h>
#include <cairn/statedir.h>

static char const *from_contenv(char const *name, char *buf, size_t size)
{
    char path[STATEDIR_MAX + 256];
    if (!statedir_find(path, STATEDIR_MAX))
        return NULL;
    size_t len = strlen(path);
    size_t namelen = strlen(name);
    if (len + sizeof "/" CONTENV_DIR "/" + namelen > sizeof path)
        return NULL;
    memcpy(path + len, "/" CONTENV_DIR "/", sizeof "/" CONTENV_DIR "/" - 1);
    memcpy(path + len + sizeof "/" CONTENV_DIR "/" - 1, name, namelen + 1);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    size_t n = allread(fd, buf, size - 1);
    close(fd);
    if (!n)
        return NULL;
    if (buf[n - 1] == '\n')
        n--;
    buf[n] = 0;
    return buf;
}

char const *setting_get(char const *name, char *buf, size_t size)
{
    char const *value = getenv(name);
    return value ? value : from_contenv(name, buf, size);
}

char const *setting_take(char const *name, stralloc *sa)
{
    char path[STATEDIR_MAX + sizeof "/" CONTENV_DIR];
    char const *value = getenv(name);
    if (value)
        return value;
    if (!statedir_find(path, STATEDIR_MAX))
        return NULL;
    strcat(path, "/" CONTENV_DIR);
    sa->len = 0;
    return contenv_value(path, name, sa) > 0 ? sa->s : NULL;
}

int setting_parse_uint(char const *value, unsigned int *n, unsigned int max)
{
    unsigned int u;
    if (!value || !*value)
        return 0;
    if (!uint0_scan(value, &u) || u > max)
        return -1;
    *n = u;
    return 1;
}

int setting_parse_bool(char const *value, unsigned int *n)
{
    static char const *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}};
    unsigned int u;
    if (!value || !*value)
        return 0;
    if (uint0_scan(value, &u)) {
        *n = !!u;
        return 1;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (u = 0; u < 2; u++)
            if (!strcasecmp(value, words[i][u])) {
                *n = u;
                return 1;
            }
    return -1;
}

int setting_uint(char const *name, unsigned int *n, unsigned int max)
{
    char buf[64];
    return setting_parse_uint(setting_get(name, buf, sizeof buf), n, max);
}

int setting_bool(char const *name, unsigned int *n)
{
    char buf[64];
    return setting_parse_bool(setting_get(name, buf, sizeof buf), n);
}
