/* Kinds, columns and links by name. */
#include <config.h>

#include "model/kind.h"

#include <string.h>

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
    [LINK_FILLED] = {"filled", "filled by", "fills"},
    [LINK_REDIRECT] = {"redirect", "redirects to", "redirected to by"},
    [LINK_KEPT] = {"keeper", "kept by", "keeps"},
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

struct key_parts kind_key_parts(const struct kind *k, struct span key)
{
    const size_t slash = span_find(key, '/', 0), last = span_find_last(key, '/');
    struct key_parts parts = {.name = key};
    if (!k->namespaced || slash == key.len)
        return parts;
    parts.ns = span_sub(key, 0, slash);
    parts.name = span_sub(key, slash + 1, key.len);
    const int type = slash == last ? -1 : kind_column(k, SPAN("type"));
    if (type < 0 || !(k->columns[type].flags & COLUMN_IDENT))
        return parts;
    parts.type = span_sub(key, slash + 1, last - slash - 1);
    parts.name = span_sub(key, last + 1, key.len);
    return parts;
}

/* What stands behind the word that a text begins with; NULL: it begins with another. Kinds are looked
 * up by name often, and nearly all differ in the first letter: no text is measured for that. */
static const char *behind(const char *text, struct span word)
{
    size_t i = 0;
    while (i < word.len && text[i] && span_fold(text[i]) == span_fold(word.data[i]))
        i++;
    return i == word.len ? text + i : NULL;
}

static bool is_word(const char *text, struct span word)
{
    const char *rest = behind(text, word);
    return rest && !*rest;
}

static bool has_word(const char *words, struct span word)
{
    for (; words; words = strchr(words, ' ')) {
        words += *words == ' ';
        const char *rest = behind(words, word);
        if (rest && (!*rest || *rest == ' '))
            return true;
    }
    return false;
}

const char *kind_part(const struct kind *k, struct span word)
{
    for (const struct kind_part *part = k->parts; part && part->words; part++)
        if (has_word(part->words, word))
            return part->filter;
    return NULL;
}

int kind_find(const struct kind_list *list, struct span word)
{
    for (size_t i = 0; i < list->count && word.len; i++) {
        const struct kind *k = list->kinds[i];
        if (is_word(k->name, word) || is_word(k->plural, word) || has_word(k->aliases, word))
            return (int)i;
    }
    return -1;
}
