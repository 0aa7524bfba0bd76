/* Signing: canonical request, string to sign, signature. */
#include <config.h>

#include "net/sigv4.h"

#include "base/alloc.h"
#include "net/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HASH       DIGEST_SHA256_BYTES
#define HEX        DIGEST_SHA256_TEXT
#define DATE       17 /* 20130524T000000Z */
#define DAY        8
#define TARGET_MAX ((size_t)256 << 10)
#define ALGORITHM  "AWS4-HMAC-SHA256"

static bool hmac(struct span key, struct span text, unsigned char out[HASH])
{
    unsigned len = 0;
    return HMAC(EVP_sha256(), key.data, (int)key.len, (const unsigned char *)text.data, text.len,
                out, &len) != NULL;
}

/* ---- What is sent. */

static void add_encoded(struct strbuf *out, struct span text, bool slashes)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~' || (slashes && c == '/');
        if (plain)
            strbuf_addc(out, c);
        else
            strbuf_addf(out, "%%%02X", (unsigned char)c);
    }
}

/* A parameter, encoded: places in one text. */
struct encoded {
    const struct strbuf *text;
    size_t name, value, end;
};

static int compare(const void *left, const void *right)
{
    const struct encoded *a = left, *b = right;
    struct span at = strbuf_span(a->text), bt = strbuf_span(b->text);
    int by_name = span_compare(span_sub(at, a->name, a->value - a->name),
                               span_sub(bt, b->name, b->value - b->name));
    return by_name ? by_name
                   : span_compare(span_sub(at, a->value, a->end - a->value),
                                  span_sub(bt, b->value, b->end - b->value));
}

static void add_query(struct strbuf *out, const struct sigv4_request *r)
{
    struct strbuf text = STRBUF_INIT(TARGET_MAX);
    struct encoded e[SIGV4_PARAMS_MAX];
    bn_assert(r->nparams <= SIGV4_PARAMS_MAX);
    for (size_t i = 0; i < r->nparams; i++) {
        e[i] = (struct encoded){.text = &text, .name = text.len};
        add_encoded(&text, r->params[i].name, false);
        e[i].value = text.len;
        add_encoded(&text, r->params[i].value, false);
        e[i].end = text.len;
    }
    if (!text.failed && r->nparams)
        qsort(e, r->nparams, sizeof(*e), compare);
    for (size_t i = 0; i < r->nparams && !text.failed; i++) {
        struct span t = strbuf_span(&text);
        strbuf_adds(out, i ? "&" : "");
        strbuf_add(out, span_sub(t, e[i].name, e[i].value - e[i].name));
        strbuf_addc(out, '=');
        strbuf_add(out, span_sub(t, e[i].value, e[i].end - e[i].value));
    }
    out->failed = out->failed || text.failed;
    strbuf_clear(&text);
}

/* ---- What is signed. */

struct signing {
    const struct sigv4_keys *keys;
    const struct sigv4_scope *scope;
    const struct sigv4_request *request;
    bool s3;
    char date[DATE], body[HEX];
    struct strbuf path, query; /* as sent */
};

static void add_header_names(const struct signing *s, struct strbuf *out)
{
    strbuf_adds(out, s->s3 ? "host;x-amz-content-sha256;x-amz-date" : "host;x-amz-date");
    if (s->keys->token.len)
        strbuf_adds(out, ";x-amz-security-token");
}

static void add_canonical(const struct signing *s, struct strbuf *out)
{
    strbuf_addf(out, "%s\n", s->request->method);
    if (s->s3)
        strbuf_add(out, strbuf_span(&s->path));
    else
        add_encoded(out, strbuf_span(&s->path), true);
    strbuf_addf(out, "\n%s\nhost:", strbuf_cstr(&s->query));
    strbuf_add(out, s->request->host);
    if (s->s3)
        strbuf_addf(out, "\nx-amz-content-sha256:%s", s->body);
    strbuf_addf(out, "\nx-amz-date:%s", s->date);
    if (s->keys->token.len) {
        strbuf_adds(out, "\nx-amz-security-token:"); /* formatting would leave it on the stack */
        strbuf_add(out, s->keys->token);
    }
    strbuf_adds(out, "\n\n");
    add_header_names(s, out);
    strbuf_addf(out, "\n%s", s->body);
}

static void add_scope(const struct signing *s, struct strbuf *out)
{
    strbuf_addf(out, "%.*s/%s/%s/aws4_request", DAY, s->date, s->scope->region, s->scope->service);
}

