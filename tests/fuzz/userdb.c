/* Any bytes as /etc/passwd and /etc/group, their first line being who is looked for: who is found
   by name is found by number, or another of the same number is. */

#include <cairn/identity.h>
#include <cairn/owner.h>
#include <cairn/userdb.h>

#include "fuzzfile.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct identity id;
    static char list[IDENTITY_LIST_MAX];
    char file[300];
    char name[64];
    struct userdb_user u;
    struct userdb_user other;
    gid_t gids[USERDB_GROUPS];
    gid_t gid;
    uid_t uid;
    unsigned int number;
    char *text = fuzz_text(data, size);
    text[strcspn(text, "\n")] = 0;
    fuzz_put("passwd", data, size);
    snprintf(file, sizeof file, "%s/passwd", fuzz_path);
    if (userdb_user_in(file, text, &u) > 0) {
        HOLDS(u.uid != (uid_t)-1 && u.gid != (gid_t)-1);
        HOLDS(memchr(u.home, 0, sizeof u.home) && memchr(u.shell, 0, sizeof u.shell));
        if (userdb_user_by_uid_in(file, u.uid, name, sizeof name, &other) > 0)
            HOLDS(other.uid == u.uid && userdb_user_in(file, name, &other) > 0);
        HOLDS(owner_find_in(file, text, &uid, &gid) == 1 && uid == u.uid && gid == u.gid);
    }
    if (userdb_group_in(file, text, &gid) > 0) {
        HOLDS(gid != (gid_t)-1);
        if (userdb_group_by_gid_in(file, gid, name, sizeof name) > 0)
            HOLDS(userdb_group_in(file, name, &gid) > 0);
    }
    int n = userdb_grouplist_in(file, text, gids, USERDB_GROUPS);
    HOLDS(n >= 0 && n <= USERDB_GROUPS);
    HOLDS(userdb_grouplist_in(file, text, gids, 1) == (n > 0));
    if (userdb_number(text, &number))
        HOLDS(number < (unsigned int)-1 && owner_user_in(file, text, &uid) == 1);
    memset(&id, 0, sizeof id);
    if (identity_add_list(&id, text)) {
        HOLDS(id.n <= USERDB_GROUPS);
        identity_list(&id, list);
        size_t had = id.n;
        HOLDS(identity_add_list(&id, list) && id.n == had);
    }
    if (identity_numbers(&id, text))
        HOLDS(strchr(text, ':'));
    free(text);
    return 0;
}
