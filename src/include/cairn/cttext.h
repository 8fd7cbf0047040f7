/* cttext: what consul-template's templates do with text: base64*, split, join, replaceAll, toLower,
   toUpper, toTitle, trim*, indent, contains*, in, regex*, hashes. */

#ifndef CAIRN_CTTEXT_H
#define CAIRN_CTTEXT_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table cttext_table(void);

#endif