/* The key is the secret, hashed with each part of the scope. */
static bool sign(const struct signing *s, struct span text, char out[HEX])
{
    const struct span parts[] = {span_make(s->date, DAY), span_from(s->scope->region),
                                 span_from(s->scope->service), SPAN("aws4_request"), text};
    struct strbuf secret = STRBUF_INIT(SIGV4_KEY_MAX + 8);
    unsigned char keys[BN_COUNT(parts)][HASH];
    bool ok;
    strbuf_adds(&secret, "AWS4");
    strbuf_add(&secret, s->keys->secret);
    ok = !secret.failed && hmac(strbuf_span(&secret), parts[0], keys[0]);
    for (size_t i = 1; i < BN_COUNT(parts) && ok; i++)
        ok = hmac(span_make((const char *)keys[i - 1], HASH), parts[i], keys[i]);
    if (ok)
        digest_hex(keys[BN_COUNT(parts) - 1], out);
    alloc_wipe(keys, sizeof(keys));
    strbuf_wipe(&secret);
    return ok;
}

static bool make_signature(const struct signing *s, char out[HEX])
{
    struct strbuf canonical = STRBUF_INIT(4 * TARGET_MAX), text = STRBUF_INIT(4096);
    char hash[HEX];
    bool ok;
    add_canonical(s, &canonical);
    ok = !canonical.failed && digest_sha256(strbuf_span(&canonical), hash);
    if (ok) {
        strbuf_addf(&text, ALGORITHM "\n%s\n", s->date);
        add_scope(s, &text);
        strbuf_addf(&text, "\n%s", hash);
        ok = !text.failed && sign(s, strbuf_span(&text), out);
    }
    strbuf_wipe(&canonical);
    strbuf_clear(&text);
    return ok;
}

/* ---- The headers. */

static bool take_line(struct sigv4_signed *out, size_t *n, struct strbuf *line)
{
    out->headers[*n] = strbuf_take(line);
    return out->headers[(*n)++] != NULL;
}

static bool make_headers(const struct signing *s, const char *signature, struct sigv4_signed *out)
{
    struct strbuf line = STRBUF_INIT(SIGV4_KEY_MAX + 4096);
    size_t n = 0;
    bool ok;
    strbuf_addf(&line, "x-amz-date: %s", s->date);
    ok = take_line(out, &n, &line);
    if (s->s3) {
        strbuf_addf(&line, "x-amz-content-sha256: %s", s->body);
        ok = take_line(out, &n, &line) && ok;
    }
    if (s->keys->token.len) {
        strbuf_adds(&line, "x-amz-security-token: ");
        strbuf_add(&line, s->keys->token);
        ok = take_line(out, &n, &line) && ok;
    }
    strbuf_adds(&line, "Authorization: " ALGORITHM " Credential=");
    strbuf_add(&line, s->keys->id);
    strbuf_addc(&line, '/');
    add_scope(s, &line);
    strbuf_adds(&line, ", SignedHeaders=");
    add_header_names(s, &line);
    strbuf_addf(&line, ", Signature=%s", signature);
    return take_line(out, &n, &line) && ok;
}

static bool make_target(const struct signing *s, struct sigv4_signed *out)
{
    struct strbuf target = STRBUF_INIT(2 * TARGET_MAX);
    strbuf_add(&target, strbuf_span(&s->path));
    if (s->query.len)
        strbuf_addf(&target, "?%s", strbuf_cstr(&s->query));
    out->target = strbuf_take(&target);
    return out->target != NULL;
}

/* A line's end in a key would be a header of its own. */
static bool is_key(struct span key)
{
    for (size_t i = 0; i < key.len; i++)
        if (key.data[i] <= ' ' || key.data[i] == 0x7f)
            return false;
    return key.len <= SIGV4_KEY_MAX;
}

bool sigv4_sign(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                const struct sigv4_request *request, struct sigv4_signed *out, struct err *err)
{
    struct signing s = {.keys = keys,
                        .scope = scope,
                        .request = request,
                        .s3 = strcmp(scope->service, "s3") == 0,
                        .path = STRBUF_INIT(TARGET_MAX),
                        .query = STRBUF_INIT(TARGET_MAX)};
    time_t at = (time_t)(scope->wall_ms / 1000);
    char signature[HEX];
    struct tm tm;
    *out = (struct sigv4_signed){0};
    if (!is_key(keys->id) || !is_key(keys->secret) || !is_key(keys->token) || !keys->id.len ||
        !keys->secret.len)
        return err_set(err, ERR_CONFIG,
                       "the access key is none: id, secret and session token are single words");
    add_encoded(&s.path, request->path, true);
    add_query(&s.query, request);
    bool ok = gmtime_r(&at, &tm) && strftime(s.date, sizeof(s.date), "%Y%m%dT%H%M%SZ", &tm) &&
              !s.path.failed && !s.query.failed && digest_sha256(request->body, s.body) &&
              make_signature(&s, signature) && make_target(&s, out) &&
              make_headers(&s, signature, out);
    strbuf_clear(&s.path);
    strbuf_clear(&s.query);
    if (ok)
        return true;
    sigv4_wipe(out);
    return err_set(err, ERR_NOMEM, "a request could not be signed");
}

void sigv4_wipe(struct sigv4_signed *s)
{
    for (size_t i = 0; i < BN_COUNT(s->headers); i++)
        alloc_free_wiped(s->headers[i]);
    alloc_free_wiped(s->target);
    *s = (struct sigv4_signed){0};
}
