/* What a redirect to a provider of sign-in asks of it, and where it has people come back to. */
#include <config.h>

#include "net/plain.h"
#include "net/probe_impl.h"

#include <curl/curl.h>
#include <limits.h>

/* The parameter of this name, as it is sent; false: there is none. */
static bool parameter(struct span query, const char *name, struct span *value)
{
    struct span one;
    while (query.len && span_split(&query, '&', &one)) {
        size_t end = span_find(one, '=', 0);
        if (!span_is(span_sub(one, 0, end), name))
            continue;
        *value = end < one.len ? span_sub(one, end + 1, one.len) : SPAN("");
        return true;
    }
    return false;
}

/* client_id and response_type are required, redirect_uri may be left out [RFC 6749, 4.1.1]. Of the
 * last, what stands behind "?" may be a token. */
void probe_sign_in(struct span query, const char *url, struct probe_sign_in *out)
{
    struct span value;
    *out = (struct probe_sign_in){.has_client = false};
    if (!parameter(query, "response_type", &value))
        return;
    (void)plain_text(span_from(url), out->provider, sizeof(out->provider));
    out->has_client = parameter(query, "client_id", &value) && value.len > 0;
    if (!parameter(query, "redirect_uri", &value) || !value.len || value.len > INT_MAX)
        return;
    int len = 0;
    char *text = curl_easy_unescape(NULL, value.data, (int)value.len, &len);
    if (!text)
        return;
    struct span shown = span_make(text, (size_t)len);
    shown.len = span_find(shown, '?', 0);
    shown.len = span_find(shown, '#', 0);
    (void)plain_text(shown, out->callback, sizeof(out->callback));
    curl_free(text);
}
