#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/ctwork.h>
#include <cairn/slurp.h>
#include <cairn/tmplrun.h>

enum {
    TEXT_MAX = 16 << 20,    /* bytes of a template */
    OUTPUT_MAX = 256 << 20, /* of what it becomes */
    PARSED_MAX = 256 << 20, /* of memory: for the tree, */
    RUN_MAX = 1 << 30,      /* and for a run */
};

/* The name that messages have. */
static char const *name_of(struct ctwork const *w)
{
    return w->conf->source ? w->conf->source : w->conf->where;
}

/* Sets why to the message of the engine, with what the template was asking for. */
static void say_error(struct ctwork *w, struct tmplerror const *e)
{
    stralloc sa = STRALLOC_ZERO;
    if (tmplerror_text(e, name_of(w), &sa) && stralloc_0(&sa))
        snprintf(w->why, sizeof w->why, "%s", sa.s);
    else
        snprintf(w->why, sizeof w->why, "%s: out of memory", name_of(w));
    stralloc_free(&sa);
}

static int read_text(struct ctwork *w)
{
    if (!w->conf->source)
        return stralloc_copyb(&w->text, w->conf->contents, w->conf->contents_len);
    return slurp_file(&w->text, w->conf->source, TEXT_MAX);
}

static int disabled(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "the function is disabled by function_denylist");
}

/* The last table: functions that the template may not use. */
static int deny(struct ctwork *w, struct tmplfunc_table *table)
{
    size_t n = 0;
    while (w->conf->denied[n])
        n++;
    struct tmplfunc *f = pool_get(&w->parsed, (n + 1) * sizeof *f);
    if (!f)
        return 0;
    for (size_t i = 0; i < n; i++)
        f[i] = (struct tmplfunc){w->conf->denied[i], ".*", disabled};
    *table = (struct tmplfunc_table){f, n, NULL};
    return 1;
}

int ctwork_load(struct ctwork *w, struct ctconf_template const *conf, struct ctbrain *brain,
                char const *const *added)
{
    struct tmplerror e;
    *w = (struct ctwork){.conf = conf, .quiet = CTQUIET_ZERO, .is_dirty = 1};
    w->plain = (struct ctplain){.env = added, .sandbox = conf->sandbox_path};
    w->run = (struct ctrun){.brain = brain, .sandbox = conf->sandbox_path};
    pool_init(&w->parsed, PARSED_MAX);
    if (!read_text(w)) {
        snprintf(w->why, sizeof w->why, "%s: cannot read the template %s: %s", conf->where,
                 name_of(w), strerror(errno));
        return 0;
    }
    w->table[0] = ctfunc_table(&w->run);
    size_t n = 1;
    n += ctplain_tables(&w->plain, w->table + n);
    n += sprig_tables(w->table + n);
    if (!deny(w, w->table + n++)) {
        snprintf(w->why, sizeof w->why, "%s: out of memory", name_of(w));
        return 0;
    }
    w->options = (struct tmpl_options){
        .name = "",
        .left = conf->left_delimiter,
        .right = conf->right_delimiter,
        .missing = conf->error_on_missing_key ? TMPLMISSING_ERROR : TMPLMISSING_DEFAULT,
        .table = w->table,
        .tables = n,
    };
    w->tmpl = tmplparse(&w->parsed, w->text.len ? w->text.s : "", w->text.len, &w->options, &e);
    if (w->tmpl)
        w->plain.tmpl = w->tmpl;
    else
        say_error(w, &e);
    return w->tmpl != NULL;
}

/* Makes what this run has used what the template uses. */
static int take_uses(struct ctwork *w)
{
    struct ctentry **uses = malloc((w->run.n + 1) * sizeof *uses);
    if (!uses)
        return 0;
    for (size_t i = 0; i < w->run.n; i++) {
        uses[i] = w->run.used[i];
        uses[i]->users++;
    }
    for (size_t i = 0; i < w->n_uses; i++)
        w->uses[i]->users--;
    free(w->uses);
    w->uses = uses;
    w->n_uses = w->run.n;
    return 1;
}

enum ctwork_result ctwork_run(struct ctwork *w, stralloc *output)
{
    struct tmplvalue const nil = tmplvalue_nil();
    struct tmplerror e;
    struct pool p;
    pool_init(&p, RUN_MAX);
    ctrun_begin(&w->run);
    w->plain.scratch = NULL;
    w->plain.now = time(NULL);
    output->len = 0;
    int ok = tmplrun(w->tmpl, &nil, &p, output, OUTPUT_MAX, &e);
    pool_free(&p);
    w->is_dirty = 0;
    if (!take_uses(w)) {
        snprintf(w->why, sizeof w->why, "%s: out of memory", name_of(w));
        return CTWORK_FAILED;
    }
    if (w->run.missing)
        return CTWORK_MISSING;
    if (!ok)
        say_error(w, &e);
    return ok ? CTWORK_READY : CTWORK_FAILED;
}

int ctwork_uses(struct ctwork const *w, struct ctentry const *e)
{
    for (size_t i = 0; i < w->n_uses; i++)
        if (w->uses[i] == e)
            return 1;
    return 0;
}

void ctwork_free(struct ctwork *w)
{
    for (size_t i = 0; i < w->n_uses; i++)
        w->uses[i]->users--;
    free(w->uses);
    ctrun_free(&w->run);
    pool_free(&w->parsed);
    stralloc_free(&w->text);
}
