/* Lines as an environment, FILE__NAME=... and NAME_FILE=... among them, each file being the one of
   the last line; names before the first '=' of a line "=..." are the list of the image. */

#include <cairn/filevars.h>

#include "fuzzfile.h"

enum { VARS = 16 };

static char *env[VARS + 1];
static size_t n_env;

static void line(char *s)
{
    char text[400];
    char *eq = strchr(s, '=');
    if (!eq || n_env == VARS)
        return;
    /* a path that begins with @ is in our directory */
    if (eq[1] == '@' && strlen(s) < 100 && !strchr(eq, '/')) {
        *eq = 0;
        snprintf(text, sizeof text, "%s=%s/%s", s, fuzz_path, eq + 2);
        s = text;
    } else if (strchr(eq, '/')) {
        return; /* nothing of the machine's */
    }
    env[n_env++] = strdup(s);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct filevars v;
    char list[300];
    n_env = 0;
    fuzz_dir();
    memset(env, 0, sizeof env);
    fuzz_put("secret", data, size < 40 ? size : 40);
    fuzz_put("list", "A\nB_C\n# no\n\nPASSWORD\n", 21);
    snprintf(list, sizeof list, "%s/list", fuzz_path);
    fuzz_lines(data, size, line);
    memset(&v, 0, sizeof v);
    int r = filevars_load(&v, (char const *const *)env, list);
    if (r < 0)
        HOLDS(*v.why && memchr(v.why, 0, sizeof v.why));
    else
        for (char const *const *e = v.envp; *e; e++)
            HOLDS(strlen(*e) < 1 << 20);
    for (size_t i = 0; !r && i < v.n; i++)
        HOLDS(strchr(v.v[i].string, '='));
    filevars_free(&v);
    for (size_t i = 0; i < n_env; i++)
        free(env[i]);
    return 0;
}
