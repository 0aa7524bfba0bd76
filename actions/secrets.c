/* Secret values: where they come from, where they are put, and that they are wiped. */
#include <config.h>

#include "actions/secrets.h"

#include "actions/channel.h"
#include "actions/target_impl.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SECRETS_MAX  16
#define LENGTH_MIN   16
#define LENGTH_MAX   128
#define ALPHABET_MIN 10
#define EXPANDED     HTTP_REQUEST_MAX
#define OPENS        "${"
#define MASKED_MIN   4

struct secret {
    char *name; /* owned, as all texts here */
    char *recipe, *member, *characters;
    size_t length;
    struct deed read;    /* its texts are owned too */
    struct strbuf value; /* wiped */
    bool known, revealed;
};

struct secrets {
    struct secret all[SECRETS_MAX];
    size_t count;
};

static char *copy(const char *text)
{
    return text ? xalloc_text(text) : NULL;
}

static void forget(struct secret *s)
{
    free(s->name);
    free(s->recipe);
    free(s->member);
    free(s->characters);
    free((char *)(uintptr_t)s->read.system);
    free((char *)(uintptr_t)s->read.at);
    free((char *)(uintptr_t)s->read.method);
    free((char *)(uintptr_t)s->read.path);
    strbuf_wipe(&s->value);
}

struct secrets *secrets_new(void)
{
    return xalloc_zero(1, sizeof(struct secrets));
}

void secrets_free(struct secrets *s)
{
    for (size_t i = 0; s && i < s->count; i++)
        forget(&s->all[i]);
    free(s);
}

static struct secret *find(const struct target *t, struct span name)
{
    struct secrets *s = t->secrets;
    for (size_t i = 0; i < s->count; i++)
        if (span_is(name, s->all[i].name))
            return &s->all[i];
    return NULL;
}

static struct secret *add(struct target *t, const char *name)
{
    bn_assert(t->secrets->count < SECRETS_MAX);
    struct secret *s = &t->secrets->all[t->secrets->count++];
    *s = (struct secret){.name = xalloc_text(name), .value = STRBUF_INIT(RECIPE_VALUE_MAX)};
    return s;
}

void secrets_define(struct target *t, const char *name, const struct secret_source *source)
{
    if (find(t, span_from(name)))
        return;
    struct secret *s = add(t, name);
    s->recipe = copy(source->recipe);
    s->member = copy(source->member);
    s->characters = copy(source->characters);
    s->length = source->length;
    s->read = (struct deed){.system = copy(source->read.system),
                            .at = copy(source->read.at),
                            .method = copy(source->read.method),
                            .path = copy(source->read.path),
                            .media = "",
                            .body = "",
                            .generation = -1};
}

void secrets_put(struct target *t, const char *name, struct span value)
{
    struct secret *s = find(t, span_from(name));
    if (!s)
        s = add(t, name);
    strbuf_wipe(&s->value);
    strbuf_add(&s->value, value);
    s->known = !s->value.failed;
}

void secrets_reveal(struct target *t, const char *name, struct span value)
{
    secrets_put(t, name, value);
    find(t, span_from(name))->revealed = true;
}

bool secrets_field(struct target *t, const struct answers *in, const char *field, struct err *err)
{
    const char *says = answers_get(in, field);
    if (strcmp(says, SECRET_ASK) != 0) {
        secrets_define(t, field, &(struct secret_source){.recipe = says});
        return true;
    }
    return secrets_has(t, field) ||
           err_set(err, ERR_CONFIG,
                   "--%s: nobody can be asked for it here; say where it is: " RECIPE_FORMS, field);
}

