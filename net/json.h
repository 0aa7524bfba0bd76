/* Reading JSON in place: no tree, no allocation, every byte once. Values point
 * into the text they were read from.
 *
 * Duplicate keys: the last one counts, as for Go's decoder (iterators show all
 * of them in order, so plain assignment does that by itself). Numbers keep
 * their text. A lone surrogate (\ud800) becomes U+FFFD, \u0000 a NUL byte;
 * bytes that are not UTF-8 pass unchanged. Nesting over JSON_DEPTH_MAX is an
 * error. */
#ifndef BINNACLE_NET_JSON_H
#define BINNACLE_NET_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

#define JSON_DEPTH_MAX 64

enum json_type {
    JSON_NONE, /* absent, or not JSON */
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_index;

struct json_value {
    enum json_type type;
    bool escaped;     /* STRING: has a backslash, so text is not yet what it means */
    struct span text; /* STRING: between the quotes. ARRAY, OBJECT: from the bracket on, and
                         perhaps further than the matching one: json_whole() cuts it */
    const struct json_index *index; /* borrowed; NULL: not indexed, see net/json_index.h */
    uint32_t node;
};

/* The value at the start of text (white space skipped); JSON_NONE if there is none. Brackets and
 * quotes inside are not checked yet: see json_valid(). */
struct json_value json_value(struct span text);
/* ARRAY, OBJECT: the exact text, brackets included; empty when it does not end. STRING: with its
 * quotes. Others: the text. */
struct span json_whole(struct json_value v);
/* The whole text is one JSON value by RFC 8259 (lone surrogates and bad UTF-8 let pass), nested
 * at most JSON_DEPTH_MAX. False: *err says at which byte what is wrong. */
bool json_valid(struct span text, struct err *err) BN_MUST_USE;

/* ---- Walking. */

/* Members of an object or elements of an array, in order:
 *
 *   struct json_iter it, in;
 *   struct json_value key, value;
 *   for (json_iter_init(&it, pod); json_next(&it, &key, &value);)
 *       if (json_is(key, "metadata"))
 *           for (json_iter_enter(&in, &it); json_next(&in, &key, &value);) ...
 *
 * json_iter_enter() walks the value that the outer one has just given; when the
 * inner one has come to its end, the outer one goes on from there, so that each
 * byte is read once. An inner walk may be left early: the rest is skipped. */
struct json_iter {
    const char *at;
    const char *end;
    struct json_iter *outer;        /* borrowed; NULL for json_iter_init() */
    const char *pending;            /* container given out and not yet skipped; NULL: none */
    const struct json_index *index; /* borrowed; NULL: the text is walked */
    uint32_t given, next;           /* with an index: nodes; next 0: none */
    bool array;
    bool first;
    bool done; /* came to its closing bracket */
    bool bad;  /* stopped because the text is broken */
    unsigned depth;
};

/* v that is no container gives no elements. */
void json_iter_init(struct json_iter *it, struct json_value v);
void json_iter_enter(struct json_iter *inner, struct json_iter *outer);
/* False at the end or when the text is broken. key is NULL for arrays, or when not needed. */
bool json_next(struct json_iter *it, struct json_value *key, struct json_value *value);
/* The exact text of the container that json_next() gave last; cheaper than json_whole() since
 * the walk does not read it again. Other values: as json_whole(). */
struct span json_iter_whole(struct json_iter *it, struct json_value v);

/* ---- Values. */

/* What json_is() and json_get() do where the text is known late. */
bool json_means(struct json_value v, struct span text);
struct json_value json_member(struct json_value object, struct span name);

/* The string means exactly this text. */
static inline bool json_is(struct json_value v, const char *text)
{
    if (v.escaped)
        return json_means(v, span_from(text));
    return v.type == JSON_STRING && span_is(v.text, text);
}

/* Text of a string without copying when it has no escapes, else decoded into *scratch (emptied
 * first), valid until scratch changes. Anything but a string gives the empty span; a string over
 * scratch's limit is cut there. */
struct span json_as_text(struct json_value v, struct strbuf *scratch);

enum json_text_flag {
    JSON_TEXT_NUL = 1 << 0,       /* there is a NUL in it */
    JSON_TEXT_SURROGATE = 1 << 1, /* a lone surrogate or broken escape became U+FFFD */
    JSON_TEXT_BAD_UTF8 = 1 << 2,  /* bytes that are not UTF-8, passed unchanged */
};

/* Appends what the string means; enum json_text_flag. */
unsigned json_text_add(struct json_value v, struct strbuf *out);
/* A copy in the arena, NUL-terminated outside its length. False: no memory; *out untouched. */
bool json_text_copy(struct json_value v, struct arena *arena, struct span *out) BN_MUST_USE;
/* An integer that fits int64 ("12", not "1e2"). False: *out untouched. */
bool json_as_int(struct json_value v, int64_t *out) BN_MUST_USE;
bool json_as_real(struct json_value v, double *out) BN_MUST_USE;
/* True for true; false for everything else. */
bool json_is_true(struct json_value v);

/* The member behind a key, or behind keys joined by dots ("metadata.resourceVersion"; keys with
 * dots in them cannot be named so). Elements of arrays by number ("items.0"). JSON_NONE when not
 * there. Reads the level whole each time: to read many fields, walk. */
static inline struct json_value json_get(struct json_value object, const char *key)
{
    return json_member(object, span_from(key));
}

struct json_value json_path(struct json_value v, const char *path);
size_t json_count(struct json_value container);

/* ---- The tokens one by one, with every rule of RFC 8259 checked. */

enum json_token_type {
    JSON_TOKEN_END, /* the one value is complete and nothing follows */
    JSON_TOKEN_BAD, /* see json_tokens.what */
    JSON_TOKEN_OBJECT,
    JSON_TOKEN_OBJECT_END,
    JSON_TOKEN_ARRAY,
    JSON_TOKEN_ARRAY_END,
    JSON_TOKEN_KEY,
    JSON_TOKEN_VALUE, /* null, false, true, number, string */
};

struct json_token {
    enum json_token_type type;
    struct json_value value; /* KEY (a string), VALUE */
};

struct json_tokens {
    const char *start, *at, *end;
    uint64_t arrays; /* bit n: level n is an array */
    unsigned depth;
    int expect;       /* private */
    const char *what; /* why BAD: "a value was expected"; static text */
};

void json_tokens_init(struct json_tokens *t, struct span text);
enum json_token_type json_token(struct json_tokens *t, struct json_token *out);

#endif
