#include <stdio.h>

#include <cairn/tmplyaml.h>

int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                  char why[TMPLYAML_WHY])
{
    (void)s, (void)len, (void)p, (void)v;
    snprintf(why, TMPLYAML_WHY, "this build has no YAML reader (libyaml)");
    return 0;
}