/* What each of so many characters says is as much as of 13 letters and digits, at the least. */
bool secrets_answer(const struct answers *in, size_t *length, const char **characters,
                    struct err *err)
{
    int64_t n;
    const char *alphabet = answers_get(in, "alphabet");
    *characters = alphabet[0] ? alphabet : SECRET_LETTERS;
    if (!number_parse(span_from(answers_get(in, "length")), LENGTH_MIN, LENGTH_MAX, &n))
        return err_set(err, ERR_CONFIG, "--length: it takes %d to %d", LENGTH_MIN, LENGTH_MAX);
    *length = (size_t)n;
    for (const char *c = *characters; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f)
            return err_set(err, ERR_CONFIG,
                           "--alphabet: it takes what is on every keyboard, without spaces");
        if (strchr(c + 1, *c))
            return err_set(err, ERR_CONFIG, "--alphabet: it has `%c` twice", *c);
    }
    return strlen(*characters) >= ALPHABET_MIN ||
           err_set(err, ERR_CONFIG, "--alphabet: at least %d characters", ALPHABET_MIN);
}

bool secrets_has(const struct target *t, const char *name)
{
    const struct secret *s = find(t, span_from(name));
    return s && s->known;
}

static bool is_made(const struct secret *s)
{
    return s->known && (s->revealed || s->length) && !s->recipe;
}

bool secrets_is_made(const struct target *t, const char *name)
{
    const struct secret *s = find(t, span_from(name));
    return s && is_made(s);
}

const char *secrets_made(const struct target *t)
{
    for (size_t i = 0; i < t->secrets->count; i++)
        if (is_made(&t->secrets->all[i]))
            return t->secrets->all[i].name;
    return NULL;
}

/* ---- Values. */

static bool read_answer(struct target *t, struct secret *s, struct err *err)
{
    struct json_doc *doc = NULL;
    if (!target_do(t, &s->read, false, &doc, err))
        return false;
    const char *text = json_node_text(json_node_path(json_doc_root(doc), s->member));
    if (text)
        strbuf_adds(&s->value, text);
    json_doc_free_wiped(doc);
    return text || err_set(err, ERR_NOTFOUND, "%s of %s is not there", s->member, s->read.path);
}

/* Each character as likely as any other: bytes beyond the last whole multiple are thrown away. */
static bool make(struct secret *s, struct err *err)
{
    const size_t n = strlen(s->characters), most = 256 - 256 % n;
    bn_assert(n > 1 && n <= 256);
    while (s->value.len < s->length) {
        unsigned char byte;
        if (getrandom(&byte, 1, 0) != 1) {
            if (errno == EINTR)
                continue;
            return err_code(err, ERR_IO, errno, "the system gives no random bytes: %s",
                            strerror(errno));
        }
        if (byte < most)
            strbuf_addc(&s->value, s->characters[byte % n]);
    }
    return true;
}

static bool learn(struct target *t, struct secret *s, struct err *err)
{
    if (s->known)
        return true;
    bool ok = s->recipe        ? target_recipe(t, s->recipe, &s->value, err)
              : s->read.method ? read_answer(t, s, err)
              : s->length      ? make(s, err)
                               : err_set(err, ERR_CONFIG, "nothing says what %s is", s->name);
    if (ok && s->value.failed)
        ok = err_set(err, ERR_CONFIG, "%s is too long", s->name);
    if (!ok)
        strbuf_wipe(&s->value);
    s->known = ok;
    return ok;
}

bool secrets_get(struct target *t, const char *name, struct strbuf *out, struct err *err)
{
    struct secret *s = find(t, span_from(name));
    if (!s)
        return err_set(err, ERR_CONFIG, "nothing says what %s is", name);
    if (!learn(t, s, err))
        return false;
    strbuf_add(out, strbuf_span(&s->value));
    return true;
}

/* ---- In a text. */

static void add_json(struct strbuf *out, struct span value)
{
    struct strbuf text = STRBUF_INIT(8 * RECIPE_VALUE_MAX);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_text(&j, value);
    strbuf_add(out, span_sub(strbuf_span(&text), 1, text.len - 2));
    strbuf_wipe(&text);
}

