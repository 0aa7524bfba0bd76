/* The certificate in a Secret that no Certificate of cert-manager speaks of, where the configuration
 * lets it be read: of the Secret tls.crt alone is taken from the answer, which is wiped. */
#include <config.h>

#include "backends/access.h"
#include "backends/probe/probe.h"
#include "net/probe_cert.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 3000
#define AGAIN_MS    INT64_C(600000)

static bool read_pem(struct backend_ctx *ctx, struct span secret, struct strbuf *pem)
{
    char text[600];
    struct err err;
    struct access access;
    (void)snprintf(text, sizeof(text), "certificate=secret:%.*s/tls.crt", SPAN_ARG(secret));
    const char *const named[] = {text, NULL};
    struct recipe *recipe = recipe_parse(strchr(text, '=') + 1, &err);
    bool ok = recipe && access_open_recipes(&access, ctx, named, &err);
    if (ok) {
        const struct stream_wait wait = stream_wait_for(DEADLINE_MS, ctx_stop_fd(ctx));
        ok = recipe_read(recipe, &access.cluster, &wait, pem, &err);
        access_close(&access);
    }
    recipe_free(recipe);
    return ok;
}

void probe_secret_look(struct backend_ctx *ctx, const struct rota_item *item,
                       struct probe_seen *seen)
{
    struct span secret = rota_part(item, PART_SECRET);
    struct strbuf pem = STRBUF_INIT(RECIPE_VALUE_MAX);
    int64_t now_ms = clock_mono_ms(ctx_clock(ctx));
    bool known = rota_beside(item, BESIDE_CERTIFICATE).len > 0;
    bool same = span_is(secret, seen->secret);
    if (!ctx_setting_true(ctx, "secrets") || !secret.len || known ||
        secret.len >= sizeof(seen->secret) || (same && now_ms < seen->again_ms))
        return;
    (void)snprintf(seen->secret, sizeof(seen->secret), "%.*s", SPAN_ARG(secret));
    seen->again_ms = now_ms + AGAIN_MS;
    seen->has_dates = read_pem(ctx, secret, &pem) &&
                      probe_cert_dates(strbuf_span(&pem), &seen->from_ms, &seen->until_ms);
    strbuf_wipe(&pem);
}
