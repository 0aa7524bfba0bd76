/* Asking a test server through the product's client. */
#ifndef BINNACLE_TEST_SYSTEMS_HTTP_CLIENT_H
#define BINNACLE_TEST_SYSTEMS_HTTP_CLIENT_H

#include "net/http.h"
#include "test/systems/http_server.h"
#include "test/unit/net_test.h"

/* Everything that must end does so long before this. */
#define LONG_MS 20000

static inline struct http *client_for(const char *origin)
{
    const struct http_options options = {.name = "cluster test", .origin = origin};
    struct http *http = http_new(&options, NULL);

    assert_non_null(http);
    return http;
}

/* GET path; true and the body, or false and *err. */
static inline bool get(struct http *http, const char *path, struct strbuf *body, struct err *err)
{
    err_clear(err);
    return http_get(http, path, LONG_MS, -1, body, err);
}

/* GET path must fail with this kind and these words; the sentence names who was asked. */
static inline void expect_get_fails(struct http *http, const char *path, enum err_kind kind,
                                    const char *words)
{
    struct strbuf body = STRBUF_INIT((size_t)1 << 20);
    struct err err;

    assert_false(get(http, path, &body, &err));
    assert_says(&err, words);
    assert_int_equal(err.kind, kind);
    assert_says(&err, "cluster test");
    assert_says(&err, "GET /");
    strbuf_clear(&body);
}

static inline void expect_get_works(struct http *http, const char *path, const char *expected)
{
    struct strbuf body = STRBUF_INIT((size_t)1 << 20);
    struct err err;

    if (!get(http, path, &body, &err))
        fail_msg("%s", err.msg);
    assert_string_equal(strbuf_cstr(&body), expected);
    strbuf_clear(&body);
}

#define JSON_HEADER "Content-Type: application/json\r\n"

#endif
