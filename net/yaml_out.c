/* An object as YAML, as `kubectl get -o yaml` prints it: keys in alphabetical
 * order, two spaces, lists not indented. */
#include <config.h>

#include "net/yaml_out.h"

#include "base/utf8.h"
#include "base/yaml_scalar.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 1000 /* libyaml reads up to 1,024 characters of a key before its colon */

/* What YAML does not let stand as it is, or would take for the end of a line
 * [YAML 1.1, 5.1 and 5.4], and a terminal for a command. */
static bool is_special(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
           c == 0xfffe || c == 0xffff;
}

/* No special characters but those of but. */
static bool is_clean(struct span s, const char *but)
{
    uint32_t c;
    while (s.len) {
        s = span_sub(s, utf8_decode(s, &c), s.len);
        if (is_special(c) && (!c || c > 0x7f || !strchr(but, (int)c)))
            return false;
    }
    return true;
}

/* Words of YAML 1.1, which readers of manifests still go by. */
static bool is_word(struct span s)
{
    static const char *const words[] = {"y",  "Y",  "yes", "Yes", "YES", "n",   "N",   "no", "No",
                                        "NO", "on", "On",  "ON",  "off", "Off", "OFF", "=",  "<<"};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (span_is(s, words[i]))
            return true;
    return yaml_scalar_of(s) != YAML_IS_TEXT;
}

/* Begins with a digit and is no number or date in any YAML ("1.2.3", "10m",
 * a uid): has a letter that none of them has, two points, or letters between
 * dashes. */
static bool is_wordlike(struct span s)
{
    size_t letters = 0, points = 0, dashes = 0;
    bool telling = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i], lower = (char)(c | 0x20);
        bool letter = lower >= 'a' && lower <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr("-_./", c)))
            return false;
        letters += letter;
        points += c == '.';
        dashes += c == '-';
        telling = telling || c == '/' || (letter && lower > 'f' && lower != 'x' && lower != 'o');
    }
    return telling || (points > 1 && span_find(s, '_', 0) == s.len) || (dashes > 1 && letters);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_plain(struct span s)
{
    if (!s.len || s.data[0] == ' ' || s.data[s.len - 1] == ' ' || !is_clean(s, "") ||
        strchr("-?:,[]{}#&*!|>'\"%@`.", s.data[0]) || is_word(s))
        return false;
    if (s.data[0] == '+' && s.len > 1 && (is_digit(s.data[1]) || s.data[1] == '.'))
        return false;
    if (is_digit(s.data[0]) && !is_wordlike(s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((s.data[i] == ':' && (i + 1 == s.len || s.data[i + 1] == ' ')) ||
            (s.data[i] == '#' && i && s.data[i - 1] == ' '))
            return false;
    return true;
}

static void quoted(struct span s, struct strbuf *out)
{
    strbuf_addc(out, '"');
    while (s.len) {
        uint32_t c;
        size_t n = utf8_decode(s, &c);
        if (c == '"' || c == '\\')
            strbuf_addf(out, "\\%c", (int)c);
        else if (c == '\n')
            strbuf_adds(out, "\\n");
        else if (c == '\t')
            strbuf_adds(out, "\\t");
        else if (is_special(c))
            strbuf_addf(out, c > 0xff ? "\\u%04x" : "\\x%02x", (unsigned)c);
        else
            strbuf_add(out, span_sub(s, 0, n));
        s = span_sub(s, n, s.len);
    }
    strbuf_addc(out, '"');
}

/* Text of several lines as a literal block. */
static bool is_block(struct span s)
{
    if (span_find(s, '\n', 0) == s.len || strchr(" \t\n", s.data[0]))
        return false;
    return is_clean(s, "\n\t") && span_search(s, SPAN(" \n"), false) == s.len;
}

static void block(struct span s, int depth, struct strbuf *out)
{
    bool ends = s.data[s.len - 1] == '\n';
    struct span rest = ends ? span_sub(s, 0, s.len - 1) : s, line;
    strbuf_adds(out, !ends ? "|-" : span_ends(rest, "\n") ? "|+" : "|");
    while (span_split(&rest, '\n', &line)) {
        strbuf_addc(out, '\n');
        if (line.len)
            strbuf_fill(out, ' ', (size_t)depth * 2);
        strbuf_add(out, line);
    }
}

/* On one line. */
static void flow(struct span s, struct strbuf *out)
{
    if (is_plain(s))
        strbuf_add(out, s);
    else
        quoted(s, out);
}

/* What is printed, and what is on the way. */
struct printer {
    struct strbuf *out;
    struct arena *arena;
    bool secret; /* values below data and stringData are masked */
    bool masking;
    bool metadata; /* below the object's own metadata */
};

static struct span text_of(struct printer *p, struct json_value v)
{
    struct strbuf repaired = STRBUF_INIT(v.text.len * 3 + 1);
    struct span s = v.text;
    if (v.escaped && !json_text_copy(v, p->arena, &s))
        p->out->failed = true;
    if (utf8_valid(s))
        return s;
    (void)utf8_repair(s, &repaired);
    if (!arena_copy(p->arena, strbuf_span(&repaired), &s))
        p->out->failed = true;
    strbuf_clear(&repaired);
    return s;
}

static void scalar(struct printer *p, struct json_value v, int depth)
{
    struct span s = v.type == JSON_STRING ? text_of(p, v) : json_whole(v);
    if (p->masking)
        strbuf_adds(p->out, "'***'");
    else if (v.type != JSON_STRING)
        strbuf_add(p->out, s);
    else if (s.len && is_block(s))
        block(s, depth, p->out);
    else
        flow(s, p->out);
}

struct member {
    struct span key;
    struct json_value value;
    size_t order;
};

static int by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = span_compare(x->key, y->key);
    return order ? order : x->order < y->order ? -1 : 1;
}

/* Left out: bookkeeping that kubectl hides, and what apply noted of a Secret. */
static bool is_hidden(const struct printer *p, struct span key, int depth)
{
    return (depth == 1 && p->metadata && span_is(key, "managedFields")) ||
           (p->secret && span_is(key, "kubectl.kubernetes.io/last-applied-configuration"));
}

/* Nothing of it is printed. */
static bool is_empty(struct printer *p, struct json_value v, int depth)
{
    struct json_iter it;
    struct json_value key, item;
    for (json_iter_init(&it, v); json_next(&it, &key, &item);)
        if (v.type == JSON_ARRAY || !is_hidden(p, text_of(p, key), depth))
            return false;
    return true;
}

static void node(struct printer *p, struct json_value v, int depth, bool in_list);

/* What stands behind "key:" or "-". */
static void value(struct printer *p, struct json_value v, int depth)
{
    bool object = v.type == JSON_OBJECT;
    if (object || v.type == JSON_ARRAY) {
        if (is_empty(p, v, depth + 1)) {
            strbuf_adds(p->out, object ? " {}\n" : " []\n");
            return;
        }
        strbuf_addc(p->out, '\n');
        node(p, v, object ? depth + 1 : depth, false);
        return;
    }
    strbuf_addc(p->out, ' ');
    scalar(p, v, depth + 1);
    strbuf_addc(p->out, '\n');
}

/* In alphabetical order; of a key that is there twice the last one, as for the
 * server's own decoder. */
static size_t members_of(struct printer *p, struct json_value v, int depth, struct member **out)
{
    size_t n = 0, kept = 0, cap = json_count(v);
    struct json_iter it;
    struct json_value key, item;
    *out = arena_calloc(p->arena, cap + 1, sizeof(**out));
    if (!*out) {
        p->out->failed = true;
        return 0;
    }
    for (json_iter_init(&it, v); n < cap && json_next(&it, &key, &item);) {
        struct span name = text_of(p, key);
        if (!is_hidden(p, name, depth)) {
            (*out)[n] = (struct member){name, item, n};
            n++;
        }
    }
    qsort(*out, n, sizeof(**out), by_key);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n || !span_eq((*out)[i].key, (*out)[i + 1].key))
            (*out)[kept++] = (*out)[i];
    }
    return kept;
}

