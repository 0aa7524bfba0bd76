/* The HTTP client's trust: which certificates it takes, which connections it
 * shares, what it sends along. */
#include <config.h>

#include "net/credential.h"
#include "test/systems/http_client.h"

#include <curl/curl.h>
#include <unistd.h>

struct trust {
    struct cert ca, other_ca, good, expired, early, wrong_name, self_signed, by_other, client;
    struct cert small_key, sha1;
    struct strbuf ca_pem;
};

static struct trust trust;

static int make_trust(void **state)
{
    const struct cert_options ca = {.name = "Test CA", .is_ca = true};
    const struct cert_options other = {.name = "Other CA", .is_ca = true};
    struct cert_options leaf = {.name = "server", .alternatives = "DNS:localhost,IP:127.0.0.1"};

    (void)state;
    trust.ca = cert_make(&ca);
    trust.other_ca = cert_make(&other);
    trust.self_signed = cert_make(&leaf);
    leaf.issuer = &trust.other_ca;
    trust.by_other = cert_make(&leaf);
    leaf.issuer = &trust.ca;
    trust.good = cert_make(&leaf);
    leaf.from_s = -7200;
    leaf.until_s = -3600;
    trust.expired = cert_make(&leaf);
    leaf.from_s = 3600;
    leaf.until_s = 7200;
    trust.early = cert_make(&leaf);
    leaf.from_s = leaf.until_s = 0;
    leaf.rsa_bits = 1024;
    trust.small_key = cert_make(&leaf);
    leaf.rsa_bits = 0;
    leaf.sha1 = true;
    trust.sha1 = cert_make(&leaf);
    leaf.sha1 = false;
    leaf.alternatives = "DNS:api.example.com";
    trust.wrong_name = cert_make(&leaf);
    leaf.name = "alice";
    leaf.alternatives = NULL;
    trust.client = cert_make(&leaf);
    trust.ca_pem = (struct strbuf)STRBUF_INIT(65536);
    cert_pem(&trust.ca, &trust.ca_pem);
    return 0;
}

static int drop_trust(void **state)
{
    struct cert *certs[] = {&trust.ca,     &trust.other_ca,   &trust.good,        &trust.expired,
                            &trust.early,  &trust.wrong_name, &trust.self_signed, &trust.by_other,
                            &trust.client, &trust.small_key,  &trust.sha1};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(certs); i++)
        cert_free(certs[i]);
    strbuf_clear(&trust.ca_pem);
    return 0;
}

static void serve_name(struct conn *c, const char *request, void *context)
{
    char name[100], body[200];

    (void)context;
    conn_client_name(c, name, sizeof name);
    (void)snprintf(body, sizeof body, "{\"you\":\"%s\",\"host\":\"%s\"}", name,
                   strstr(request, "Host: localhost:") ? "localhost" : "other");
    conn_answer(c, 200, JSON_HEADER, span_from(body));
}

static struct server *tls_server(const struct cert *cert)
{
    const struct server_options options = {.serve = serve_name, .cert = cert};
    return server_start(&options);
}

static struct http_options trusting(const struct server *s)
{
    return (struct http_options){
        .name = "cluster test", .origin = server_origin(s), .ca_pem = strbuf_span(&trust.ca_pem)};
}

static struct http *new_client(const struct http_options *options)
{
    struct err err;
    struct http *http = http_new(options, &err);

    if (!http)
        fail_msg("%s", err.msg);
    return http;
}

