/* c-ares behind questions: a channel for the resolver, one for each name server. */
#include <config.h>

#include "net/dns.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "net/probe_impl.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS   2000
#define TRIES        2
#define SOCKETS_MAX  256
#define CHANNELS_MAX 64 /* who serves zones that change their name servers all the time */

struct channel {
    struct channel *next;
    struct dns *dns;
    char *server; /* owned; NULL: the resolver */
    ares_channel ares;
    bool forbidden;
};

struct question {
    struct question *next;
    struct dns *dns;
    dns_fn *fn; /* NULL: nobody wants the answer */
    void *context;
    bool answered;
    enum dns_outcome outcome;
    const char *says;
    struct dns_message *message; /* owned; NULL */
};

struct socket {
    ares_socket_t fd;
    struct channel *channel;
    short events;
};

struct dns {
    int timeout_ms;
    bool private_too;
    struct channel *channels; /* the resolver's is the last */
    size_t nchannels;
    struct question *questions;
    struct socket sockets[SOCKETS_MAX];
    size_t nsockets;
    uint64_t asked, bytes;
};

/* ---- Channels. */

static void on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct channel *c = context;
    struct dns *d = c->dns;
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    size_t i = 0;
    while (i < d->nsockets && d->sockets[i].fd != fd)
        i++;
    if (!events && i < d->nsockets)
        d->sockets[i] = d->sockets[--d->nsockets];
    else if (events && i < SOCKETS_MAX) /* those beyond are asked again when their time is up */
        d->sockets[i] = (struct socket){fd, c, events};
    if (events && i == d->nsockets && i < SOCKETS_MAX)
        d->nsockets++;
}

static struct channel *channel_new(struct dns *d, const char *server, struct err *err)
{
    struct channel *c = xalloc_zero(1, sizeof(*c));
    struct ares_options o = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
        .timeout = d->timeout_ms,
        .tries = TRIES,
        .ednspsz = 1232,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = c,
    };
    if (d->channels) /* a name server, whose own word is wanted, whatever it is */
        o.flags |= ARES_FLAG_NORECURSE | ARES_FLAG_NOCHECKRESP;
    c->dns = d;
    c->server = server ? xalloc_text(server) : NULL;
    int why = ares_init_options(&c->ares, &o,
                                ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                    ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);
    if (why == ARES_SUCCESS && server)
        why = ares_set_servers_ports_csv(c->ares, server);
    if (why == ARES_SUCCESS) {
        c->next = d->channels;
        d->channels = c;
        d->nchannels++;
        return c;
    }
    if (c->ares)
        ares_destroy(c->ares);
    (void)err_set(err, ERR_CONFIG, "name server %s: %s", server ? server : "of the system",
                  ares_strerror(why));
    free(c->server);
    free(c);
    return NULL;
}

struct dns *dns_new(const struct dns_options *o, struct err *err)
{
    struct dns *d = xalloc_zero(1, sizeof(*d));
    d->timeout_ms = o->timeout_ms ? o->timeout_ms : TIMEOUT_MS;
    d->private_too = o->private_too;
    if (channel_new(d, o->resolver, err))
        return d;
    dns_free(d);
    return NULL;
}

static void question_free(struct question *q)
{
    free(q->message);
    free(q);
}

void dns_free(struct dns *d)
{
    if (!d)
        return;
    for (struct question *q = d->questions; q; q = q->next)
        q->fn = NULL;
    while (d->channels) {
        struct channel *c = d->channels;
        d->channels = c->next;
        ares_destroy(c->ares); /* ends its questions, each by its callback */
        free(c->server);
        free(c);
    }
    while (d->questions) {
        struct question *q = d->questions;
        d->questions = q->next;
        question_free(q);
    }
    free(d);
}

/* Whether a name server's address may be asked: not this machine's, nor a private one. */
static bool may_ask(const struct dns *d, const char *server)
{
    char host[64];
    struct span text = span_from(server);
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    size_t from = text.len && text.data[0] == '[' ? 1 : 0;
    size_t end = from ? span_find(text, ']', 0) : span_find_last(text, ':');
    (void)snprintf(host, sizeof(host), "%.*s", SPAN_ARG(span_sub(text, from, end - from)));
    enum probe_place place = PROBE_PLACE_NEVER;
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
        place = probe_place((const struct sockaddr *)&in);
    else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
        place = probe_place((const struct sockaddr *)&in6);
    return place == PROBE_PLACE_PUBLIC || (place == PROBE_PLACE_PRIVATE && d->private_too);
}

/* ---- Answers. */

static void note_status(struct question *q, int status)
{
    switch (status) {
    case ARES_ETIMEOUT:
        q->outcome = DNS_SILENT;
        q->says = "no answer in time";
        break;
    case ARES_ECONNREFUSED:
        q->outcome = DNS_SILENT;
        q->says = "nothing answers there, or it refuses";
        break;
    case ARES_ESERVFAIL:
        q->outcome = DNS_FAILED;
        q->says = "SERVFAIL";
        break;
    case ARES_EREFUSED:
        q->outcome = DNS_REFUSED;
        q->says = "REFUSED";
        break;
    case ARES_EBADNAME:
        q->outcome = DNS_NO_NAME;
        q->says = "it is no name";
        break;
    default:
        q->outcome = DNS_FAILED;
        q->says = "its answer cannot be read";
    }
}

