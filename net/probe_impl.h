/* What the files of probes share. Not for others. */
#ifndef BINNACLE_NET_PROBE_IMPL_H
#define BINNACLE_NET_PROBE_IMPL_H

#include "net/probe.h"

#include <sys/socket.h>

enum probe_place {
    PROBE_PLACE_PUBLIC,
    PROBE_PLACE_PRIVATE, /* of somebody's own network */
    PROBE_PLACE_NEVER,   /* this machine, link-local, multicast, reserved */
};

enum probe_place probe_place(const struct sockaddr *address);
/* "169.254.169.254" */
void probe_address_text(const struct sockaddr *address, char *out, size_t size);

/* URLs in the order in which they were asked. */
struct trail {
    char *urls[PROBE_REDIRECTS + 1]; /* owned */
    size_t count;
};

void trail_add(struct trail *t, const char *url); /* of too many the last are left out */
void trail_clear(struct trail *t);
/* True: to ask this one too leads round and round, through these hosts, with PROBE_BETWEEN between. */
bool trail_closes(const struct trail *t, const char *url, char *hosts, size_t size);

/* Reads what stands behind "?" of a redirect to url, which is as it may be shown. */
void probe_sign_in(struct span query, const char *url, struct probe_sign_in *out);

#endif
