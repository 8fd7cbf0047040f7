/* What the fuzzers share. Each tests/fuzz/NAME.c defines LLVMFuzzerTestOneInput: with clang's
   fuzzer it is a program of its own (tests/fuzz/run NAME), with replay.c a test of the suite
   "fuzz". */

#ifndef CAIRN_TESTS_FUZZ_H
#define CAIRN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* What always holds. Both fuzzer and replay tell which input it was. */
#define HOLDS(e)                                                                                   \
    do {                                                                                           \
        if (!(e))                                                                                  \
            abort();                                                                               \
    } while (0)

/* The bytes as a string, in memory of exactly its size, which the caller frees; it ends at the
   first 0 for all who read strings. */
static inline char *fuzz_text(uint8_t const *data, size_t size)
{
    char *s = malloc(size + 1);
    HOLDS(s);
    if (size)
        memcpy(s, data, size);
    s[size] = 0;
    return s;
}

/* The bytes as they are read one after the other: 0 when there are no more. */
struct fuzz_input {
    uint8_t const *p;
    size_t n;
};

static inline unsigned int fuzz_byte(struct fuzz_input *in)
{
    return in->n ? (in->n--, *in->p++) : 0;
}

/* A number below n, by the next byte. */
static inline unsigned int fuzz_below(struct fuzz_input *in, unsigned int n)
{
    return fuzz_byte(in) % n;
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t n = fuzz_byte(in);
    n = n << 8 | fuzz_byte(in);
    n = n << 8 | fuzz_byte(in);
    return n << 8 | fuzz_byte(in);
}

/* A regular expression for the C library, whose regcomp takes memory without end for repetitions of
   repetitions: they are their writer's business, and left out. */
static inline int fuzz_is_greedy(char const *regex)
{
    unsigned int n = 0;
    for (; (regex = strpbrk(regex, "+*?{")); regex++)
        n++;
    return n > 4;
}

/* Hands each line of a text to f as a string of its own, in memory of exactly its size. */
static inline void fuzz_lines(uint8_t const *data, size_t size, void (*f)(char *))
{
    while (size) {
        uint8_t const *newline = memchr(data, '\n', size);
        size_t len = newline ? (size_t)(newline - data) : size;
        char *line = malloc(len + 1);
        HOLDS(line);
        memcpy(line, data, len);
        line[len] = 0;
        f(line);
        free(line);
        data += len;
        size -= len;
        if (newline) {
            data++;
            size--;
        }
    }
}

#endif
