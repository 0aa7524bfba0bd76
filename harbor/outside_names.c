/* Name servers: zones from a file, answers as an authoritative server gives them [RFC 1034 4.3.2]. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/outside_impl.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define HEADER    12
#define OWNER_MAX 256
#define TTL_S     300
#define CHAIN     8

enum type { TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_TXT = 16 };

struct record {
    char *name; /* owned, as all here; lower case, "*.reyem.tech" */
    enum type type;
    char *value;
};

struct names {
    struct record *records;
    size_t count;
};

static enum type type_of(struct span word)
{
    return span_is(word, "A")       ? TYPE_A
           : span_is(word, "NS")    ? TYPE_NS
           : span_is(word, "CNAME") ? TYPE_CNAME
                                    : TYPE_TXT;
}

static void add(struct names *n, struct span name, enum type type, struct span value)
{
    n->records = xalloc_resize(n->records, n->count + 1, sizeof(*n->records));
    n->records[n->count++] = (struct record){xalloc_bytes(name.data, name.len), type,
                                             xalloc_bytes(value.data, value.len)};
}

struct names *names_load(const struct yaml_node *zones)
{
    struct names *n = xalloc_zero(1, sizeof(*n));
    for (const struct yaml_node *z = zones ? zones->first : NULL; z; z = z->next) {
        const struct yaml_node *servers = yaml_get(z, "servers"), *records = yaml_get(z, "records");
        struct span zone = span_from(yaml_text(z, "name", ""));
        for (const struct yaml_node *s = servers ? servers->first : NULL; s; s = s->next)
            add(n, zone, TYPE_NS, s->text);
        for (const struct yaml_node *r = records ? records->first : NULL; r; r = r->next)
            add(n, span_from(yaml_text(r, "name", "")),
                type_of(span_from(yaml_text(r, "type", ""))), span_from(yaml_text(r, "value", "")));
    }
    return n;
}

static void record_free(struct record *r)
{
    free(r->name);
    free(r->value);
}

void names_free(struct names *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->count; i++)
        record_free(&n->records[i]);
    free(n->records);
    free(n);
}

void names_set(struct names *n, struct span name, struct span type, struct span value)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->count; i++) {
        if (span_is(name, n->records[i].name) && n->records[i].type == type_of(type))
            record_free(&n->records[i]);
        else
            n->records[kept++] = n->records[i];
    }
    n->count = kept;
    if (!span_is(value, "-"))
        add(n, name, type_of(type), value);
}

/* ---- Answering. */

static void put16(struct strbuf *out, unsigned n)
{
    strbuf_addc(out, (char)(n >> 8));
    strbuf_addc(out, (char)n);
}

static void put_name(struct strbuf *out, struct span name)
{
    struct span label;
    while (name.len && span_split(&name, '.', &label)) {
        strbuf_addc(out, (char)label.len);
        strbuf_add(out, label);
    }
    strbuf_addc(out, '\0');
}

static void put_record(struct strbuf *out, struct span name, const struct record *r)
{
    struct span value = span_from(r->value);
    struct in_addr in;
    put_name(out, name);
    put16(out, r->type);
    put16(out, 1);
    put16(out, 0);
    put16(out, TTL_S);
    size_t at = out->len;
    put16(out, 0);
    if (r->type == TYPE_A && inet_pton(AF_INET, r->value, &in) == 1)
        strbuf_add(out, span_make((const char *)&in, 4));
    else if (r->type == TYPE_TXT)
        for (; value.len; value = span_sub(value, 255, value.len)) {
            struct span piece = span_sub(value, 0, 255);
            strbuf_addc(out, (char)piece.len);
            strbuf_add(out, piece);
        }
    else
        put_name(out, value);
    size_t size = out->len - at - 2;
    out->data[at] = (char)(size >> 8);
    out->data[at + 1] = (char)size;
}