static void a_certificate_of_the_given_ca_is_taken(void **state)
{
    struct server *s = tls_server(&trust.good);
    struct http_options options = trusting(s);
    struct http *http = new_client(&options);
    const struct http_request request = {.path = "/", .deadline_ms = LONG_MS};
    struct strbuf body = STRBUF_INIT(1000);
    struct http_result result;
    char path[] = "/tmp/binnacle-test-XXXXXX";
    const int fd = mkstemp(path);

    (void)state;
    assert_true(http_fetch(http, &request, -1, &body, &result, NULL));
    assert_true(result.cert_expires_ms > 0);
    expect_get_works(http, "/", "{\"you\":\"\",\"host\":\"localhost\"}");
    assert_int_equal(server_connections(s), 1);
    http_free(http);
    assert_true(fd >= 0);
    assert_true(file_replace(path, strbuf_span(&trust.ca_pem), NULL));
    options.ca_pem = span_make(NULL, 0);
    options.ca_file = path;
    http = new_client(&options);
    expect_get_works(http, "/", "{\"you\":\"\",\"host\":\"localhost\"}");
    http_free(http);
    (void)unlink(path);
    http = new_client(&options);
    expect_get_fails(http, "/", ERR_CONFIG, "certificate authority given cannot be read");
    http_free(http);
    close(fd);
    server_stop(s);
    strbuf_clear(&body);
}

static void every_other_certificate_is_refused_with_its_reason(void **state)
{
    const struct {
        const struct cert *cert;
        const char *words;
    } cases[] = {
        {&trust.expired, "has expired"},
        {&trust.early, "is not valid yet"},
        {&trust.wrong_name, "for another name"},
        {&trust.self_signed, "self-signed"},
        {&trust.by_other, "CA that is not trusted"},
        {&trust.small_key, "too small"},
        {&trust.sha1, "broken hash"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct server *s = tls_server(cases[i].cert);
        const struct http_options options = trusting(s);
        struct http *http = new_client(&options);

        expect_get_fails(http, "/", ERR_IO, cases[i].words);
        assert_int_equal(server_requests(s), 0);
        http_free(http);
        server_stop(s);
    }
}

/* As Debian's build does it: each new handle trusts a folder of public CAs,
 * here with one CA of our own in it. */
static const char *public_cas;
CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);

CURL *__wrap_curl_easy_init(void)
{
    CURL *easy = __real_curl_easy_init();

    if (public_cas)
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, public_cas);
    return easy;
}

static void public_cas_do_not_vouch_beside_a_given_one(void **state)
{
    char folder[] = "/tmp/binnacle-test-XXXXXX", path[100];
    struct server *s = tls_server(&trust.by_other);
    const struct http_options options = trusting(s);
    struct strbuf pem = STRBUF_INIT(65536);
    struct http *http;
    CURL *plain;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/%08lx.0", folder,
                   X509_NAME_hash_ex(X509_get_subject_name(trust.other_ca.x509), NULL, NULL, NULL));
    cert_pem(&trust.other_ca, &pem);
    assert_true(file_replace(path, strbuf_span(&pem), NULL));
    public_cas = folder;
    plain = curl_easy_init(); /* the trap is set: plain curl takes the certificate */
    (void)curl_easy_setopt(plain, CURLOPT_URL, server_origin(s));
    (void)curl_easy_setopt(plain, CURLOPT_NOBODY, 1L);
    assert_int_equal(curl_easy_perform(plain), CURLE_OK);
    curl_easy_cleanup(plain);
    http = new_client(&options);
    expect_get_fails(http, "/", ERR_IO, "CA that is not trusted");
    http_free(http);
    public_cas = NULL;
    server_stop(s);
    (void)unlink(path);
    (void)rmdir(folder);
    strbuf_clear(&pem);
}

static void another_name_can_be_asked_for(void **state)
{
    struct server *s = tls_server(&trust.wrong_name);
    struct http_options options = trusting(s);
    struct http *http;

    (void)state;
    options.tls_server_name = "api.example.com";
    http = new_client(&options);
    expect_get_works(http, "/", "{\"you\":\"\",\"host\":\"localhost\"}");
    http_free(http);
    options.tls_server_name = "other.example.com";
    http = new_client(&options);
    expect_get_fails(http, "/", ERR_IO, "for another name");
    http_free(http);
    server_stop(s);
}