static void key_of(struct printer *p, struct span key, int depth)
{
    if (key.len > KEY_MAX) {
        strbuf_adds(p->out, "? ");
        quoted(key, p->out);
        strbuf_addc(p->out, '\n');
        strbuf_fill(p->out, ' ', (size_t)depth * 2);
    } else {
        flow(key, p->out);
    }
    strbuf_addc(p->out, ':');
}

static void object(struct printer *p, struct json_value v, int depth, bool in_list)
{
    struct member *members;
    size_t n = members_of(p, v, depth, &members);
    for (size_t i = 0; i < n; i++) {
        if (i || !in_list)
            strbuf_fill(p->out, ' ', (size_t)depth * 2);
        key_of(p, members[i].key, depth);
        if (depth == 0) {
            p->metadata = span_is(members[i].key, "metadata");
            p->masking = p->secret &&
                         (span_is(members[i].key, "data") || span_is(members[i].key, "stringData"));
        }
        value(p, members[i].value, depth);
    }
}

/* Not deeper than JSON_DEPTH_MAX: the text has been checked. */
static void node(struct printer *p, struct json_value v, int depth, bool in_list)
{
    struct json_iter it;
    struct json_value item;
    bool first = true;
    if (v.type == JSON_OBJECT) {
        object(p, v, depth, in_list);
        return;
    }
    for (json_iter_init(&it, v); json_next(&it, NULL, &item); first = false) {
        if (!first || !in_list)
            strbuf_fill(p->out, ' ', (size_t)depth * 2);
        strbuf_addc(p->out, '-');
        if ((item.type == JSON_OBJECT || item.type == JSON_ARRAY) &&
            !is_empty(p, item, depth + 1)) {
            strbuf_addc(p->out, ' ');
            node(p, item, depth + 1, true);
        } else {
            value(p, item, depth);
        }
    }
}

bool yaml_of_object(struct span json, struct strbuf *out, struct err *err)
{
    struct json_value root = json_value(json);
    struct printer p = {.out = out, .arena = arena_new((size_t)64 << 20)};
    if (!json_valid(json, err)) {
        arena_free(p.arena);
        return err_wrap(err, "the object");
    }
    p.secret = json_is(json_get(root, "kind"), "Secret") ||
               json_is(json_get(root, "kind"), "PartialObjectMetadata");
    if (p.arena)
        node(&p, root, 0, false);
    bool ok = p.arena && !out->failed;
    arena_free(p.arena);
    return ok || err_set(err, ERR_NOMEM, "the object is too large to be shown");
}
