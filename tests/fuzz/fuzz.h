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
