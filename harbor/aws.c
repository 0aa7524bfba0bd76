/* Route 53 and S3: who asks, and the zone's answers. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "harbor/aws_impl.h"
#include "harbor/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define R53            "/2013-04-01/hostedzone"
#define R53_XMLNS      " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""

bool aws_is(struct span host)
{
    return span_ends(host, ".amazonaws.com");
}

/* ---- Data. */

static cJSON *read_json(const char *folder, const char *name, struct err *err)
{
    struct strbuf path = STRBUF_INIT(8192), text = STRBUF_INIT(FILE_MAX_BYTES);
    strbuf_addf(&path, "%s/outside/%s", folder, name);
    bool ok = file_read(strbuf_cstr(&path), &text, err);
    cJSON *json = ok ? cJSON_Parse(strbuf_cstr(&text)) : NULL;
    if (ok && !json)
        (void)err_set(err, ERR_CONFIG, "%s is no JSON", strbuf_cstr(&path));
    strbuf_clear(&path);
    strbuf_clear(&text);
    return json;
}

struct aws *aws_load(const char *folder, struct err *err)
{
    struct aws *a = xalloc_zero(1, sizeof(*a));
    a->zone = read_json(folder, "route53.json", err);
    a->listing = a->zone ? read_json(folder, "s3.json", err) : NULL;
    if (a->listing) {
        bucket_load(a);
        return a;
    }
    aws_free(a);
    return NULL;
}

void aws_free(struct aws *a)
{
    if (!a)
        return;
    cJSON_Delete(a->zone);
    cJSON_Delete(a->listing);
    bucket_clear(a);
    free(a);
}

/* ---- Answers. */

void aws_escape(struct span text, struct strbuf *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '<')
            strbuf_adds(out, "&lt;");
        else if (text.data[i] == '&')
            strbuf_adds(out, "&amp;");
        else
            strbuf_addc(out, text.data[i]);
}

/* As XML: what is in a list "Things" is a "Thing". */
static void add_xml(const cJSON *json, const char *name, size_t len, struct strbuf *out)
{
    const cJSON *one;
    strbuf_addf(out, "<%.*s>", (int)len, name);
    cJSON_ArrayForEach(one, json) /* or the members of an object */
    {
        const char *inner = cJSON_IsArray(json) ? name : one->string;
        add_xml(one, inner, strlen(inner) - (cJSON_IsArray(json) ? 1 : 0), out);
    }
    if (cJSON_IsString(json))
        aws_escape(span_from(json->valuestring), out);
    else if (cJSON_IsNumber(json))
        strbuf_addf(out, "%d", json->valueint);
    else if (cJSON_IsBool(json))
        strbuf_adds(out, cJSON_IsTrue(json) ? "true" : "false");
    strbuf_addf(out, "</%.*s>", (int)len, name);
}

void aws_send(int status, const char *more, struct span body, struct strbuf *out)
{
    strbuf_addf(out,
                "HTTP/1.1 %d -\r\nConnection: close\r\nContent-Type: application/xml\r\n%s"
                "Content-Length: %zu\r\n\r\n",
                status, more, body.len);
    strbuf_add(out, body);
}

static void refuse_zones(int status, const char *code, const char *message, struct strbuf *out)
{
    struct strbuf body = STRBUF_INIT(4096);
    strbuf_addf(&body,
                "<?xml version=\"1.0\"?>\n<ErrorResponse" R53_XMLNS
                "><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>"
                "b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId></ErrorResponse>",
                code, message);
    aws_send(status, "", strbuf_span(&body), out);
    strbuf_clear(&body);
}

static bool has(struct span text, const char *words)
{
    return span_search(text, span_from(words), false) < text.len;
}

/* The form of a signature of version 4, and what it says that it signs. */
bool aws_is_signed(struct span head, bool with_body_hash)
{
    struct span says = head_value(head, "authorization");
    struct span sum = span_sub(says, span_search(says, SPAN("Signature="), false) + 10, says.len);
    for (size_t i = 0; i < sum.len; i++)
        if (!strchr("0123456789abcdef", sum.data[i]))
            return false;
    return span_starts(says, "AWS4-HMAC-SHA256 Credential=") && sum.len == 64 &&
           has(says, "SignedHeaders=") && has(says, "host;") && has(says, "x-amz-date") &&
           head_value(head, "x-amz-date").len == 16 &&
           (!with_body_hash || (has(says, "x-amz-content-sha256") &&
                                head_value(head, "x-amz-content-sha256").len == 64));
}

bool aws_is_scoped(struct span head, const char *region, const char *service)
{
    char scope[200];
    (void)snprintf(scope, sizeof(scope), "/%s/%s/aws4_request,", region, service);
    return has(head_value(head, "authorization"), scope);
}

