/* ctword: a setting of consul-template from a word: a flag's, a variable's, a file's. */

#ifndef CAIRN_CTWORD_H
#define CAIRN_CTWORD_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/ctconf.h>

/* The kinds of settings that there are. */
enum ctword_kind {
    CTWORD_STRING,
    CTWORD_BOOL,
    CTWORD_COUNT,    /* unsigned int */
    CTWORD_DURATION, /* int64_t, ms */
    CTWORD_SIGNAL,   /* int */
    CTWORD_LIST,     /* char const *const *, NULL at the end */
    CTWORD_MODE,     /* mode_t */
    CTWORD_WAIT,     /* struct ctconf_wait */
};

/* Settings while they are read. */
struct ctkeys {
    struct ctconf *conf;
    char const *file; /* the one that is read, for messages */
    size_t room;      /* of conf->tmpl */
};

/* Sets conf->why. Returns 0; the second says that there is no memory, by errno (pool_get's). */
extern int ctword_fail(struct ctkeys *k, char const *format, ...)
    __attribute__((format(printf, 2, 3)));
extern int ctword_no_memory(struct ctkeys *k);

/* Sets the value at to by the word; name is what it is called in a message. Words are added to a
   list. Returns 1, or 0 with conf->why. */
extern int ctword_set(struct ctkeys *k, enum ctword_kind kind, void *to, char const *name,
                      char const *word);

/* What a setting of that kind wants, for a message. */
extern char const *ctword_wants(enum ctword_kind kind);

/* Adds n bytes at s, without blanks around them, to the list. Returns 1, or 0 with conf->why. */
extern int ctword_add(struct ctkeys *k, char const *const **list, char const *s, size_t n);

/* Sets a maximum that is missing (-1), and compares. Returns 1, or 0 with conf->why. */
extern int ctword_check_wait(struct ctkeys *k, char const *name, struct ctconf_wait *w);

/* Milliseconds of a Go duration, rounded up. Returns 1, or 0 if it is none or negative. */
extern int ctword_ms(char const *s, int64_t *ms);

#endif