static bool has(const struct names *n, struct span name)
{
    for (size_t i = 0; i < n->count; i++)
        if (span_is(name, n->records[i].name))
            return true;
    return false;
}

/* The zone is there: some name above has name servers. */
static bool is_ours(const struct names *n, struct span name)
{
    for (;; name = span_sub(name, span_find(name, '.', 0) + 1, name.len)) {
        for (size_t i = 0; i < n->count; i++)
            if (n->records[i].type == TYPE_NS && span_is(name, n->records[i].name))
                return true;
        if (span_find(name, '.', 0) == name.len)
            return false;
    }
}

/* Itself, or the wildcard that stands for it; false: neither. */
static bool find_owner(const struct names *n, struct span name, struct strbuf *owner)
{
    struct span above = name;
    strbuf_truncate(owner, 0);
    strbuf_add(owner, name);
    while (!has(n, strbuf_span(owner))) {
        size_t dot = span_find(above, '.', 0);
        if (dot == above.len)
            return false;
        above = span_sub(above, dot + 1, above.len);
        if (has(n, above) && above.len < name.len) /* the closest that is there decides */
            dot = above.len;
        strbuf_truncate(owner, 0);
        strbuf_addf(owner, "*.%.*s", SPAN_ARG(above));
        if (dot == above.len && !has(n, strbuf_span(owner)))
            return false;
    }
    return true;
}

/* Records of the type, after aliases; how many. */
static unsigned put_answers(const struct names *n, struct span name, unsigned type,
                            struct strbuf *out, bool *there)
{
    struct strbuf owner = STRBUF_INIT(OWNER_MAX);
    unsigned count = 0;
    for (int i = 0; i < CHAIN; i++) {
        const struct record *alias = NULL;
        bool found = find_owner(n, name, &owner);
        *there = *there || found;
        for (size_t k = 0; found && k < n->count; k++) {
            const struct record *r = &n->records[k];
            if (!span_eq(strbuf_span(&owner), span_from(r->name)))
                continue;
            if (r->type == (enum type)type || r->type == TYPE_CNAME) {
                put_record(out, name, r);
                count++;
            }
            alias = r->type == TYPE_CNAME && type != TYPE_CNAME ? r : alias;
        }
        if (!alias)
            break;
        name = span_from(alias->value);
    }
    strbuf_clear(&owner);
    return count;
}

/* The question's name, in lower case; false: it is none. */
static bool read_question(struct span bytes, struct strbuf *name, size_t *end)
{
    size_t at = HEADER;
    while (at < bytes.len && bytes.data[at]) {
        size_t len = (unsigned char)bytes.data[at];
        if (len > 63 || at + len + 5 >= bytes.len)
            return false;
        if (name->len)
            strbuf_addc(name, '.');
        for (size_t i = 0; i < len; i++) {
            char c = bytes.data[at + 1 + i];
            strbuf_addc(name, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
        at += len + 1;
    }
    *end = at + 5;
    return *end <= bytes.len && name->len > 0 && !name->failed;
}

void names_answer(const struct names *n, struct span question, struct strbuf *out)
{
    struct strbuf name = STRBUF_INIT(OWNER_MAX);
    size_t end, from = out->len;
    bool there = false;
    if (question.len > HEADER && read_question(question, &name, &end)) {
        unsigned type = (unsigned)(unsigned char)question.data[end - 4] << 8 |
                        (unsigned char)question.data[end - 3];
        bool ours = is_ours(n, strbuf_span(&name));
        strbuf_add(out, span_sub(question, 0, end));
        unsigned count = ours ? put_answers(n, strbuf_span(&name), type, out, &there) : 0;
        char *head = out->data + from;
        head[2] = (char)0x84;
        head[3] = (char)(!ours ? 5 : there ? 0 : 3);
        head[6] = (char)(count >> 8);
        head[7] = (char)count;
        (void)memset(head + 8, 0, 4);
    }
    strbuf_clear(&name);
}
