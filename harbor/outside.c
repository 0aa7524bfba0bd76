/* Public hosts: a certificate by the name that is asked for, an answer by the host. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/answers.h"
#include "harbor/aws.h"
#include "harbor/command.h"
#include "harbor/head.h"
#include "harbor/outside_impl.h"
#include "harbor/server.h"
#include "harbor/terraform.h"
#include "harbor/tls.h"

#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUESTS_MAX (OUTSIDE_FDS - 2)
#define HEAD_MAX   ((size_t)16 << 10)
#define BODY_MAX   ((size_t)1 << 20)
#define ANSWER_MAX ((size_t)64 << 10)
#define DAY_S      INT64_C(86400)
#define SIGN_IN    "/oauth2/start"
#define NO_CERT    INT64_MAX    /* the default one */
#define ISSUED_S   (30 * DAY_S) /* before the platform's time */

struct host {
    char *name, *location, *bearer; /* owned; bearer: the token that it wants, "" */
    char *sign_in;                  /* owned; where SIGN_IN of it leads, "" */
    int64_t days, status;
    int64_t from_s, until_s; /* of its certificate; 0: by days */
    X509 *cert;              /* owned; NULL: to be made */
};

/* A connection. */
struct guest {
    int fd; /* < 0: free */
    SSL *ssl;
    bool known, greeted; /* whether it speaks TLS; that it has shaken hands */
    bool hung;           /* it has asked, and is not answered */
    struct strbuf in, out;
};

struct outside {
    struct server *server;
    int64_t epoch_s;
    struct host *hosts;
    size_t count;
    struct names *names;
    struct images *images;
    struct aws *aws;
    char *hangs;    /* NULL, or a pattern of the hosts that do not answer; owned */
    int64_t now_ms; /* of the turn at hand */
    EVP_PKEY *key, *ca_key;
    X509 *ca, *issuer;
    SSL_CTX *tls;
    int tcp, udp, port;
    struct guest guests[GUESTS_MAX];
};

/* ---- Hosts. */

/* "2026-01-04T09:00:00Z 2026-04-04T08:00:00Z": when its certificate holds. */
static bool set_valid(struct host *h, struct span words)
{
    int64_t from, until;
    size_t blank = span_find(words, ' ', 0);
    if (!time_parse(span_sub(words, 0, blank), &from) ||
        !time_parse(span_sub(words, blank + 1, words.len), &until))
        return false;
    h->from_s = from / 1000;
    h->until_s = until / 1000;
    X509_free(h->cert);
    h->cert = NULL;
    return true;
}

static void add_host(struct outside *o, const struct yaml_node *n)
{
    struct host h = {.name = xalloc_text(yaml_text(n, "host", "")),
                     .location = xalloc_text(yaml_text(n, "location", "")),
                     .bearer = xalloc_text(yaml_text(n, "bearer", "")),
                     .sign_in = xalloc_text(yaml_text(n, "sign-in", ""))};
    if (!number_parse(span_from(yaml_text(n, "days", "")), -10000, 10000, &h.days))
        h.days = NO_CERT;
    if (!number_parse(span_from(yaml_text(n, "status", "")), 100, 599, &h.status))
        h.status = 200;
    if (set_valid(&h, span_from(yaml_text(n, "valid", ""))))
        h.days = 0;
    o->hosts = xalloc_resize(o->hosts, o->count + 1, sizeof(*o->hosts));
    o->hosts[o->count++] = h;
}

static struct host *find_host(const struct outside *o, struct span name)
{
    for (size_t i = 0; i < o->count; i++)
        if (span_eq_nocase(name, span_from(o->hosts[i].name)))
            return &o->hosts[i];
    return NULL;
}

/* As Let's Encrypt does: for 90 days, and not later than all of them were. */
static int64_t issued_s(const struct outside *o, const struct host *h)
{
    int64_t full = o->epoch_s + (h->days - 90) * DAY_S, latest = o->epoch_s - ISSUED_S;
    return full < latest ? full : latest;
}

static X509 *cert_of(struct outside *o, struct host *h)
{
    char names[300];
    (void)snprintf(names, sizeof(names), "DNS:%.250s", h->name);
    const struct tls_cert c = {.key = o->key,
                               .name = h->name,
                               .alternatives = names,
                               .issuer = o->issuer,
                               .issuer_key = o->ca_key,
                               .serial = (long)(h - o->hosts) + 10,
                               .from_s = h->from_s ? h->from_s : issued_s(o, h),
                               .until_s = h->until_s ? h->until_s : o->epoch_s + h->days * DAY_S};
    if (!h->cert)
        h->cert = tls_certificate(&c);
    return h->cert;
}

