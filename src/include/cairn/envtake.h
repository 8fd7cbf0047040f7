/* envtake: variables that one of our programs gives another, and that go no further. */

#ifndef CAIRN_ENVTAKE_H
#define CAIRN_ENVTAKE_H

/* Takes the variable name out of env. Returns its value, or NULL if there was none. */
extern char const *envtake(char **env, char const *name);

#endif
