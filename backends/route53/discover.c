/* Whose zones are read: those that an external-dns of the cluster keeps at AWS, with its own keys,
 * which may list them. They lie outside the cluster: they are not asked until the configuration says
 * so. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/route53/route53.h"

#include <stdio.h>

#define NAME       "route53"
#define TEXT_BYTES 1024

/* sharing: how many there are; together they ask once a second. */
static void add(struct discovery *d, const struct discovery_external_dns *e, size_t sharing)
{
    char name[TEXT_BYTES] = NAME, missing[2 * TEXT_BYTES], texts[6][TEXT_BYTES];
    const char *settings[8];
    struct span secret = discovery_argument(e->arguments, "secret", ""),
                prefix = discovery_argument(e->arguments, "txt-prefix", ""),
                suffix = discovery_argument(e->arguments, "txt-suffix", ""),
                wildcard = discovery_argument(e->arguments, "txt-wildcard-replacement", "");
    size_t n = 0;
    if (d->count)
        (void)snprintf(name, sizeof(name), NAME "/%.*s", SPAN_ARG(e->ns));
    (void)snprintf(missing, sizeof(missing),
                   "a word that it may be asked, since it lies outside the cluster: set `ask: "
                   "true` in the configuration (sources: name %s)",
                   name);
    if (prefix.len)
        (void)snprintf(texts[n++], TEXT_BYTES, "txt_prefix=%.*s", SPAN_ARG(prefix));
    if (suffix.len)
        (void)snprintf(texts[n++], TEXT_BYTES, "txt_suffix=%.*s", SPAN_ARG(suffix));
    if (wildcard.len)
        (void)snprintf(texts[n++], TEXT_BYTES, "txt_wildcard=%.*s", SPAN_ARG(wildcard));
    if (secret.len) {
        (void)snprintf(texts[n++], TEXT_BYTES, "access_key=secret:%.*s/%.*s/AWS_ACCESS_KEY_ID",
                       SPAN_ARG(e->ns), SPAN_ARG(secret));
        (void)snprintf(texts[n++], TEXT_BYTES, "secret_key=secret:%.*s/%.*s/AWS_SECRET_ACCESS_KEY",
                       SPAN_ARG(e->ns), SPAN_ARG(secret));
    }
    if (sharing > 1)
        (void)snprintf(texts[n++], TEXT_BYTES, "pace=%zu000", sharing);
    for (size_t i = 0; i < n; i++)
        settings[i] = texts[i];
    settings[n++] = "ask=false";
    settings[n] = NULL;
    const struct found f = {
        .name = name, .missing = missing, .unless = "ask", .settings = settings};
    discovery_add(d, &f);
}

static bool next_at_aws(const struct store *st, uint32_t *at, struct discovery_external_dns *e)
{
    while (discovery_next_external_dns(st, at, e))
        if (span_is(discovery_argument(e->arguments, "provider", ""), "aws"))
            return true;
    return false;
}

void r53_discover(const struct store *st, struct discovery *d)
{
    struct discovery_external_dns e;
    size_t sharing = 0;
    for (uint32_t at = 0; next_at_aws(st, &at, &e);)
        sharing++;
    for (uint32_t at = 0; next_at_aws(st, &at, &e);)
        add(d, &e, sharing);
}