static void say_zones(const struct aws *a, struct span path, struct strbuf *out)
{
    struct strbuf body = STRBUF_INIT(FILE_MAX_BYTES);
    const cJSON *zone = cJSON_GetObjectItemCaseSensitive(a->zone, "HostedZone");
    bool list = span_is(path, R53), records = span_ends(path, "/rrset");
    const char *root = list ? "ListHostedZonesResponse" : "ListResourceRecordSetsResponse";
    strbuf_addf(&body, "<?xml version=\"1.0\"?>\n<%s" R53_XMLNS ">", root);
    if (list) {
        strbuf_adds(&body, "<HostedZones>");
        add_xml(zone, "HostedZone", 10, &body);
        strbuf_adds(&body, "</HostedZones>");
    } else {
        add_xml(cJSON_GetObjectItemCaseSensitive(a->zone, "ResourceRecordSets"),
                "ResourceRecordSets", 18, &body);
    }
    strbuf_addf(&body, "<IsTruncated>false</IsTruncated><MaxItems>%d</MaxItems></%s>",
                list ? 100 : 300, root);
    if (list || records)
        aws_send(200, "", strbuf_span(&body), out);
    else
        refuse_zones(404, "NoSuchHostedZone", "No hosted zone found", out);
    strbuf_clear(&body);
}

static void answer_zones(const struct aws *a, struct span head, struct span path,
                         struct strbuf *out)
{
    if (!aws_is_signed(head, false))
        refuse_zones(403, "MissingAuthenticationToken", "Missing Authentication Token", out);
    else if (!aws_is_scoped(head, "us-east-1", "route53"))
        refuse_zones(403, "SignatureDoesNotMatch",
                     "Credential should be scoped to a valid region, not what it is", out);
    else if (a->zones == ZONES_DENIED)
        refuse_zones(403, "AccessDenied",
                     "User: arn:aws:iam::123456789012:user/dns is not authorized to perform: "
                     "route53:ListHostedZones because no identity-based policy allows the "
                     "route53:ListHostedZones action",
                     out);
    else if (a->zones == ZONES_THROTTLED)
        refuse_zones(400, "Throttling", "Rate exceeded", out);
    else
        say_zones(a, path, out);
}

void aws_answer(const struct aws *a, struct span host, struct span head, int64_t now_ms,
                struct strbuf *out)
{
    size_t from = span_find(head, ' ', 0) + 1;
    struct span target = span_sub(head, from, span_find(head, ' ', from) - from);
    size_t mark = span_find(target, '?', 0);
    if (span_starts(host, "route53."))
        answer_zones(a, head, span_sub(target, 0, mark), out);
    else
        bucket_answer(a, host, head, span_sub(target, mark + 1, target.len), now_ms, out);
}

/* ---- Changes. */

static bool is_of(const cJSON *record, struct span name, struct span type)
{
    struct span is =
        span_from(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "Name")));
    is.len -= span_ends(is, ".");
    return span_eq(is, name) &&
           span_is(type, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "Type")));
}

static void set_record(struct aws *a, struct span name, struct span type, struct span value)
{
    cJSON *all = cJSON_GetObjectItemCaseSensitive(a->zone, "ResourceRecordSets"), *one = all->child;
    struct strbuf json = STRBUF_INIT(8192);
    while (one) {
        cJSON *next = one->next;
        if (is_of(one, name, type))
            cJSON_Delete(cJSON_DetachItemViaPointer(all, one));
        one = next;
    }
    strbuf_addf(&json,
                "{\"Name\":\"%.*s.\",\"Type\":\"%.*s\",\"TTL\":300,\"ResourceRecords\":[{\"Value\":"
                "\"%s%.*s%s\"}]}",
                SPAN_ARG(name), SPAN_ARG(type), span_is(type, "TXT") ? "\\\"" : "", SPAN_ARG(value),
                span_is(type, "TXT") ? "\\\"" : "");
    if (!span_is(value, "-"))
        (void)cJSON_AddItemToArray(all, cJSON_Parse(strbuf_cstr(&json)));
    strbuf_clear(&json);
}

bool aws_set(struct aws *a, struct span what, struct span words, int64_t now_ms)
{
    struct span first = {"", 0}, second = {"", 0};
    if (span_is(what, "zones")) {
        a->zones = span_is(words, "denied")      ? ZONES_DENIED
                   : span_is(words, "throttled") ? ZONES_THROTTLED
                                                 : ZONES_WELL;
        return true;
    }
    if (span_is(what, "record") && span_split(&words, ' ', &first) &&
        span_split(&words, ' ', &second)) {
        set_record(a, first, second, words);
        return true;
    }
    return bucket_set(a, what, words, now_ms);
}
