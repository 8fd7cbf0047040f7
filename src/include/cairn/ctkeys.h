/* ctkeys: the keys of consul-template's configuration files: what there is, and how a file's tree
   sets the settings; ctconf puts all together. */

#ifndef CAIRN_CTKEYS_H
#define CAIRN_CTKEYS_H

#include <cairn/ctword.h>
#include <cairn/hcl.h>

/* perms that nobody has set. */
#define CTKEYS_NO_MODE ((mode_t)-1)

/* Sets all that the file's tree says. Returns 1, or 0 with conf->why. */
extern int ctkeys_set_tree(struct ctkeys *k, struct hclvalue const *root);

/* A new template at the end, all by default. NULL with conf->why. */
extern struct ctconf_template *ctkeys_new_template(struct ctkeys *k);

#endif
