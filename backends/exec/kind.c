/* Kinds that the configuration names: their rows are what a script prints in JSON. */
#include <config.h>

#include "backends/exec/exec.h"
#include "backends/plugin.h"
#include "backends/verdict.h"
#include "model/store.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX_LEN 32

static const struct rule rules[] = {
    [LEVEL_NOTICE] = {"exec-notice", "The script says notice of the row."},
    [LEVEL_PROGRESS] = {"exec-progress", "The script says progress of the row."},
    [LEVEL_UNKNOWN] = {"exec-unknown", "The script says unknown of the row."},
    [LEVEL_WARNING] = {"exec-warning", "The script says warning of the row."},
    [LEVEL_CRITICAL] = {"exec-critical", "The script says critical of the row."},
    [LEVEL_OK] = {"exec-ok", "The script says ok of the row."},
    [LEVEL_OFF] = {"exec-off", "The script says nothing of the row, or off."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct value state = store_cell(st, row, EXEC_STATE, now_ms);
    if (state.type != VALUE_LEVEL)
        return verdict_off();
    return verdict_at((enum level)state.num, (uint16_t)state.num);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span message = store_text(st, row, EXEC_MESSAGE);
    (void)now_ms;
    if (message.len)
        strbuf_add(out, message);
    else
        strbuf_addf(out, "the script says %s", level_name(v->level));
}

/* ---- Names. */

/* As a command's word: `:disks`, `get disks`. */
static bool is_word(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= 'a' && text[i] <= 'z') ||
              (i && (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')))))
            return false;
    return len > 1 && len <= WORD_MAX_LEN;
}

static bool has_word(const struct kind *k, const char *word)
{
    const struct kind *const one[] = {k};
    return kind_find(&(struct kind_list){one, 1}, span_from(word)) == 0;
}

/* A kind that is called so already, of what the program itself has. */
static const struct kind *taken(const char *word)
{
    const struct backend *b;
    for (size_t at = 0; (b = backends_next(&at)) != NULL;)
        for (size_t i = 0; b->kinds[i]; i++)
            if (has_word(b->kinds[i], word))
                return b->kinds[i];
    return NULL;
}

static const struct exec_source *earlier(const struct backend_entry *entry, const char *word)
{
    for (const struct backend *const *b = entry->earlier; b && *b; b++) {
        const struct exec_source *s = (const struct exec_source *)(const void *)*b;
        if (strcmp((*b)->name, backend_exec.name) == 0 && s->rows && has_word(s->rows, word))
            return s;
    }
    return NULL;
}

static char *texts_copy(struct exec_source *s, const char *text)
{
    struct span kept = {0};
    bool ok = arena_copy(s->texts, span_from(text), &kept);
    bn_assert(ok); /* it is as large as a configuration file */
    return (char *)(uintptr_t)kept.data;
}

/* ---- The kind. */

static const struct column base_columns[] = {
    [EXEC_STATE] = {"state", "STATE", "What the script says of the row.", VALUE_LEVEL, 8, 50,
                    COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [EXEC_MESSAGE] = {"message", "MESSAGE", "Its sentence for that.", VALUE_TEXT, 40, 60,
                      COLUMN_HIDDEN, NULL, NULL},
};
static const struct column namespace_column = {
    "namespace", "NAMESPACE", "Where it is.", VALUE_TEXT, 16, 0, COLUMN_IDENT, NULL, NULL};
static const struct column name_column = {
    "name", "NAME", "What the script calls it.", VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL};

/* The columns that are always there; how many. */
static size_t put_base(const struct exec_source *s, struct column *out)
{
    size_t n = 0;
    for (; n < EXEC_NAMES; n++)
        out[n] = base_columns[n];
    if (s->kind.namespaced)
        out[n++] = namespace_column;
    out[n++] = name_column;
    return n;
}

static void set_columns(struct exec_source *s, const struct column *columns, size_t n)
{
    struct column *kept = arena_calloc(s->texts, n, sizeof(*kept));
    bn_assert(kept != NULL);
    memcpy(kept, columns, n * sizeof(*kept));
    s->kind.columns = kept;
    s->kind.ncolumns = n;
}

/* What a row has in JSON, CSV and filters beside its columns. */
static bool is_reserved(const char *name)
{
    static const char *const words[] = {"cluster", "key",    "kind",  "level",
                                        "says",    "source", "stale", "verdict"};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

/* An age wants the instant that it is of. */
static bool check_ages(const struct column *columns, size_t n, struct err *err)
{
    const struct kind k = {.columns = columns, .ncolumns = n};
    for (size_t i = 0; i < n; i++) {
        int of = columns[i].since ? kind_column(&k, span_from(columns[i].since)) : 0;
        if (columns[i].since && (of < 0 || columns[of].type != VALUE_INSTANT))
            return err_set(err, ERR_CONFIG, "age_of of `%s` wants a column of type instant",
                           columns[i].name);
    }
    return true;
}

bool exec_kind_columns(struct exec_source *s, struct span json, struct err *err)
{
    struct column all[EXEC_COLUMNS_MAX + EXEC_NAMES + 2];
    struct json_value list = json_value(json), value;
    struct json_iter it;
    size_t n = put_base(s, all), base = n;
    if (!json_valid(json, NULL) || list.type != JSON_ARRAY)
        return err_set(err, ERR_CONFIG, "columns wants a list of columns");
    for (json_iter_init(&it, list); json_next(&it, NULL, &value); n++) {
        if (n - base >= EXEC_COLUMNS_MAX)
            return err_set(err, ERR_CONFIG, "there are more than %d columns", EXEC_COLUMNS_MAX);
        if (!exec_column_read(json_whole(value), s->texts, &all[n], err))
            return false;
        const struct kind sofar = {.columns = all, .ncolumns = n};
        if (kind_column(&sofar, span_from(all[n].name)) >= 0)
            return err_set(err, ERR_CONFIG, "there are two columns `%s`", all[n].name);
        if (is_reserved(all[n].name))
            return err_set(err, ERR_CONFIG, "a column cannot be called `%s`", all[n].name);
    }
    if (!check_ages(all, n, err))
        return false;
    set_columns(s, all, n);
    s->described = true;
    return true;
}

static bool share(struct exec_source *s, const struct exec_source *with,
                  const struct backend_entry *entry, struct err *err)
{
    static const char *const own[] = {"plural", "title", "help", "columns", "namespaced"};
    for (size_t i = 0; i < BN_COUNT(own); i++)
        if (settings_get(entry->settings, own[i]))
            return err_set(err, ERR_CONFIG,
                           "the kind `%s` is that of the source `%s` too: `%s` is said there",
                           with->rows->name, with->name, own[i]);
    s->rows = with->rows;
    s->described = true;
    return true;
}

static const char *setting_or(struct exec_source *s, const struct backend_entry *entry,
                              const char *setting, const char *fallback)
{
    const char *text = settings_get(entry->settings, setting);
    return texts_copy(s, text ? text : fallback);
}

bool exec_kind_make(struct exec_source *s, const struct backend_entry *entry, struct err *err)
{
    struct kind *k = &s->kind;
    struct column base[EXEC_NAMES + 2];
    char plural[WORD_MAX_LEN + 2], title[WORD_MAX_LEN + 2];
    const char *word = settings_get(entry->settings, "kind");
    const char *columns = settings_get(entry->settings, "columns");
    const char *namespaced = settings_get(entry->settings, "namespaced");
    const struct exec_source *with = earlier(entry, word);
    if (with)
        return share(s, with, entry, err);
    if (!is_word(word))
        return err_set(err, ERR_CONFIG, "kind wants a word of lower case letters, digits and -");
    (void)snprintf(plural, sizeof(plural), "%ss", word);
    *k = (struct kind){.name = texts_copy(s, word),
                       .plural = setting_or(s, entry, "plural", plural),
                       .aliases = "",
                       .namespaced = namespaced && strcmp(namespaced, "true") == 0,
                       .rules = rules,
                       .nrules = BN_COUNT(rules),
                       .judge = judge,
                       .says = says};
    const struct kind *other = taken(k->name) ? taken(k->name) : taken(k->plural);
    if (!is_word(k->plural))
        return err_set(err, ERR_CONFIG, "plural wants a word of lower case letters, digits and -");
    if (other || earlier(entry, k->plural))
        return err_set(err, ERR_CONFIG,
                       "the kind `%s`, `%s` would hide another: choose other words", k->name,
                       k->plural);
    (void)snprintf(title, sizeof(title), "%s", k->plural);
    title[0] = (char)(title[0] - 'a' + 'A');
    k->title = setting_or(s, entry, "title", title);
    k->help = setting_or(s, entry, "help", "What a script of the configuration prints.");
    k->sort = k->namespaced ? "level desc,namespace,name" : "level desc,name";
    s->rows = k;
    s->own_kind = true;
    set_columns(s, base, put_base(s, base));
    return !columns || exec_kind_columns(s, span_from(columns), err);
}