/* By the name that the client asks for; what is unknown gets the default one. */
static int choose(SSL *ssl, int *alert, void *arg) /* NOLINT: OpenSSL's */
{
    struct outside *o = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    struct host *h = name ? find_host(o, span_from(name)) : NULL;
    (void)alert;
    if (!h || h->days == NO_CERT)
        return SSL_TLSEXT_ERR_OK;
    X509 *cert = cert_of(o, h);
    if (cert && SSL_use_certificate(ssl, cert) == 1 && SSL_add1_chain_cert(ssl, o->issuer) == 1)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool make_tls(struct outside *o, const char *ca_out, struct err *err)
{
    struct strbuf pem = STRBUF_INIT(65536);
    o->key = EVP_EC_gen("P-256");
    o->ca_key = EVP_EC_gen("P-256");
    struct tls_cert c = {.key = o->ca_key,
                         .name = "Made-up Root",
                         .issuer_key = o->ca_key,
                         .serial = 1,
                         .from_s = o->epoch_s - 3650 * DAY_S,
                         .until_s = o->epoch_s + 3650 * DAY_S};
    o->ca = o->key && o->ca_key ? tls_certificate(&c) : NULL;
    c.name = "R11";
    c.issuer = o->ca;
    c.serial = 2;
    o->issuer = o->ca ? tls_certificate(&c) : NULL;
    c = (struct tls_cert){.key = o->key,
                          .name = "TRAEFIK DEFAULT CERT",
                          .alternatives = "DNS:made-up.traefik.default",
                          .issuer_key = o->key,
                          .serial = 3,
                          .from_s = o->epoch_s - ISSUED_S,
                          .until_s = o->epoch_s + 335 * DAY_S};
    X509 *usual = o->issuer ? tls_certificate(&c) : NULL;
    o->tls = SSL_CTX_new(TLS_server_method());
    bool ok = usual && o->tls && SSL_CTX_use_certificate(o->tls, usual) == 1 &&
              SSL_CTX_use_PrivateKey(o->tls, o->key) == 1 && tls_pem(o->ca, &pem);
    if (ok) {
        (void)SSL_CTX_set_tlsext_servername_callback(o->tls, choose);
        (void)SSL_CTX_set_tlsext_servername_arg(o->tls, o);
    }
    X509_free(usual);
    ok = ok ? file_replace(ca_out, strbuf_span(&pem), err)
            : err_set(err, ERR_IO, "cannot make the certificates of public hosts");
    strbuf_clear(&pem);
    return ok;
}

/* ---- Sockets. */

static int listen_at(int type, int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)*port)};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
        (type == SOCK_DGRAM || listen(fd, GUESTS_MAX) == 0) &&
        getsockname(fd, (struct sockaddr *)&a, &len) == 0) {
        *port = ntohs(a.sin_port);
        return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* One port that is free for both. */
static bool open_sockets(struct outside *o, struct err *err)
{
    for (int tries = 0; tries < 100; tries++) {
        o->port = 0;
        o->udp = listen_at(SOCK_DGRAM, &o->port);
        o->tcp = o->udp >= 0 ? listen_at(SOCK_STREAM, &o->port) : -1;
        if (o->tcp >= 0)
            return true;
        if (o->udp >= 0)
            (void)close(o->udp);
        o->udp = -1;
    }
    return err_code(err, ERR_IO, errno, "cannot listen for public hosts: %s", strerror(errno));
}

struct outside *outside_new(struct server *server, const char *ca_out, int64_t epoch_ms,
                            struct err *err)
{
    struct outside *o = xalloc_zero(1, sizeof(*o));
    struct strbuf path = STRBUF_INIT(8192);
    o->server = server;
    o->epoch_s = epoch_ms / 1000;
    o->tcp = o->udp = -1;
    for (size_t i = 0; i < GUESTS_MAX; i++)
        o->guests[i].fd = -1;
    strbuf_addf(&path, "%s/outside/world.yaml", server->folder);
    struct yaml_doc *doc = yaml_load(strbuf_cstr(&path), err);
    strbuf_clear(&path);
    if (doc) {
        const struct yaml_node *hosts = yaml_get(yaml_root(doc, 0), "hosts");
        o->names = names_load(yaml_get(yaml_root(doc, 0), "zones"));
        o->images = images_load(yaml_get(yaml_root(doc, 0), "images"),
                                yaml_text(yaml_root(doc, 0), "login", ""));
        for (const struct yaml_node *n = hosts ? hosts->first : NULL; n; n = n->next)
            add_host(o, n);
    }
    o->aws = doc ? aws_load(server->folder, err) : NULL;
    bool ok = o->aws && make_tls(o, ca_out, err) && open_sockets(o, err);
    yaml_doc_free(doc);
    if (ok)
        return o;
    outside_free(o);
    return NULL;
}

static void guest_end(struct guest *g)
{
    SSL_free(g->ssl);
    (void)close(g->fd);
    strbuf_clear(&g->in);
    strbuf_clear(&g->out);
    *g = (struct guest){.fd = -1};
}

void outside_free(struct outside *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < GUESTS_MAX; i++)
        if (o->guests[i].fd >= 0)
            guest_end(&o->guests[i]);
    for (size_t i = 0; i < o->count; i++) {
        free(o->hosts[i].name);
        free(o->hosts[i].location);
        free(o->hosts[i].bearer);
        free(o->hosts[i].sign_in);
        X509_free(o->hosts[i].cert);
    }
    free(o->hosts);
    free(o->hangs);
    names_free(o->names);
    images_free(o->images);
    aws_free(o->aws);
    SSL_CTX_free(o->tls);
    X509_free(o->issuer);
    X509_free(o->ca);
    EVP_PKEY_free(o->key);
    EVP_PKEY_free(o->ca_key);
    if (o->tcp >= 0)
        (void)close(o->tcp);
    if (o->udp >= 0)
        (void)close(o->udp);
    free(o);
}