static void add_sql(struct strbuf *out, struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '\'' || value.data[i] == '\\')
            strbuf_addc(out, '\\');
        if (value.data[i])
            strbuf_addc(out, value.data[i]);
        else
            strbuf_adds(out, "\\0");
    }
}

static void add_value(struct strbuf *out, struct span value, enum secrets_form form)
{
    if (form == SECRETS_JSON)
        add_json(out, value);
    else if (form == SECRETS_SQL)
        add_sql(out, value);
    else
        strbuf_add(out, value);
}

/* "vault:SITE:/v1/secret/data/apps/kimai?version=7:password" says itself where it is. */
static struct secret *refer(struct target *t, struct span name)
{
    struct span rest = name, word, site, path;
    if (!span_split(&rest, ':', &word) || !span_is(word, "vault") ||
        !span_split(&rest, ':', &site) || !span_split(&rest, ':', &path) || !rest.len)
        return NULL;
    char *texts[] = {xalloc_bytes(name.data, name.len), xalloc_bytes(site.data, site.len),
                     xalloc_bytes(path.data, path.len), NULL};
    struct strbuf member = STRBUF_INIT(RECIPE_VALUE_MAX);
    strbuf_addf(&member, "data.data.%.*s", SPAN_ARG(rest));
    const struct secret_source source = {
        .read = {.system = "vault", .at = texts[1], .method = "GET", .path = texts[2]},
        .member = strbuf_cstr(&member)};
    secrets_define(t, texts[0], &source);
    struct secret *s = find(t, name);
    for (size_t i = 0; texts[i]; i++)
        free(texts[i]);
    strbuf_clear(&member);
    return s;
}

bool secrets_expand(struct target *t, struct span text, enum secrets_form form, struct strbuf *out,
                    struct err *err)
{
    size_t at;
    while ((at = span_search(text, SPAN(OPENS), false)) < text.len) {
        size_t end = span_find(text, '}', at);
        struct span name = span_sub(text, at + 2, end - at - 2);
        struct secret *s = end < text.len ? find(t, name) : NULL;
        if (!s && end < text.len)
            s = refer(t, name);
        if (!s)
            return err_set(err, ERR_CONFIG, "nothing says what %.*s is", SPAN_ARG(name));
        if (!learn(t, s, err))
            return false;
        strbuf_add(out, span_sub(text, 0, at));
        add_value(out, strbuf_span(&s->value), form);
        text = span_sub(text, end + 1, text.len);
    }
    strbuf_add(out, text);
    return !out->failed || err_set(err, ERR_CONFIG, "too long with what it stands for");
}

/* The first of those that are known in the text; one of a few letters is a word like others. NULL: none. */
static const struct secret *first_in(const struct secrets *all, struct span text, size_t *at)
{
    const struct secret *found = NULL;
    *at = text.len;
    for (size_t i = 0; i < all->count; i++) {
        const struct secret *s = &all->all[i];
        size_t here = s->known && s->value.len >= MASKED_MIN
                          ? span_search(text, strbuf_span(&s->value), false)
                          : text.len;
        if (here < *at) {
            *at = here;
            found = s;
        }
    }
    return found;
}

void secrets_mask(struct target *t, struct span text, struct strbuf *out)
{
    const struct secret *s;
    size_t at;
    while ((s = first_in(t->secrets, text, &at))) {
        strbuf_add(out, span_sub(text, 0, at));
        strbuf_adds(out, "********");
        text = span_sub(text, at + s->value.len, text.len);
    }
    strbuf_add(out, text);
}

void sql_string(struct strbuf *out, struct span value)
{
    strbuf_addc(out, '\'');
    add_sql(out, value);
    strbuf_addc(out, '\'');
}

void sql_name(struct strbuf *out, struct span name)
{
    strbuf_addc(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '`')
            strbuf_addc(out, '`');
        strbuf_addc(out, name.data[i]);
    }
    strbuf_addc(out, '`');
}
