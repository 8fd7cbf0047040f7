/* bootenv: the environments and the command line that init makes of its own. */

#ifndef CAIRN_BOOTENV_H
#define CAIRN_BOOTENV_H

#define BOOTENV_SCRIPTS      "/etc/s6/init/env"        /* what scripts and services get */
#define BOOTENV_SCRIPTS_MORE "/etc/s6/init/env-stage2" /* and this on top */
#define BOOTENV_PATH_SCRIPTS "/usr/bin:/usr/sbin:/bin:/sbin"
#define BOOTENV_PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct bootenv {
    char const *const *container; /* of the container: ours, with CWD, and PATH if there was none */
    char const *const *hooks;     /* of scripts and services */
    char const *const
        *cmd; /* the words of S6_CMD_ARG0, then argv; cmd[0] is NULL when there is no command */
};

/* Makes all of envp and the argc words of argv. statedir, if not NULL, is where the state lies when
   that is not /run/s6: all get it as CAIRN_STATEDIR. With keep, scripts and services get the
   container's environment. What it allocates is for the life of the process. Returns 0, or -1 with
   errno; then *culprit names what could not be read. */
extern int bootenv_make(struct bootenv *, char const *const *envp, int argc,
                        char const *const *argv, char const *statedir, int keep,
                        char const **culprit);

/* Makes one environment of base and the n strings at s (NAME=VALUE NUL, as contenv_read leaves
   them), which win. Returns it (allocated), or NULL with errno. */
extern char const **bootenv_merge(char const *const *base, char const *s, unsigned int n);

#endif