int outside_port(const struct outside *o)
{
    return o ? o->port : 0;
}

/* ---- Guests. */

static void greet(struct outside *o)
{
    const int room = (int)BODY_MAX, on = 1;
    for (size_t i = 0; i < GUESTS_MAX; i++) {
        struct guest *g = &o->guests[i];
        if (g->fd >= 0)
            continue;
        g->fd = accept4(o->tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        g->in = (struct strbuf)STRBUF_INIT(HEAD_MAX);
        g->out = (struct strbuf)STRBUF_INIT(BODY_MAX);
        if (g->fd < 0)
            return;
        (void)setsockopt(g->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
        (void)setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* see conn.c */
    }
}

static bool may_go_on(const struct guest *g, int result)
{
    int why = SSL_get_error(g->ssl, result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

/* 22 is how a TLS record of a handshake begins. False: it has gone, or not spoken yet. */
static bool know(struct outside *o, struct guest *g, bool *over)
{
    char first;
    ssize_t n = recv(g->fd, &first, 1, MSG_PEEK);
    *over = n == 0 || (n < 0 && errno != EAGAIN);
    if (n != 1)
        return false;
    g->known = true;
    if (first != 22)
        return true;
    g->ssl = SSL_new(o->tls);
    (void)SSL_set_fd(g->ssl, g->fd);
    SSL_set_accept_state(g->ssl);
    return true;
}

static struct span host_asked(struct span head)
{
    struct span line = head_value(head, "host");
    line.len = span_find(line, ':', 0);
    return line;
}

static struct outside_ask ask_of(struct span head)
{
    struct span line = span_sub(head, 0, span_find(head, '\r', 0));
    struct outside_ask a = {.authorization = head_value(head, "authorization")};
    (void)(span_split(&line, ' ', &a.method) && span_split(&line, ' ', &a.target));
    return a;
}

/* What came behind the head. */
static struct span body_asked(struct span request)
{
    size_t end = span_search(request, SPAN("\r\n\r\n"), false);
    return span_sub(request, end + 4, request.len);
}

/* Its head, and as much behind it as that announces. */
static bool is_whole(struct span request)
{
    int64_t len = 0;
    size_t end = span_search(request, SPAN("\r\n\r\n"), false);
    struct span head = span_sub(request, 0, end + 2);
    (void)!number_parse(head_value(head, "content-length"), 0, HEAD_MAX, &len);
    return end < request.len && body_asked(request).len >= (size_t)len;
}

static void say(struct guest *g, int status, const char *type, struct span body)
{
    strbuf_addf(&g->out,
                "HTTP/1.1 %d -\r\nConnection: close\r\nContent-Type: %s\r\n"
                "Content-Length: %zu\r\n\r\n",
                status, type, body.len);
    strbuf_add(&g->out, body);
}

/* A host with an API: what it was told to answer. */
static bool answer_api(const struct outside *o, const struct host *h, const struct outside_ask *a,
                       struct span head, struct guest *g)
{
    static const char json[] = "application/vnd.api+json";
    struct strbuf body = STRBUF_INIT(ANSWER_MAX);
    bool terraform = strcmp(h->name, TERRAFORM_HOST) == 0;
    int status = 0;
    struct span token = span_sub(a->authorization, strlen("Bearer "), a->authorization.len);
    struct canned c;
    if (!answers_has(o->server->answers, "services", SPAN("outside"), span_from(h->name)))
        return false;
    if (h->bearer[0] && !span_is(token, h->bearer)) {
        say(g, 401, json, SPAN("{\"errors\":[{\"status\":\"401\",\"title\":\"unauthorized\"}]}"));
    } else if (terraform && (status = terraform_answer(o->server, a->method, a->target,
                                                       body_asked(head), &body)) != 0) {
        say(g, status, json, strbuf_span(&body));
    } else if (answers_find(o->server->answers, "services", SPAN("outside"), span_from(h->name),
                            a->target, head, &c)) {
        command_times(o->server, c.body, &body);
        if (terraform)
            terraform_overlay(o->server, &body);
        say(g, c.status, c.type, strbuf_span(&body));
    } else {
        say(g, 404, json, SPAN("{\"errors\":[{\"status\":\"404\",\"title\":\"not found\"}]}"));
    }
    strbuf_clear(&body);
    return true;
}

static bool hangs(const struct outside *o, struct span host)
{
    char name[256];
    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(host));
    return o->hangs && fnmatch(o->hangs, name, FNM_EXTMATCH) == 0;
}

static void answer(struct outside *o, struct guest *g)
{
    struct span head = strbuf_span(&g->in), host = host_asked(head);
    const struct host *h = find_host(o, host);
    const struct outside_ask a = ask_of(head);
    asked_line(o->server->asked, "%.*s %.*s%.*s", SPAN_ARG(a.method), SPAN_ARG(host),
               SPAN_ARG(a.target));
    g->hung = hangs(o, host);
    if (g->hung)
        return;
    if (aws_is(host)) {
        aws_answer(o->aws, host, head, o->now_ms, &g->out);
        return;
    }
    if (h && h->status == 200 && images_have(o->images, h->name)) {
        images_answer(o->images, h->name, &a, &g->out);
        return;
    }
    if (h && h->status == 200 && answer_api(o, h, &a, head, g))
        return;
    bool signs_in = h && h->sign_in[0] && span_starts(a.target, SIGN_IN);
    const char *location = signs_in ? h->sign_in : h ? h->location : "";
    strbuf_addf(&g->out, "HTTP/1.1 %lld -\r\nConnection: close\r\nContent-Length: 0\r\n",
                signs_in ? 302
                : h      ? (long long)h->status
                         : 404);
    if (location[0])
        strbuf_addf(&g->out, "Location: %s\r\n", location);
    strbuf_adds(&g->out, "\r\n");
}

/* True: more may come. */
static bool read_some(struct guest *g)
{
    char *to = strbuf_reserve(&g->in, 2048);
    if (!to)
        return false;
    int n = g->ssl ? SSL_read(g->ssl, to, 2048) : (int)recv(g->fd, to, 2048, 0);
    if (n > 0)
        strbuf_commit(&g->in, (size_t)n);
    return n > 0 || (g->ssl ? may_go_on(g, n) : n < 0 && errno == EAGAIN);
}

/* False: it is over. An answer fits into the socket's buffer. */
static bool guest_turn(struct outside *o, struct guest *g)
{
    bool over = false;
    ERR_clear_error();
    if (!g->known && !know(o, g, &over))
        return !over;
    if (g->ssl && !g->greeted) {
        int result = SSL_do_handshake(g->ssl);
        if (result != 1)
            return may_go_on(g, result);
        g->greeted = true;
    }
    if (!read_some(g))
        return false;
    if (!is_whole(strbuf_span(&g->in)))
        return true;
    if (!g->hung)
        answer(o, g);
    if (g->hung)
        return true; /* until it goes */
    if (g->ssl) {
        (void)SSL_write(g->ssl, g->out.data, (int)g->out.len);
        (void)SSL_shutdown(g->ssl);
    } else {
        ssize_t sent = send(g->fd, g->out.data, g->out.len, MSG_NOSIGNAL);
        (void)sent;
    }
    return false;
}

static void answer_names(const struct outside *o)
{
    char bytes[1500];
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    ssize_t n;
    while ((n = recvfrom(o->udp, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len)) > 0) {
        struct strbuf out = STRBUF_INIT(4096);
        asked_line(o->server->asked, "DNS: opcode %d", n > 2 ? bytes[2] >> 3 & 15 : -1);
        if (!hangs(o, SPAN("dns")))
            names_answer(o->names, span_make(bytes, (size_t)n), &out);
        if (out.len)
            (void)sendto(o->udp, out.data, out.len, 0, (struct sockaddr *)&from, len);
        strbuf_clear(&out);
        len = sizeof(from);
    }
}

nfds_t outside_poll(const struct outside *o, struct pollfd *fds, nfds_t n)
{
    if (!o)
        return n;
    fds[n++] = (struct pollfd){.fd = o->tcp, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = o->udp, .events = POLLIN};
    for (size_t i = 0; i < GUESTS_MAX; i++)
        if (o->guests[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = o->guests[i].fd, .events = POLLIN};
    return n;
}

void outside_turn(struct outside *o, int64_t now_ms)
{
    if (!o)
        return;
    o->now_ms = now_ms;
    greet(o);
    answer_names(o);
    for (size_t i = 0; i < GUESTS_MAX; i++)
        if (o->guests[i].fd >= 0 && !guest_turn(o, &o->guests[i]))
            guest_end(&o->guests[i]);
}

/* ---- Changes. */

static struct span next_word(struct span *rest)
{
    struct span word = {"", 0};
    *rest = span_trim(*rest);
    if (rest->len)
        (void)span_split(rest, ' ', &word);
    return word;
}

static bool set_image(struct outside *o, struct span image, struct span value, struct err *err)
{
    struct strbuf now = STRBUF_INIT(64);
    command_times(o->server, SPAN("@now@"), &now);
    bool ok = images_set(o->images, image, value, strbuf_span(&now)) ||
              err_set(err, ERR_CONFIG, "outside: image HOST/NAME:TAG DIGEST, or HOST/NAME private");
    strbuf_clear(&now);
    return ok;
}

/* Who hangs no more has gone away. */
static void set_hangs(struct outside *o, struct span pattern)
{
    free(o->hangs);
    o->hangs = pattern.len ? xalloc_bytes(pattern.data, pattern.len) : NULL;
    for (size_t i = 0; i < GUESTS_MAX; i++)
        if (o->guests[i].fd >= 0 && o->guests[i].hung)
            guest_end(&o->guests[i]);
}

bool outside_set(struct outside *o, struct span words, int64_t now_ms, struct err *err)
{
    struct span who = next_word(&words), aws_words = span_trim(words), what = next_word(&words);
    struct host *h = o ? find_host(o, who) : NULL;
    if (o && span_is(who, "name")) {
        struct span type = next_word(&words);
        names_set(o->names, what, type, span_trim(words));
        return true;
    }
    if (o && span_is(who, "hang")) {
        set_hangs(o, aws_words);
        return true;
    }
    if (o && span_is(who, "login")) {
        images_login(o->images, what);
        return true;
    }
    if (o && span_is(who, "image"))
        return set_image(o, what, span_trim(words), err);
    if (o && !h && aws_set(o->aws, who, aws_words, now_ms))
        return true;
    if (h && span_is(what, "status") && number_parse(span_trim(words), 100, 599, &h->status))
        return true;
    if (h && (span_is(what, "location") || span_is(what, "sign-in"))) {
        char **url = span_is(what, "location") ? &h->location : &h->sign_in;
        free(*url);
        *url = xalloc_bytes(span_trim(words).data, span_trim(words).len);
        return true;
    }
    if (h && span_is(what, "days") && span_is(span_trim(words), "none")) {
        h->days = NO_CERT;
        return true;
    }
    if (h && span_is(what, "days") && number_parse(span_trim(words), -10000, 10000, &h->days)) {
        X509_free(h->cert);
        h->cert = NULL;
        h->from_s = h->until_s = 0;
        return true;
    }
    if (h && span_is(what, "valid") && set_valid(h, span_trim(words)))
        return true;
    return err_set(
        err, ERR_CONFIG,
        "outside: HOST status N, HOST days N, HOST valid FROM UNTIL, HOST location URL, HOST sign-in URL or "
        "name NAME TYPE VALUE");
}

bool outside_idle(const struct outside *o)
{
    return o && aws_idle(o->aws);
}
