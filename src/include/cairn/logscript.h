/* logscript: the logging script of svlog, the language of s6-log.

   A script is a list of directives, read from left to right for every line. Selectors (+, -, f)
   decide whether the line is selected, an action (1, 2, =FILE, a directory) is taken if it is.
   The other directives set what the following actions use. */

#ifndef CAIRN_LOGSCRIPT_H
#define CAIRN_LOGSCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <regex.h>

enum logscript_op {
    LOGSCRIPT_SELECT,   /* +: select what matches, if not selected */
    LOGSCRIPT_DESELECT, /* -: deselect what matches, if selected */
    LOGSCRIPT_REST,     /* f: selected is what nothing has acted on */
    LOGSCRIPT_ACT,
};
enum logscript_kind { LOGSCRIPT_OUT, LOGSCRIPT_ALERT, LOGSCRIPT_STATUS, LOGSCRIPT_DIR };

#define LOGSCRIPT_MINSIZE 4096 /* of s, bytes: the bounds that s6-log puts it to, silently */
#define LOGSCRIPT_MAXSIZE 268435455

struct logscript_action {
    enum logscript_kind kind;
    char const *path;      /* of a status file or directory */
    char const *prefix;    /* NULL: none */
    char const *processor; /* NULL: none */
    int shell;             /* the processor is for sh, else for execlineb */
    int tai64n, human;     /* stamps */
    uint32_t archives;     /* n */
    uint32_t size;         /* s */
    uint64_t total;        /* S; 0: no limit */
    uint32_t tolerance;    /* l, at most half of size */
    uint32_t retry;        /* r, ms */
    uint32_t period;       /* R, seconds; 0: none */
    uint32_t alert;        /* E, bytes; 0: no limit */
    uint32_t status;       /* ^, bytes; 0: not padded */
};

struct logscript_item {
    enum logscript_op op;
    int all;             /* the expression is empty, or matches everything */
    regex_t re;          /* of a selector, unless all */
    unsigned int action; /* index, of an action */
};

struct logscript {
    struct logscript_item *items;     /* the caller's, one per word of the script */
    struct logscript_action *actions; /* the caller's, one per word of the script */
    size_t n, nactions;
    char const *ignored; /* a selector after the last action, which does nothing; or NULL */
};

enum logscript_error {
    LOGSCRIPT_OK,
    LOGSCRIPT_UNKNOWN,  /* no such directive */
    LOGSCRIPT_SYNTAX,   /* a directive with a bad value */
    LOGSCRIPT_CONFLICT, /* l of more than half of s */
    LOGSCRIPT_REGEX,    /* a regular expression that is none */
    LOGSCRIPT_NOACTION,
};

/* Parses the words of argv, up to a NULL. The script points into them. *bad: the word that is
   wrong. Allocates only what regcomp does. */
extern enum logscript_error logscript_parse(struct logscript *, char const *const *argv,
                                            char const **bad);

#endif