static void verification_is_off_only_where_it_was_turned_off(void **state)
{
    struct server *s = tls_server(&trust.self_signed);
    struct http_options options = trusting(s);
    struct http *http;

    (void)state;
    options.ca_pem = span_make(NULL, 0);
    options.insecure = true;
    http = new_client(&options);
    expect_get_works(http, "/", "{\"you\":\"\",\"host\":\"localhost\"}");
    http_free(http);
    server_stop(s);
}

static void old_tls_is_refused(void **state)
{
    const struct server_options server = {
        .serve = serve_name, .cert = &trust.good, .max_tls = TLS1_1_VERSION};
    struct server *s = server_start(&server);
    const struct http_options options = trusting(s);
    struct http *http = new_client(&options);
    struct strbuf body = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    assert_false(get(http, "/", &body, &err));
    assert_says(&err, "TLS");
    assert_int_equal(server_requests(s), 0);
    http_free(http);
    server_stop(s);
}

static void serve_plain(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)context;
    conn_close(c);
}

static void tls_asked_of_a_plain_server_is_said(void **state)
{
    /* A TLS hello has no empty line: the plain server answers it all the same. */
    const struct server_options server = {.serve = serve_plain,
                                          .greeting = "HTTP/1.1 400 No\r\n\r\n"};
    struct server *s = server_start(&server);
    struct http_options options = trusting(s);
    struct http *http;
    char origin[64];

    (void)state;
    (void)snprintf(origin, sizeof origin, "https://127.0.0.1:%d", server_port(s));
    options.origin = origin;
    http = new_client(&options);
    expect_get_fails(http, "/", ERR_IO, "does not speak TLS");
    http_free(http);
    server_stop(s);
}

static void a_handshake_that_hangs_is_ended(void **state)
{
    const struct server_options server = {.hang = true};
    struct server *s = server_start(&server);
    char origin[64];
    struct http_options options = trusting(s);
    struct http *http;

    (void)state;
    (void)snprintf(origin, sizeof origin, "https://127.0.0.1:%d", server_port(s));
    options.origin = origin;
    options.connect_ms = 200;
    http = new_client(&options);
    expect_get_fails(http, "/", ERR_TIMEOUT, "in the TLS handshake");
    http_free(http);
    server_stop(s);
}

static void client_certificates_are_shown(void **state)
{
    const struct server_options server = {
        .serve = serve_name, .cert = &trust.good, .client_ca = &trust.ca};
    struct server *s = server_start(&server);
    struct strbuf cert = STRBUF_INIT(65536), key = STRBUF_INIT(65536);
    struct kube_user user = {.name = "alice"};
    const struct credential_options credential = {.name = "user alice", .user = &user};
    struct http_options options = trusting(s);
    struct strbuf body = STRBUF_INIT(1000);
    struct http *http = new_client(&options);
    struct err err;

    (void)state;
    assert_false(get(http, "/", &body, &err)); /* none to show */
    assert_int_equal(server_requests(s), 0);
    http_free(http);
    cert_pem(&trust.client, &cert);
    cert_key_pem(&trust.client, &key);
    user.cert_pem = strbuf_span(&cert);
    user.key_pem = strbuf_span(&key);
    options.credential = credential_new(&credential, &err);
    assert_non_null(options.credential);
    http = new_client(&options);
    expect_get_works(http, "/", "{\"you\":\"alice\",\"host\":\"localhost\"}");
    http_free(http);
    credential_unref(options.credential);
    strbuf_truncate(&key, 0);
    cert_key_pem(&trust.good, &key);
    user.key_pem = strbuf_span(&key);
    assert_null(credential_new(&credential, &err));
    assert_says(&err, "does not belong");
    server_stop(s);
    strbuf_wipe(&cert);
    strbuf_wipe(&key);
    strbuf_clear(&body);
}

