#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>

#include <cairn/ctout.h>
#include <cairn/gojson.h>
#include <cairn/gotoml.h>
#include <cairn/goyaml.h>
#include <cairn/owner.h>
#include <cairn/stagefile.h>
#include <cairn/tmplprint.h>
#include <cairn/tmpltext.h>

enum { TEXT_MAX = 64 << 20, WHY = 256 }; /* bytes that one call can make */

/* What was made, without the newline at its end, or why it could not be. */
static int finish(struct tmplcall *c, int made, stralloc *sa, char const *why,
                  struct tmplvalue *result)
{
    if (made) {
        while (sa->len && sa->s[sa->len - 1] == '\n')
            sa->len--;
        return tmpltext_finish(c, 1, sa, result);
    }
    stralloc_free(sa);
    return tmplcall_fail(c, "%s", why);
}

/* ---- JSON, TOML, YAML */

static int json(struct tmplcall *c, struct tmplvalue *result, int is_html_safe, char const *indent)
{
    stralloc sa = STRALLOC_ZERO;
    struct gojson const how = {.is_html_safe = is_html_safe, .indent = indent};
    char why[GOJSON_WHY];
    return finish(c, gojson_put(&sa, TEXT_MAX, &how, c->arg, why), &sa, why, result);
}

static int to_json(struct tmplcall *c, struct tmplvalue *result)
{
    return json(c, result, 1, NULL);
}

static int to_json_pretty(struct tmplcall *c, struct tmplvalue *result)
{
    return json(c, result, 1, "  ");
}

static int to_unescaped_json(struct tmplcall *c, struct tmplvalue *result)
{
    return json(c, result, 0, NULL);
}

static int to_unescaped_json_pretty(struct tmplcall *c, struct tmplvalue *result)
{
    return json(c, result, 0, "  ");
}

static int to_toml(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    char why[GOTOML_WHY];
    return finish(c, gotoml_put(&sa, TEXT_MAX, c->arg, why), &sa, why, result);
}

static int to_yaml(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    char why[GOYAML_WHY];
    return finish(c, goyaml_put(&sa, TEXT_MAX, c->arg, why), &sa, why, result);
}

/* ---- for a look at values */

/* "(TYPE) VALUE", one after another. */
static int dump(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int ok = 1;
    for (size_t i = 0; i < c->n && ok; i++)
        ok = stralloc_cats(&sa, "(") && stralloc_cats(&sa, tmplvalue_type(c->arg + i)) &&
             stralloc_cats(&sa, ") ") && tmplprint_value(&sa, TEXT_MAX, c->arg + i) &&
             stralloc_cats(&sa, "\n");
    return tmpltext_finish(c, ok, &sa, result);
}

static int print_format(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int ok = tmplprint_printf(&sa, TEXT_MAX, c->arg->u.s, c->arg->n, c->arg + 1, c->n - 1);
    return tmpltext_finish(c, ok, &sa, result);
}

/* ---- files */

/* NULL: there is none. */
static char const *sandbox_of(struct tmplcall const *c)
{
    char const *sandbox = ((struct ctplain const *)c->data)->sandbox;
    return sandbox && *sandbox ? sandbox : NULL;
}

static int is_allowed(struct tmplcall *c, char const *path)
{
    char const *sandbox = sandbox_of(c);
    char dir[4096];
    if (!sandbox)
        return 1;
    char const *slash = strrchr(path, '/');
    int ok = 0;
    if (slash && (size_t)(slash - path) < sizeof dir) {
        snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
        char *root = realpath(sandbox, NULL);
        char *real = root ? realpath(*dir ? dir : "/", NULL) : NULL;
        size_t n = root ? strlen(root) : 0;
        ok = real && !strncmp(root, real, n) && (!real[n] || real[n] == '/' || n == 1);
        free(root);
        free(real);
    }
    return ok || tmplcall_fail(c, "'%.200s' is outside of sandbox", path);
}

