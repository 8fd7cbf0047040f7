#include <string.h>

#include <cairn/nearest.h>
#include <cairn/setnames.h>

/* A name that ends with '*' is a prefix. */
static char const *const known[] = {
    "S6_BEHAVIOUR_IF_STAGE2_FAILS",
    "S6_CMD_ARG0",
    "S6_CMD_WAIT_FOR_SERVICES",
    "S6_CMD_WAIT_FOR_SERVICES_MAXTIME",
    "S6_COMPACT",
    "S6_FIX_ATTRS_HIDDEN",
    "S6_KEEP_ENV",
    "S6_KILL_FINISH_MAXTIME",
    "S6_KILL_GRACETIME",
    "S6_LOGGING",
    "S6_LOGGING_SCRIPT",
    "S6_LOG_PREFIX",
    "S6_READ_ONLY_ROOT",
    "S6_RUNTIME_PROFILE",
    "S6_SERVICES_DISABLE",
    "S6_SERVICES_ENABLE",
    "S6_SERVICES_GRACETIME",
    "S6_STAGE2_EXITED",
    "S6_SYNC_DISKS",
    "S6_VERBOSITY",
    /* v3: nothing needs them here */
    "S6_SERVICES_READYTIME",
    "S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES",
    /* build arguments that Dockerfiles leave in the environment */
    "S6_ARCH",
    "S6_OVERLAY_*",
    "S6_RELEASE",
    "S6_VERSION",
};

static int is_known(char const *name, size_t len)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i]);
        if (known[i][n - 1] == '*') {
            if (len >= n - 1 && !memcmp(name, known[i], n - 1))
                return 1;
        } else if (len == n && !memcmp(name, known[i], n))
            return 1;
    }
    return 0;
}

char const *setnames_nearest(char const *name)
{
    struct nearest n = NEAREST_ZERO(name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i][strlen(known[i]) - 1] != '*')
            nearest_offer(&n, known[i]);
    return n.best;
}

/* Appends s, of len bytes. */
static size_t add(char *buf, size_t used, char const *s, size_t len)
{
    memcpy(buf + used, s, len);
    buf[used + len] = 0;
    return used + len;
}

unsigned int setnames_unknown(char *buf, size_t size, char const *const *envp)
{
    unsigned int count = 0;
    size_t used = 0;
    if (size)
        buf[0] = 0;
    for (; *envp; envp++) {
        char name[NEAREST_MAX + 1] = "";
        size_t len = strcspn(*envp, "=");
        if (strncmp(*envp, "S6_", 3) || is_known(*envp, len))
            continue;
        count++;
        if (len < sizeof name)
            add(name, 0, *envp, len);
        char const *meant = setnames_nearest(name);
        size_t more = meant ? strlen(meant) + sizeof " (is it ?)" : sizeof "";
        if (used + sizeof ", " - 1 + len + more > size)
            continue;
        if (used)
            used = add(buf, used, ", ", 2);
        used = add(buf, used, *envp, len);
        if (meant) {
            used = add(buf, used, " (is it ", sizeof " (is it " - 1);
            used = add(buf, used, meant, strlen(meant));
            used = add(buf, used, "?)", 2);
        }
    }
    return count;
}
