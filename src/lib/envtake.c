#include <string.h>

#include <cairn/envtake.h>

char const *envtake(char **env, char const *name)
{
    size_t len = strlen(name);
    for (; *env; env++)
        if (!strncmp(*env, name, len) && (*env)[len] == '=') {
            char const *value = *env + len + 1;
            for (; *env; env++)
                env[0] = env[1];
            return value;
        }
    return NULL;
}
