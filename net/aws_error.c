/* Errors of AWS: a sentence for each code that says something to whoever is on call. */
#include <config.h>

#include "net/aws_error.h"

#include "net/plain.h"

#include <stdio.h>

#define MESSAGE_SHOWN 200
#define THROTTLED_S   60 /* the account is shared: others are slowed down too */

/* [botocore data/s3, data/route53: shapes of errors; data/_retry.json: throttling] */
static const struct known {
    const char *code;
    enum err_kind kind;
    const char *says;
} known[] = {
    {"AccessDenied", ERR_DENIED, "the key is good, but it may not do this"},
    {"AccessDeniedException", ERR_DENIED, "the key is good, but it may not do this"},
    {"AllAccessDisabled", ERR_DENIED, "all access to it was switched off"},
    {"SignatureDoesNotMatch", ERR_AUTH, "the secret key does not belong to this access key"},
    {"InvalidAccessKeyId", ERR_AUTH, "there is no such access key"},
    {"InvalidClientTokenId", ERR_AUTH, "there is no such access key, or its session has no token"},
    {"UnrecognizedClientException", ERR_AUTH, "there is no such access key"},
    {"ExpiredToken", ERR_AUTH, "the session token has expired"},
    {"ExpiredTokenException", ERR_AUTH, "the session token has expired"},
    {"InvalidToken", ERR_AUTH, "the session token is none, or of another key"},
    {"RequestTimeTooSkewed", ERR_IO, "the clocks differ by more than is allowed"},
    {"RequestExpired", ERR_IO, "the clocks differ by more than is allowed"},
    {"NoSuchBucket", ERR_NOTFOUND, "there is no such bucket"},
    {"NoSuchKey", ERR_NOTFOUND, "there is no such object"},
    {"NoSuchHostedZone", ERR_NOTFOUND, "there is no such hosted zone"},
    {"PermanentRedirect", ERR_CONFIG, "the bucket lies elsewhere"},
    {"TemporaryRedirect", ERR_CONFIG, "the bucket lies elsewhere"},
    {"AuthorizationHeaderMalformed", ERR_CONFIG, "signed for another region than the bucket's"},
    {"IllegalLocationConstraintException", ERR_CONFIG, "the bucket lies in another region"},
    {"Throttling", ERR_BUSY, "too many requests of this account"},
    {"ThrottlingException", ERR_BUSY, "too many requests of this account"},
    {"RequestLimitExceeded", ERR_BUSY, "too many requests of this account"},
    {"TooManyRequestsException", ERR_BUSY, "too many requests of this account"},
    {"SlowDown", ERR_BUSY, "too many requests"},
    {"ServiceUnavailable", ERR_BUSY, "it is overloaded"},
    {"PriorRequestNotComplete", ERR_BUSY, "a change is under way"},
};

struct said {
    char code[64], message[MESSAGE_SHOWN + 4], region[AWS_REGION_MAX];
};

/* S3: <Error>; others: <ErrorResponse><Error>, and the first of several within <Errors>. */
static bool read_body(struct span body, struct said *out)
{
    struct xml_doc *doc = xml_doc_parse(body, "the error", NULL);
    const struct xml_node *root = doc ? xml_doc_root(doc) : NULL;
    const struct xml_node *e = span_is(xml_name(root), "Error") ? root : xml_find(root, "Error");
    struct span code = xml_child_text(e, "Code");
    plain_text(code, out->code, sizeof(out->code));
    plain_text(xml_child_text(e, "Message"), out->message, sizeof(out->message));
    plain_text(xml_child_text(e, "Region"), out->region, sizeof(out->region));
    xml_doc_free(doc);
    return out->code[0] != '\0';
}

/* Route 53 has no code of its own for it: "Signature expired: 2026... is now earlier than ...". */
static bool is_of_clocks(const struct said *s)
{
    return strcmp(s->code, "RequestTimeTooSkewed") == 0 || strcmp(s->code, "RequestExpired") == 0 ||
           (strcmp(s->code, "SignatureDoesNotMatch") == 0 &&
            (strstr(s->message, "Signature expired") ||
             strstr(s->message, "Signature not yet current")));
}

static const struct known *find(const struct said *s)
{
    const char *code = is_of_clocks(s) ? "RequestTimeTooSkewed" : s->code;
    for (size_t i = 0; i < BN_COUNT(known); i++)
        if (strcmp(known[i].code, code) == 0)
            return &known[i];
    return NULL;
}

bool aws_explain(int status, struct span body, struct err *err)
{
    struct said s;
    if (!read_body(body, &s))
        return false;
    const struct known *k = find(&s);
    int code = k && k->kind == ERR_BUSY ? THROTTLED_S : status;
    enum err_kind kind = k               ? k->kind
                         : status == 403 ? ERR_DENIED
                         : status == 404 ? ERR_NOTFOUND
                         : status >= 500 ? ERR_IO
                                         : ERR_PROTO;
    const char *colon = s.message[0] ? ": " : "";
    if (k)
        (void)err_code(err, kind, code, "%s (%s)%s%s", k->says, s.code, colon, s.message);
    else
        (void)err_code(err, kind, code, "%s%s%s", s.code, colon, s.message);
    return true;
}

bool aws_read_error(struct span body, struct aws_answer *answer)
{
    struct said s;
    bool clocks = read_body(body, &s) && is_of_clocks(&s);
    (void)snprintf(answer->code, sizeof(answer->code), "%s", s.code);
    (void)snprintf(answer->region, sizeof(answer->region), "%s", s.region);
    return clocks;
}
