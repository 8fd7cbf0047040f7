/* ctout: values as text of other languages in consul-template's templates: toJSON, toJSONPretty,
   toUnescapedJSON, toUnescapedJSONPretty, toTOML, toYAML, spew_*; and into a file: writeToFile. */

#ifndef CAIRN_CTOUT_H
#define CAIRN_CTOUT_H

#include <cairn/ctplain.h>

extern struct tmplfunc_table ctout_table(struct ctplain *c);

#endif
