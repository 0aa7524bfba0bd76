/* A stream of bytes to a server, whatever carries it: TCP, TLS, a port-forward.
 * A stream serves one thread at a time. */
#ifndef BINNACLE_NET_STREAM_H
#define BINNACLE_NET_STREAM_H

#include "net/credential.h"
#include "net/http.h"

struct stream;

/* How long a call waits. */
struct stream_wait {
    int64_t until_ms; /* monotonic (clock_machine_ms()); TIME_FOREVER: no end */
    int cancel_fd;    /* readable ends the wait with ERR_CANCELLED; -1: none */
};

/* From now on; deadline_ms 0: no end. */
struct stream_wait stream_wait_for(int deadline_ms, int cancel_fd);
/* Milliseconds left for poll(): -1 without end. */
int stream_wait_left(const struct stream_wait *wait);
/* The same as a request's deadline_ms (net/http.h): 0 without end, never less than 1. */
int stream_wait_deadline(const struct stream_wait *wait);

/* Connects to the origin of the options, by TCP (http://) or TLS (https://) with the options' CA,
 * name and, for a credential with a certificate, that. HTTP is not spoken. A proxy is used only
 * when the options name one. NULL and *err. */
struct stream *stream_open(const struct http_options *options, const struct stream_wait *wait,
                           struct err *err) BN_MUST_USE;
/* The same to where an HTTP client would connect, through its proxy; value: the credential's, or
 * NULL. The client is borrowed until stream_close(), loses the connections it had and is not to
 * be asked meanwhile. */
struct stream *stream_connect(struct http *http, const struct credential_value *value,
                              const struct stream_wait *wait, struct err *err) BN_MUST_USE;

/* TLS with a server that a stream (taken over) leads to; *options: the CA, and the name of the
 * certificate, which must be there unless it is not verified. NULL and *err. */
struct stream_tls {
    const char *name;        /* who is asked, for sentences */
    const char *server_name; /* that the certificate must carry */
    const char *ca_file;     /* NULL: the system's CAs */
    bool insecure;           /* the certificate is not verified */
};

struct stream *stream_open_tls(struct stream *inner, const struct stream_tls *options,
                               const struct stream_wait *wait, struct err *err) BN_MUST_USE;

/* What has come, at most size bytes; *got 0: the other side has ended. What is there already is
 * given before the wait is looked at. */
bool stream_read(struct stream *stream, char *to, size_t size, size_t *got,
                 const struct stream_wait *wait, struct err *err) BN_MUST_USE;
/* All of it. */
bool stream_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                  struct err *err) BN_MUST_USE;
/* Never waits. NULL is allowed. */
void stream_close(struct stream *stream);

/* For those that make one: the first member of their own struct. */
struct stream_type {
    bool (*read)(struct stream *stream, char *to, size_t size, size_t *got,
                 const struct stream_wait *wait, struct err *err);
    bool (*write)(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                  struct err *err);
    void (*close)(struct stream *stream); /* frees it */
};

struct stream {
    const struct stream_type *type;
};

/* Waits until fd is ready for events (POLLIN, POLLOUT); what: "in the middle of ...", for the
 * sentence. False: ERR_TIMEOUT, ERR_CANCELLED. */
bool stream_poll(int fd, short events, const struct stream_wait *wait, const char *who,
                 struct err *err) BN_MUST_USE;

#endif