/* ---- HTTP/2. */

static enum http_flow count_bytes(void *context, struct span bytes)
{
    *(size_t *)context += bytes.len;
    return HTTP_GO;
}

static void many_watches_share_one_connection(void **state)
{
    static size_t got[240];
    const struct server_options server = {.cert = &trust.good, .http2 = true};
    struct server *s = server_start(&server);
    const struct http_options options = trusting(s);
    struct http *http = new_client(&options);
    size_t alive = 0;

    (void)state;
    memset(got, 0, sizeof got);
    for (size_t i = 0; i < BN_COUNT(got); i++) {
        const struct http_request request = {
            .path = "/watch", .on_data = count_bytes, .context = &got[i]};
        (void)http_start(http, &request);
    }
    while (alive < BN_COUNT(got)) {
        http_turn(http, LONG_MS, NULL, 0);
        alive = 0;
        for (size_t i = 0; i < BN_COUNT(got); i++)
            alive += got[i] == 3;
    }
    assert_int_equal(server_connections(s), 1);
    /* List pages have a connection of their own. */
    got[0] = 0;
    struct http_request aside = {
        .path = "/list", .on_data = count_bytes, .context = &got[0], .aside = true};
    (void)http_start(http, &aside);
    while (got[0] == 0)
        http_turn(http, LONG_MS, NULL, 0);
    assert_int_equal(server_connections(s), 2);
    assert_int_equal(http_figures(http).active, BN_COUNT(got) + 1);
    http_free(http);
    server_stop(s);
}

struct pausing {
    unsigned pauses;
    bool go;
    size_t bytes;
};

static enum http_flow pause_until_go(void *context, struct span bytes)
{
    struct pausing *p = context;

    if (!p->go) {
        p->pauses++;
        return HTTP_PAUSE;
    }
    p->bytes += bytes.len;
    return HTTP_GO;
}

/* A flood that nobody takes does not hold up what shares its connection. */
static void a_paused_stream_does_not_hold_up_the_others(void **state)
{
    const struct server_options server = {.cert = &trust.good, .http2 = true};
    struct server *s = server_start(&server);
    const struct http_options options = trusting(s);
    struct http *http = new_client(&options);
    struct pausing log = {.go = false};
    const struct http_request flood = {
        .path = "/flood", .on_data = pause_until_go, .context = &log, .aside = true};
    size_t got[20] = {0};
    uint32_t id;

    (void)state;
    id = http_start(http, &flood);
    while (log.pauses == 0)
        http_turn(http, LONG_MS, NULL, 0);
    for (size_t i = 0; i < BN_COUNT(got); i++) {
        const struct http_request request = {
            .path = "/watch", .on_data = count_bytes, .context = &got[i], .aside = true};

        (void)http_start(http, &request);
        while (got[i] < 3)
            http_turn(http, 1000, NULL, 0);
    }
    log.go = true;
    http_resume(http, id);
    while (log.bytes < (size_t)80 << 20)
        http_turn(http, LONG_MS, NULL, 0);
    http_free(http);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_of_the_given_ca_is_taken),
        cmocka_unit_test(every_other_certificate_is_refused_with_its_reason),
        cmocka_unit_test(public_cas_do_not_vouch_beside_a_given_one),
        cmocka_unit_test(another_name_can_be_asked_for),
        cmocka_unit_test(verification_is_off_only_where_it_was_turned_off),
        cmocka_unit_test(old_tls_is_refused),
        cmocka_unit_test(tls_asked_of_a_plain_server_is_said),
        cmocka_unit_test(a_handshake_that_hangs_is_ended),
        cmocka_unit_test(client_certificates_are_shown),
        cmocka_unit_test(many_watches_share_one_connection),
        cmocka_unit_test(a_paused_stream_does_not_hold_up_the_others),
    };
    return cmocka_run_group_tests(tests, make_trust, drop_trust);
}
