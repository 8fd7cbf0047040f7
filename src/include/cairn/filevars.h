/* filevars: variables whose values lie in files, as Docker and Kubernetes mount secrets.

   FILE__NAME=/path (the spelling of linuxserver.io) makes NAME what the file holds; so does
   NAME_FILE=/path (that of the docker-library images) for the names that the image lists. The value
   is the content less one newline at its end. The variable that names the file is left out of the
   environment that is made: a program that knows NAME_FILE itself would find both, which
   docker-library's scripts refuse. One that is empty counts as unset. Where NAME is set as well,
   each spelling does what its users know: FILE__NAME wins, NAME_FILE is refused. */

#ifndef CAIRN_FILEVARS_H
#define CAIRN_FILEVARS_H

#include <stddef.h>
#include <sys/types.h>

#define FILEVARS_LIST "/etc/cairn/file-vars" /* one NAME a line; # begins a comment */

/* One value and whose it is: who may not read the file needs not read its copy. */
struct filevar {
    char const *string; /* NAME=VALUE */
    mode_t mode;        /* of the file */
    uid_t uid;
    gid_t gid;
};

struct filevars {
    char const *const
        *envp; /* the environment to use; the caller's own where there is nothing to do */
    struct filevar *v;
    size_t n;
    char why[1024]; /* what is wrong, naming the variable and the file; never a value */
};

/* Makes the environment of envp and the list of names in the file list (which need not exist). What
   it allocates is there until filevars_free, and envp must be too. Returns 0, or -1 with errno and
   why (EINVAL: what the user or the image says makes no sense). */
extern int filevars_load(struct filevars *, char const *const *envp, char const *list);

/* Also after a failure it is allowed; why stays. */
extern void filevars_free(struct filevars *);

/* For contenv_dump: in the directory dirfd, takes from the file of each variable whose source not
   everybody may read what others may do with it, and gives it owner and group of the source, where
   we may. data is a struct filevars. Returns 0, or -1 with errno. */
extern int filevars_guard(int dirfd, void const *data);

#endif
