#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/logservice.h>
#include <cairn/makedir.h>
#include <cairn/owner.h>

enum { NOBODY = 32768, DIR_MODE = 02700, WORDS_BEFORE = 3 };

static char const blanks[] = " \t\n\r";

int logservice_user(struct logservice *l)
{
    *l = (struct logservice){.uid = geteuid(), .gid = getegid(), .drops = !geteuid()};
    if (!l->drops)
        return 0;
    int r = owner_find("nobody", &l->uid, &l->gid);
    if (!r)
        l->uid = l->gid = NOBODY;
    return r < 0 ? -1 : 0;
}

/* root without the capability is nobody in particular, and goes on as it is */
static int unless_forbidden(int r)
{
    return r < 0 && errno == EPERM ? 0 : r;
}

/* May the logger write to dir? Root without DAC_OVERRIDE may not where it may: then it is asked by
   a process that has become the user. Returns 0, or -1 with errno. */
static int may_write(struct logservice const *l, char const *dir)
{
    int wstat = 1;
    int r = access(dir, W_OK | X_OK);
    if (!r || errno != EACCES || !l->drops)
        return r;
    pid_t pid = fork();
    if (!pid)
        _exit(logservice_drop(l) < 0 || access(dir, W_OK | X_OK) < 0);
    while (pid > 0 && waitpid(pid, &wstat, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0 && !wstat)
        return 0;
    errno = EACCES;
    return -1;
}

int logservice_directory(struct logservice const *l, char const *dir, int own)
{
    struct stat st;
    if (makedir_parents(dir, 0755) < 0)
        return -1;
    int made = makedir(dir, 0700);
    if (made < 0)
        return -1;
    if (made) /* the mode first: root without FOWNER may not set it when it is another's */
        return chmod(dir, DIR_MODE) < 0 ||
                       (l->drops && unless_forbidden(chown(dir, l->uid, l->gid)) < 0)
                   ? -1
                   : 0;
    if (stat(dir, &st) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return -1;
    }
    if (own && l->drops && st.st_uid != l->uid && unless_forbidden(chown(dir, l->uid, l->gid)) < 0)
        return -1;
    return own ? may_write(l, dir) : 0;
}

int logservice_drop(struct logservice const *l)
{
    if (!l->drops)
        return 0;
    if (unless_forbidden(setgroups(1, &l->gid)) < 0 || unless_forbidden(setgid(l->gid)) < 0)
        return -1;
    return unless_forbidden(setuid(l->uid));
}

char const **logservice_argv(char const *script, char const *dir)
{
    size_t len = strlen(script);
    size_t dirlen = strlen(dir);
    /* no more than every second byte begins a word */
    size_t max = WORDS_BEFORE + len / 2 + 3;
    char const **argv = malloc(max * sizeof *argv + len + 1 + dirlen + 3);
    if (!argv)
        return NULL;
    char *s = memcpy(argv + max, script, len + 1);
    char *d = s + len + 1;
    size_t n = 0;
    argv[n++] = "svlog";
    argv[n++] = "-bp";
    argv[n++] = "--";
    for (char *save, *word = strtok_r(s, blanks, &save); word; word = strtok_r(NULL, blanks, &save))
        argv[n++] = word;
    strcpy(d, dir[0] == '/' || dir[0] == '.' ? "" : "./");
    argv[n++] = strcat(d, dir);
    argv[n] = NULL;
    return argv;
}
