/* What an edited object differs in from what it was: as a merge patch (RFC 7386), and as people read
 * it. Both objects are JSON as the same writer made it (base/yaml.h). */
#ifndef BINNACLE_ACTIONS_PATCH_H
#define BINNACLE_ACTIONS_PATCH_H

#include "net/json.h"

/* The patch that makes one of the other, but for what the server keeps itself (status, versions); with
 * this metadata.resourceVersion where it is not NULL. False: there is no difference; nothing is added. */
bool patch_make(struct span from, struct span to, const char *version, struct strbuf *out);
/* The object without what patch_make() leaves to the server. */
void patch_sent(struct span object, struct strbuf *out);
/* The object has all that the patch wants. */
bool patch_is_done(struct json_value patch, struct json_value object);
/* Lines of one text that are not the other's, "-" and "+" before them, with three lines around them. */
void patch_lines(struct span from, struct span to, struct strbuf *out);

#endif
