#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include <cairn/legacytree.h>

static char found[1024];

/* Sets found to dir/name. Names that do not fit are cut: it is only shown. */
static size_t set(char const *dir, char const *name)
{
    size_t len = strlen(dir);
    if (len > sizeof found - 2)
        len = sizeof found - 2;
    memmove(found, dir, len);
    found[len++] = '/';
    size_t namelen = strlen(name);
    if (namelen > sizeof found - len - 1)
        namelen = sizeof found - len - 1;
    memcpy(found + len, name, namelen);
    found[len + namelen] = 0;
    return len + namelen;
}

static int is_bundle(char const *name)
{
    return !strcmp(name, "user") || !strcmp(name, "user2");
}

/* Is there a directory (any entry, with files) in dir other than the bundles? found gets its path.
 */
static int has_content(char const *dir, int files)
{
    struct stat st;
    char here[sizeof found];
    DIR *d = opendir(dir);
    if (!d)
        return 0;
    strcpy(here, dir);
    int r = 0;
    for (struct dirent const *e; !r && (e = readdir(d));) {
        if (e->d_name[0] == '.' || (!files && is_bundle(e->d_name)))
            continue;
        set(here, e->d_name);
        r = files || (!stat(found, &st) && S_ISDIR(st.st_mode));
    }
    closedir(d);
    return r;
}

static int look(char const *overlay)
{
    static char const *const bundles[] = {"s6-rc.d/user/contents.d", "s6-rc.d/user2/contents.d",
                                          "user-bundles.d/user/contents.d",
                                          "user-bundles.d/user2/contents.d"};
    set(overlay, "s6-rc.d");
    if (has_content(found, 0))
        return 1;
    for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
        set(overlay, bundles[i]);
        if (has_content(found, 1))
            return 1;
    }
    return 0;
}

char const *legacytree_find(char const *input)
{
    char profile[sizeof found];
    struct stat st;
    if (!stat("/etc/s6-overlay", &st) && look("/etc/s6-overlay"))
        return found;
    if (!strcmp(input, "/etc"))
        return NULL;
    set(input, "s6-overlay");
    strcpy(profile, found);
    return !stat(profile, &st) && look(profile) ? found : NULL;
}
