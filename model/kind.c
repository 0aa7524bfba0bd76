/* Kinds, columns and links by name. */
#include <config.h>

#include "model/kind.h"

static const struct link_info links[LINK_TYPE_COUNT] = {
    [LINK_OWNER] = {"owner", "owned by", "owns"},
    [LINK_NODE] = {"node", "runs on", "runs"},
    [LINK_SERVICE] = {"service", "leads to", "reached by"},
    [LINK_POD] = {"pod", "serves from", "serves in"},
    [LINK_MIDDLEWARE] = {"middleware", "passes", "used by"},
    [LINK_CLAIM] = {"claim", "mounts", "mounted by"},
    [LINK_VOLUME] = {"volume", "bound to", "bound by"},
    [LINK_CLASS] = {"class", "of class", "class of"},
    [LINK_SECRET] = {"secret", "reads secret", "read by"},
    [LINK_CONFIG] = {"config", "reads config", "read by"},
    [LINK_ENVIRONMENT] = {"environment", "takes variables from", "gives variables to"},
    [LINK_STORE] = {"store", "reads from", "read through by"},
    [LINK_PATH] = {"path", "is kept at", "read by"},
    [LINK_ISSUER] = {"issuer", "issued by", "issues"},
    [LINK_MANAGES] = {"manages", "manages", "managed by"},
    [LINK_PROJECT] = {"project", "of project", "has"},
    [LINK_ROUTE] = {"route", "named by", "seen from outside"},
    [LINK_ABOUT] = {"about", "is about", "event"},
    [LINK_RECORD] = {"record", "made for", "has record"},
    [LINK_NAMESPACE] = {"namespace", "in", "holds"},
    [LINK_BACKUP] = {"backup", "backup of", "backed up by"},
    [LINK_STORED] = {"stored", "stored as", "stores"},
    [LINK_RESTORE] = {"restore", "restores", "restored by"},
    [LINK_OPTION] = {"option", "uses", "used by"},
    [LINK_ALERT] = {"alert", "is about", "alert"},
    [LINK_LOADED] = {"loaded", "loaded as", "made of"},
    [LINK_PART] = {"part", "made of", "part of"},
    [LINK_SIGN_IN] = {"sign-in", "signs in at", "signs in for"},
    [LINK_IMAGE] = {"image", "runs image", "run by"},
};

const struct link_info *link_info(enum link_type type)
{
    return &links[type];
}

bool handle_equal(struct handle a, struct handle b)
{
    return a.slot == b.slot && a.generation == b.generation && a.kind == b.kind;
}

int kind_column(const struct kind *k, struct span name)
{
    for (size_t i = 0; i < k->ncolumns; i++)
        if (span_is(name, k->columns[i].name))
            return (int)i;
    return -1;
}

static bool has_word(struct span words, struct span word)
{
    struct span one;
    while (span_split(&words, ' ', &one))
        if (one.len && span_eq_nocase(one, word))
            return true;
    return false;
}

int kind_find(const struct kind_list *list, struct span word)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct kind *k = list->kinds[i];
        if (span_eq_nocase(word, span_from(k->name)) ||
            span_eq_nocase(word, span_from(k->plural)) || has_word(span_from(k->aliases), word))
            return (int)i;
    }
    return -1;
}
