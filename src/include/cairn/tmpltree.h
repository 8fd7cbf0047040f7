/* tmpltree: a template's text as a tree, which tmplparse makes and tmplrun walks. All of it lives
   in the pool; text and names point into the template's text. */

#ifndef CAIRN_TMPLTREE_H
#define CAIRN_TMPLTREE_H

#include <stddef.h>

#include <cairn/tmplparse.h>

enum tmplarg_kind {
    TMPLARG_DOT,      /* . */
    TMPLARG_NIL,      /* nil */
    TMPLARG_CONST,    /* a number, string or boolean: value */
    TMPLARG_VARIABLE, /* slot */
    TMPLARG_FUNC,     /* func, data */
    TMPLARG_PIPE,     /* ( pipe ) */
};

/* .field after what stands before it. */
struct tmplchain {
    struct tmplchain *next;
    char const *name; /* without the dot */
    size_t n;
};

/* An operand, with the fields taken from it. */
struct tmplarg {
    struct tmplarg *next;
    enum tmplarg_kind kind;
    int slot; /* -1: a variable that only an assignment knows */
    char const *at;
    struct tmplvalue value;
    struct tmplfunc const *func;
    void *data;
    struct tmplpipe *pipe;
    struct tmplchain *chain;
};

/* A function, a value or a method with its arguments. */
struct tmplcommand {
    struct tmplcommand *next;
    struct tmplarg *arg; /* the first is what is called */
    size_t args;
};

struct tmplpipe {
    char const *at;
    int slot[2]; /* variables set from it: the value, or key and value of range */
    int slots;
    int is_assignment; /* to variables that exist, by = */
    struct tmplcommand *command;
};

enum tmplnode_kind {
    TMPLNODE_TEXT,
    TMPLNODE_ACTION,
    TMPLNODE_IF,
    TMPLNODE_WITH,
    TMPLNODE_RANGE,
    TMPLNODE_TEMPLATE,
    TMPLNODE_BREAK,
    TMPLNODE_CONTINUE,
};

struct tmplnode {
    struct tmplnode *next;
    enum tmplnode_kind kind;
    char const *at;
    size_t n; /* of the text; of name */
    struct tmplpipe *pipe;
    struct tmplnode *then; /* body */
    struct tmplnode *otherwise;
    char const *name; /* of the template to run */
};

/* A template by its name. */
struct tmplbody {
    struct tmplbody *next;
    char const *name;
    size_t n;
    struct tmplnode *node;
    int slots; /* variables that live at once in it, $ included, which is slot 0 */
};

struct tmpl {
    struct tmpl_options const *options;
    char const *text;
    size_t len;
    struct tmplbody *body; /* all; the first is the text itself */
};

/* The body of that name, or NULL. */
extern struct tmplbody *tmpltree_body(struct tmpl const *t, char const *name, size_t n);

#endif
