#include <string.h>

#include <cairn/setnames.h>

enum { NAME_BYTES = 80, SLIPS = 3, BYTES_PER_SLIP = 4 };

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
    "S6_LOGGING*",
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

/* How many bytes have to be put in, left out, replaced or exchanged with the next to make b of a?
 */
static unsigned int distance(char const *a, size_t alen, char const *b, size_t blen)
{
    unsigned char row[3][NAME_BYTES + 1]; /* of this byte of a, and of the two before */
    if (alen > NAME_BYTES || blen > NAME_BYTES)
        return NAME_BYTES;
    for (size_t j = 0; j <= blen; j++)
        row[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= alen; i++) {
        unsigned char *now = row[i % 3];
        unsigned char const *last = row[(i + 2) % 3];
        unsigned char const *before = row[(i + 1) % 3];
        now[0] = (unsigned char)i;
        for (size_t j = 1; j <= blen; j++) {
            unsigned int d = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1u < d)
                d = last[j] + 1u;
            if (now[j - 1] + 1u < d)
                d = now[j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1u < d)
                d = before[j - 2] + 1u;
            now[j] = (unsigned char)d;
        }
    }
    return row[alen % 3][blen];
}

size_t setnames_nearest(char *buf, size_t size, char const *name, size_t len)
{
    char const *best = NULL;
    size_t best_len = 0;
    unsigned int least =
        1 + (len < SLIPS * BYTES_PER_SLIP ? (unsigned int)len / BYTES_PER_SLIP : SLIPS);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strcspn(known[i], "*");
        unsigned int d = distance(name, len, known[i], n);
        if (d < least) {
            least = d;
            best = known[i];
            best_len = n;
        }
    }
    if (!best || best_len >= size)
        return 0;
    memcpy(buf, best, best_len);
    buf[best_len] = 0;
    return best_len;
}

/* Appends s, of len bytes. */
static size_t add(char *buf, size_t used, char const *s, size_t len)
{
    memcpy(buf + used, s, len);
    return used + len;
}

unsigned int setnames_unknown(char *buf, size_t size, char const *const *envp)
{
    char near[NAME_BYTES];
    unsigned int count = 0;
    size_t used = 0;
    if (size)
        buf[0] = 0;
    for (; *envp; envp++) {
        size_t len = strcspn(*envp, "=");
        if (strncmp(*envp, "S6_", 3) || is_known(*envp, len))
            continue;
        count++;
        size_t n = setnames_nearest(near, sizeof near, *envp, len);
        size_t more = n ? n + sizeof " ( is meant?)" - 1 : 0;
        if (used + len + more + sizeof ", " > size)
            continue;
        if (used)
            used = add(buf, used, ", ", 2);
        used = add(buf, used, *envp, len);
        if (n) {
            used = add(buf, used, " (", 2);
            used = add(buf, used, near, n);
            used = add(buf, used, " is meant?)", sizeof " is meant?)" - 1);
        }
        buf[used] = 0;
    }
    return count;
}
