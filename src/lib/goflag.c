#include <stdio.h>
#include <string.h>

#include <cairn/gobool.h>
#include <cairn/goflag.h>
#include <cairn/nearest.h>

static int unknown(struct goflag_parse *p, struct goflag const *table, size_t n, char const *name,
                   size_t len)
{
    char word[NEAREST_MAX + 1];
    if ((len == 1 && *name == 'h') || (len == 4 && !memcmp(name, "help", 4)))
        return GOFLAG_HELP;
    snprintf(word, sizeof word, "%.*s", len < sizeof word ? (int)len : NEAREST_MAX, name);
    struct nearest near = NEAREST_ZERO(word);
    for (size_t i = 0; i < n; i++)
        nearest_offer(&near, table[i].name);
    snprintf(p->why, sizeof p->why, "flag provided but not defined: -%s%s%s%s", word,
             near.best ? " (is -" : "", near.best ? near.best : "", near.best ? " meant?)" : "");
    return GOFLAG_BAD;
}

static int set_bool(struct goflag_parse *p, struct goflag const *f, char const *given,
                    char const **value)
{
    int b = 1;
    if (given && !gobool_parse(given, strlen(given), &b)) {
        snprintf(p->why, sizeof p->why, "invalid boolean value \"%.100s\" for -%s", given, f->name);
        return 0;
    }
    *value = b ? "true" : "false";
    return 1;
}

int goflag_next(struct goflag_parse *p, struct goflag const *table, size_t n, char const **value)
{
    char const *word = p->argv[p->at];
    if (!word || word[0] != '-' || !word[1])
        return GOFLAG_END;
    char const *name = word + 1 + (word[1] == '-');
    p->at++;
    if (!*name) /* -- */
        return GOFLAG_END;
    if (*name == '-' || *name == '=') {
        snprintf(p->why, sizeof p->why, "bad flag syntax: %.200s", word);
        return GOFLAG_BAD;
    }
    size_t len = strcspn(name, "=");
    char const *given = name[len] ? name + len + 1 : NULL;
    for (size_t i = 0; i < n; i++) {
        if (strlen(table[i].name) != len || memcmp(table[i].name, name, len) != 0)
            continue;
        if (table[i].is_bool)
            return set_bool(p, table + i, given, value) ? (int)i : GOFLAG_BAD;
        *value = given ? given : p->argv[p->at];
        if (!*value) {
            snprintf(p->why, sizeof p->why, "flag needs an argument: -%s", table[i].name);
            return GOFLAG_BAD;
        }
        p->at += !given;
        return (int)i;
    }
    return unknown(p, table, n, name, len);
}
