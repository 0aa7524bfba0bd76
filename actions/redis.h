/* What actions on Redis servers share. */
#ifndef BINNACLE_ACTIONS_REDIS_H
#define BINNACLE_ACTIONS_REDIS_H

#include "actions/action.h"

#define REDIS_FIELD                                                                              \
    {                                                                                            \
        "redis", FIELD_TEXT, NULL, "", "which server, as `:redis` names it; \"\": the only one", \
            "server name"                                                                        \
    }

/* A deed of these words (JSON texts already: `"CLIENT","KILL"`) at a site. */
struct deed redis_deed(struct plan *p, const char *site, const char *words);
/* Asks; an error when nothing comes. The document is the caller's. */
bool redis_read(struct target *t, struct plan *p, const char *site, const char *words,
                struct json_doc **doc, struct err *err) BN_MUST_USE;
/* Of a document that redis_read() gave: its reply. */
const struct json_node *redis_reply_of(const struct json_doc *doc);
/* The value of a field of INFO's text, which is the reply; empty when absent. */
struct span redis_value(const struct json_node *reply, const char *field);
/* The value of a field of INFO's text, in the plan; "" when absent. */
const char *redis_info(struct plan *p, const struct json_doc *doc, const char *field);
/* The site's own name where "" stands for the only one; in the plan. NULL: *err. */
const char *redis_site(struct target *t, struct plan *p, const char *said, struct err *err);

#endif
