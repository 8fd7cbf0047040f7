/* tmpltoken: a template's text as tokens. What trim markers and comments take away is gone here. */

#ifndef CAIRN_TMPLTOKEN_H
#define CAIRN_TMPLTOKEN_H

#include <stddef.h>

enum tmpltoken_kind {
    TMPLTOKEN_END,   /* of the text */
    TMPLTOKEN_ERROR, /* why says what is wrong at s */
    TMPLTOKEN_TEXT,  /* outside of actions; not empty */
    TMPLTOKEN_LEFT,  /* delimiters */
    TMPLTOKEN_RIGHT,
    TMPLTOKEN_NAME,     /* a function's */
    TMPLTOKEN_FIELD,    /* .name, with the dot */
    TMPLTOKEN_VARIABLE, /* $name or $ */
    TMPLTOKEN_DOT,
    TMPLTOKEN_NIL,
    TMPLTOKEN_BOOL,
    TMPLTOKEN_NUMBER,
    TMPLTOKEN_CHAR,   /* 'c' */
    TMPLTOKEN_STRING, /* "s", with the quotes */
    TMPLTOKEN_RAW,    /* `s`, with the quotes */
    TMPLTOKEN_OPEN,   /* ( */
    TMPLTOKEN_CLOSE,
    TMPLTOKEN_PIPE,
    TMPLTOKEN_COMMA,
    TMPLTOKEN_DECLARE, /* := */
    TMPLTOKEN_ASSIGN,  /* = */
    TMPLTOKEN_IF,
    TMPLTOKEN_ELSE,
    TMPLTOKEN_ENDWORD, /* end */
    TMPLTOKEN_RANGE,
    TMPLTOKEN_WITH,
    TMPLTOKEN_DEFINE,
    TMPLTOKEN_TEMPLATE,
    TMPLTOKEN_BLOCK,
    TMPLTOKEN_BREAK,
    TMPLTOKEN_CONTINUE,
};

struct tmpltoken {
    enum tmpltoken_kind kind;
    int is_spaced; /* blanks stand before it, within its action */
    char const *s; /* in the template's text */
    size_t n;
};

struct tmplscan {
    char const *text;
    size_t len;
    char const *left;
    size_t nleft;
    char const *right;
    size_t nright;
    size_t at;         /* what is read next */
    int is_inside;     /* an action */
    int trims;         /* the last action's end trims the text behind it */
    unsigned int open; /* parentheses in this action */
    char const *why;   /* of TMPLTOKEN_ERROR */
};

/* Begins to read the len bytes at text; delimiters NULL or "" are {{ and }}. */
extern void tmplscan_init(struct tmplscan *s, char const *text, size_t len, char const *left,
                          char const *right);

/* Reads the next token. After TMPLTOKEN_ERROR and TMPLTOKEN_END there is nothing more to read. */
extern void tmplscan_next(struct tmplscan *s, struct tmpltoken *t);

#endif