static void note_message(struct question *q)
{
    static const struct {
        int rcode;
        enum dns_outcome outcome;
        const char *says;
    } codes[] = {
        {0, DNS_FINE, ""},          {2, DNS_FAILED, "SERVFAIL"}, {3, DNS_NO_NAME, "NXDOMAIN"},
        {4, DNS_REFUSED, "NOTIMP"}, {5, DNS_REFUSED, "REFUSED"},
    };

    q->outcome = DNS_FAILED;
    q->says = "an odd answer";
    for (size_t i = 0; i < BN_COUNT(codes); i++) {
        if (codes[i].rcode != q->message->rcode)
            continue;
        q->outcome = codes[i].outcome;
        q->says = codes[i].says;
    }
    if (q->outcome == DNS_FINE && q->message->count == 0) {
        q->outcome = DNS_NOTHING;
        q->says = "no such record";
    }
}

static void on_answer(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
    struct question *q = context;
    (void)timeouts;
    q->answered = true;
    if (!q->fn)
        return;
    note_status(q, status);
    if (!bytes || len <= 0)
        return;
    q->dns->bytes += (uint64_t)len;
    q->message = xalloc_zero(1, sizeof(*q->message));
    if (dns_message_read(span_make((const char *)bytes, (size_t)len), q->message, NULL)) {
        note_message(q);
        return;
    }
    free(q->message);
    q->message = NULL;
}

/* ---- Asking. */

static struct question *question_new(struct dns *d, dns_fn *fn, void *context)
{
    struct question *q = xalloc_zero(1, sizeof(*q));
    *q = (struct question){.next = d->questions, .dns = d, .fn = fn, .context = context};
    d->questions = q;
    return q;
}

static void ask(struct channel *c, const char *name, enum dns_type type, struct question *q)
{
    c->dns->asked++;
    ares_query(c->ares, name, 1, (int)type, on_answer, q);
}

void dns_ask(struct dns *d, const char *name, enum dns_type type, dns_fn *fn, void *context)
{
    struct channel *c = d->channels;
    while (c->next)
        c = c->next;
    ask(c, name, type, question_new(d, fn, context));
}

void dns_ask_at(struct dns *d, const char *server, bool mapped, const char *name,
                enum dns_type type, dns_fn *fn, void *context)
{
    struct question *q = question_new(d, fn, context);
    struct channel *c = d->channels;
    while (c->next && strcmp(c->server, server) != 0)
        c = c->next;
    if (!mapped && !may_ask(d, server)) {
        q->answered = true;
        q->outcome = DNS_FORBIDDEN;
        q->says = "it is at an address that is not asked";
        return;
    }
    if (!c->next)
        c = d->nchannels < CHANNELS_MAX ? channel_new(d, server, NULL) : NULL;
    if (c) {
        ask(c, name, type, q);
        return;
    }
    q->answered = true;
    note_status(q, ARES_EBADSTR);
}

void dns_forget(struct dns *d, const void *context)
{
    for (struct question *q = d->questions; q; q = q->next)
        if (q->context == context)
            q->fn = NULL;
}

/* ---- Working. */

/* Hands on what was answered; true when there was any. */
static bool hand_on(struct dns *d)
{
    bool any = false;
    struct question **at = &d->questions;
    while (*at) {
        struct question *q = *at;
        if (!q->answered) {
            at = &q->next;
            continue;
        }
        *at = q->next;
        if (q->fn) {
            const struct dns_answer answer = {q->outcome, q->message, q->says};
            q->fn(q->context, &answer);
            any = true;
            at = &d->questions; /* others may have come, before it */
        }
        question_free(q);
    }
    return any;
}

static int wait_of(const struct dns *d, int timeout_ms)
{
    for (const struct channel *c = d->channels; c; c = c->next) {
        struct timeval most = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
        struct timeval tv, *left = ares_timeout(c->ares, &most, &tv);
        int ms = (int)(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
        timeout_ms = ms < timeout_ms ? ms : timeout_ms;
    }
    return timeout_ms;
}

void dns_turn(struct dns *d, int timeout_ms, int fd)
{
    struct pollfd fds[SOCKETS_MAX + 1];
    struct socket sockets[SOCKETS_MAX];
    size_t n = d->nsockets;
    if (hand_on(d))
        return;
    for (size_t i = 0; i < n; i++) {
        sockets[i] = d->sockets[i]; /* they come and go while they are worked on */
        fds[i] = (struct pollfd){.fd = sockets[i].fd, .events = sockets[i].events};
    }
    fds[n] = (struct pollfd){.fd = fd, .events = POLLIN};
    (void)poll(fds, (nfds_t)n + 1, wait_of(d, timeout_ms));
    for (size_t i = 0; i < n; i++)
        if (fds[i].revents)
            ares_process_fd(sockets[i].channel->ares,
                            fds[i].revents & ~POLLOUT ? sockets[i].fd : ARES_SOCKET_BAD,
                            fds[i].revents & POLLOUT ? sockets[i].fd : ARES_SOCKET_BAD);
    for (struct channel *c = d->channels; c; c = c->next)
        ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what was too slow */
    (void)hand_on(d);
}

void dns_figures(const struct dns *d, uint64_t *questions, uint64_t *bytes)
{
    *questions = d->asked;
    *bytes = d->bytes;
}