/* Those of the names or numbers; "" is whoever has it. */
static int find_owner(struct tmplcall *c, char const *user, char const *group,
                      struct stagefile_like *like)
{
    if (*user && owner_user(user, &like->uid) != 1)
        return tmplcall_fail(c, "there is no user \"%.100s\"", user);
    if (*group && owner_group(group, &like->gid) != 1)
        return tmplcall_fail(c, "there is no group \"%.100s\"", group);
    return 1;
}

static int has_flag(char const *flags, char const *flag)
{
    size_t n = strlen(flag);
    while (*flags) {
        size_t k = strcspn(flags, ",");
        if (k == n && !memcmp(flags, flag, n))
            return 1;
        flags += k + (flags[k] != 0);
    }
    return 0;
}

/* Owner and mode are as for a new file, so far as we may. is_boxed: a symbolic link is not
   followed, for it may lead out of the sandbox; the directories before it are known. */
static int append(char const *path, struct tmplvalue const *text, struct stagefile_like const *like,
                  int is_boxed)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (is_boxed ? O_NOFOLLOW : 0);
    int fd = open(path, flags, like->mode);
    if (fd < 0)
        return 0;
    int ok = allwrite(fd, text->u.s, text->n) == text->n &&
             (fchown(fd, like->uid, like->gid) == 0 || errno == EPERM || errno == EINVAL) &&
             (fchmod(fd, like->mode) == 0 || errno == EPERM);
    int e = errno;
    close(fd);
    errno = e;
    return ok;
}

static int replace(char const *path, struct tmplvalue const *text,
                   struct stagefile_like const *like)
{
    struct stagefile stage = STAGEFILE_ZERO;
    int ok = stagefile_make(&stage, path, text->u.s, text->n, like) && stagefile_commit(&stage);
    int e = errno;
    stagefile_drop(&stage);
    errno = e;
    return ok;
}

/* writeToFile PATH USER GROUP MODE [append,newline] TEXT: is "" itself. It is done in every run of
   the template, also in those before all is known. */
static int write_to_file(struct tmplcall *c, struct tmplvalue *result)
{
    struct stagefile_like like = {.uid = (uid_t)-1, .gid = (gid_t)-1};
    char const *word[5] = {NULL, NULL, NULL, NULL, ""};
    struct tmplvalue text = c->arg[c->n - 1];
    unsigned int mode;
    for (size_t i = 0; i + 1 < c->n; i++)
        if (!(word[i] = tmplcall_cstring(c, c->arg + i)))
            return 0;
    if (!uint0_oscan(word[3], &mode) || mode > 07777)
        return tmplcall_fail(c, "a mode is octal, such as \"0644\", not \"%.20s\"", word[3]);
    like.mode = mode;
    if (!is_allowed(c, word[0]) || !find_owner(c, word[1], word[2], &like))
        return 0;
    if (has_flag(word[4], "newline")) {
        char *line = pool_get(c->pool, text.n + 1);
        if (!line)
            return tmplcall_nomem(c);
        if (text.n)
            memcpy(line, text.u.s, text.n);
        line[text.n] = '\n';
        text = tmplvalue_string(line, text.n + 1);
    }
    int ok = has_flag(word[4], "append") ? append(word[0], &text, &like, sandbox_of(c) != NULL)
                                         : replace(word[0], &text, &like);
    *result = tmplvalue_text("");
    if (!ok && errno == ELOOP && sandbox_of(c))
        return tmplcall_fail(c, "'%.200s' is a symbolic link, which may lead outside of sandbox",
                             word[0]);
    return ok || tmplcall_fail(c, "cannot write %.200s: %s", word[0], strerror(errno));
}

static struct tmplfunc const functions[] = {
    {"spew_dump", ".*", dump},
    {"spew_printf", "s.*", print_format},
    {"spew_sdump", ".*", dump},
    {"spew_sprintf", "s.*", print_format},
    {"toJSON", ".", to_json},
    {"toJSONPretty", ".", to_json_pretty},
    {"toTOML", ".", to_toml},
    {"toUnescapedJSON", ".", to_unescaped_json},
    {"toUnescapedJSONPretty", ".", to_unescaped_json_pretty},
    {"toYAML", ".", to_yaml},
    {"writeToFile", "sssss?s", write_to_file},
};

struct tmplfunc_table ctout_table(struct ctplain *c)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, c};
}
