/* What drop-database and drop-user share: what is known of what goes, that a backup has it, and the
 * secret that goes with it. */
#ifndef BINNACLE_ACTIONS_MYSQL_DROP_H
#define BINNACLE_ACTIONS_MYSQL_DROP_H

#include "actions/mysql_names.h"

/* Behind what an action has itself. */
#define DROP_FIELDS                                                                            \
    {"hours", FIELD_COUNT, NULL, "24", "how old the last backup that went well may be", NULL}, \
        {"override", FIELD_CHOICE, "no|yes", "no", "yes: without such a backup too", NULL},    \
        {"also",                                                                               \
         FIELD_CHOICE,                                                                         \
         "none|secret",                                                                        \
         "none",                                                                               \
         "secret: the ExternalSecret and what Vault has at --path go too",                     \
         NULL},                                                                                \
        {"secret", FIELD_NAME, NULL, "", "that ExternalSecret's name", NULL},                  \
        {"namespace", FIELD_NAME, NULL, NULL, "its namespace", NULL},                          \
        {"vault",                                                                              \
         FIELD_TEXT,                                                                           \
         NULL,                                                                                 \
         "",                                                                                   \
         "that Vault, as its source is called; left out: the only "                            \
         "one",                                                                                \
         NULL},                                                                                \
        {"mount", FIELD_TEXT, NULL, "secret", "its KV engine", NULL},                          \
        {"path", FIELD_TEXT, NULL, "", "the path below it, such as apps/kimai", NULL},         \
        MYSQL_CLUSTER_FIELD

/* Notes the newest backup of the site's cluster. ERR_DENIED: there is none that is new enough, and
 * it was not said that it goes without; *newest: how it is called, "" where there is none. */
bool drop_check_backup(struct target *t, const struct answers *in, struct plan *p, const char *at,
                       const char **newest, struct err *err) BN_MUST_USE;
/* Notes ExternalSecrets that are called like one of these, or read a path that is, and the workloads
 * that read their Secrets; user may be "". */
void drop_note_readers(struct target *t, struct plan *p, const char *database, const char *user);
/* Steps that lock an account, so that nobody logs in any more, and that drop it; what is so already
 * is left out. */
bool drop_add_lock(struct target *t, struct plan *p, const char *at, const struct mysql_account *a,
                   struct err *err) BN_MUST_USE;
void drop_add_user(struct plan *p, const char *at, const struct mysql_account *a);
/* The steps of `also`. */
bool drop_add_secret(struct target *t, const struct answers *in, struct plan *p,
                     struct err *err) BN_MUST_USE;
/* await of a look whose rows are to be none. */
enum awaiting drop_await_gone(struct target *t, const struct step *step,
                              const struct json_node *object, struct strbuf *says);

#endif
