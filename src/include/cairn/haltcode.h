/* haltcode: STATE/halt-code, the exit code that a container is asked to end with (doc/formats.md).
 */

#ifndef CAIRN_HALTCODE_H
#define CAIRN_HALTCODE_H

#define HALTCODE_FILE "halt-code"

/* Writes code (0 to 255) to the state directory. The first one counts: a file that is there stays,
   which is success. Returns 0, or -1 with errno. */
extern int haltcode_put(char const *state, unsigned int code);

/* Reads it from the state directory statefd. Returns it, or -1: there is none. */
extern int haltcode_get(int statefd);

#endif
