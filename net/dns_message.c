/* Reading answers of name servers. */
#include <config.h>

#include "net/dns_message.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define HEADER      12
#define CLASS_IN    1
#define POINTERS    32 /* that a name may follow: each goes back, so there is an end to them */
#define ANSWERS_MAX 4096

static bool broken(struct err *err, const char *what)
{
    return err_set(err, ERR_PROTO, "the name server's answer is broken: %s", what);
}

static bool read16(struct span b, size_t at, unsigned *out)
{
    if (at + 2 > b.len)
        return false;
    *out = (unsigned)(unsigned char)b.data[at] << 8 | (unsigned char)b.data[at + 1];
    return true;
}

/* "\046" for what would be read as something else. */
static size_t add_octet(char *out, unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (unsigned char)(c - 'A' + 'a');
    if (c > ' ' && c < 0x7f && c != '.' && c != '\\') {
        out[0] = (char)c;
        return 1;
    }
    (void)snprintf(out, 5, "\\%03u", c);
    return 4;
}

/* A label behind what is in out. False: the name grows too long. */
static bool add_label(struct span label, char *out, size_t *len)
{
    if (*len)
        out[(*len)++] = '.';
    for (size_t i = 0; i < label.len; i++) {
        if (*len + 6 > DNS_NAME_MAX)
            return false;
        *len += add_octet(out + *len, (unsigned char)label.data[i]);
    }
    return true;
}

/* The name at *at; *at goes behind it. out: DNS_NAME_MAX. */
static bool read_name(struct span b, size_t *at, char *out)
{
    size_t here = *at, len = 0, limit = *at;
    bool jumped = false;
    for (int pointers = 0;;) {
        if (here >= b.len)
            return false;
        unsigned size = (unsigned char)b.data[here];
        if ((size & 0xc0) == 0xc0) {
            unsigned target;
            if (!read16(b, here, &target) || (target &= 0x3fff) >= limit || ++pointers > POINTERS)
                return false;
            *at = jumped ? *at : here + 2;
            jumped = true;
            here = limit = target;
            continue;
        }
        if (size & 0xc0)
            return false;
        here++;
        if (size == 0)
            break;
        if (here + size > b.len || !add_label(span_sub(b, here, size), out, &len))
            return false;
        here += size;
    }
    out[len] = '\0';
    *at = jumped ? *at : here;
    return true;
}

static bool read_txt(struct span data, char *out)
{
    size_t len = 0;
    for (size_t at = 0; at < data.len;) {
        size_t size = (unsigned char)data.data[at++];
        if (at + size > data.len)
            return false;
        size_t fits = len + size < DNS_TEXT_MAX ? size : DNS_TEXT_MAX - 1 - len;
        (void)memcpy(out + len, data.data + at, fits);
        len += fits;
        at += size;
    }
    out[len] = '\0';
    return true;
}

static bool read_data(struct span b, size_t at, size_t size, struct dns_record *r)
{
    struct span data = span_sub(b, at, size);
    switch (r->type) {
    case DNS_A:
        return size == 4 && inet_ntop(AF_INET, data.data, r->text, sizeof(r->text));
    case DNS_AAAA:
        return size == 16 && inet_ntop(AF_INET6, data.data, r->text, sizeof(r->text));
    case DNS_TXT:
        return read_txt(data, r->text);
    default: { /* a name: what it points at stands before it */
        size_t end = at;
        return read_name(span_sub(b, 0, at + size), &end, r->text);
    }
    }
}

static bool is_read(unsigned type)
{
    return type == DNS_A || type == DNS_NS || type == DNS_CNAME || type == DNS_TXT ||
           type == DNS_AAAA;
}

static bool read_record(struct span b, size_t *at, struct dns_message *out)
{
    struct dns_record spare, *r = out->count < DNS_RECORDS_MAX ? &out->records[out->count] : &spare;
    unsigned type, class, high, low, size;
    if (!read_name(b, at, r->name) || !read16(b, *at, &type) || !read16(b, *at + 2, &class) ||
        !read16(b, *at + 4, &high) || !read16(b, *at + 6, &low) || !read16(b, *at + 8, &size) ||
        *at + 10 + size > b.len)
        return false;
    size_t data = *at + 10;
    *at = data + size;
    if (class != CLASS_IN || !is_read(type))
        return true;
    r->type = (uint16_t)type;
    r->ttl_s = (uint32_t)high << 16 | low;
    if (r->ttl_s > INT32_MAX) /* RFC 2181 8 */
        r->ttl_s = 0;
    if (!read_data(b, data, size, r))
        return false;
    out->count += r != &spare;
    return true;
}

bool dns_message_read(struct span bytes, struct dns_message *out, struct err *err)
{
    unsigned flags, questions, answers;
    size_t at = HEADER;
    char name[DNS_NAME_MAX];
    out->count = 0;
    if (!read16(bytes, 2, &flags) || !read16(bytes, 4, &questions) || !read16(bytes, 6, &answers) ||
        bytes.len < HEADER)
        return broken(err, "it is too short");
    if (!(flags & 0x8000))
        return broken(err, "it is a question");
    out->rcode = (int)(flags & 15);
    out->authoritative = (flags & 0x0400) != 0;
    out->truncated = (flags & 0x0200) != 0;
    if (questions > 1 || answers > ANSWERS_MAX)
        return broken(err, "it has too many parts");
    if (questions && (!read_name(bytes, &at, name) || (at += 4) > bytes.len))
        return broken(err, "the question in it");
    for (unsigned i = 0; i < answers; i++)
        if (!read_record(bytes, &at, out))
            return broken(err, "a record in it");
    return true;
}
