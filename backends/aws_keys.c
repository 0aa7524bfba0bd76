/* Keys of AWS as recipes say. */
#include <config.h>

#include "backends/aws_keys.h"

#define DEADLINE_MS 10000

static bool read_token(struct aws_keys *k, const struct access *a, struct err *err)
{
    struct err none;
    struct recipe *env;
    if (ctx_setting(a->ctx, "token"))
        return access_secret(a, "token", DEADLINE_MS, &k->token, err);
    if (strcmp(ctx_setting(a->ctx, "access_key"), "env:AWS_ACCESS_KEY_ID") != 0)
        return true;
    env = recipe_parse("env:AWS_SESSION_TOKEN", &none);
    if (env && !recipe_read(env, NULL, NULL, &k->token, &none)) /* keys that stay have none */
        strbuf_truncate(&k->token, 0);
    recipe_free(env);
    return true;
}

bool aws_keys_read(struct aws_keys *k, struct backend_ctx *ctx, struct err *err)
{
    struct access a;
    *k = (struct aws_keys){STRBUF_INIT(RECIPE_VALUE_MAX), STRBUF_INIT(RECIPE_VALUE_MAX),
                           STRBUF_INIT(RECIPE_VALUE_MAX)};
    if (!access_open_secrets(&a, ctx, err))
        return false;
    bool ok = access_secret(&a, "access_key", DEADLINE_MS, &k->id, err) &&
              access_secret(&a, "secret_key", DEADLINE_MS, &k->secret, err) &&
              read_token(k, &a, err);
    access_close(&a);
    if (ok)
        return true;
    aws_keys_wipe(k);
    return false;
}

void aws_keys_wipe(struct aws_keys *k)
{
    strbuf_wipe(&k->id);
    strbuf_wipe(&k->secret);
    strbuf_wipe(&k->token);
}

struct sigv4_keys aws_keys_get(const struct aws_keys *k)
{
    return (struct sigv4_keys){span_trim(strbuf_span(&k->id)), span_trim(strbuf_span(&k->secret)),
                               span_trim(strbuf_span(&k->token))};
}
