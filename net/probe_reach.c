/* Which hosts and addresses are asked at all. Names come from rows, and rows from whoever may make
 * a route: none of them leads this machine to its own network, or to a cloud's metadata. */
#include <config.h>

#include "net/probe_impl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static bool is_label(struct span label)
{
    for (size_t i = 0; i < label.len; i++) {
        char c = label.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
            return false;
    }
    return label.len > 0 && label.len < 64 && label.data[0] != '-';
}

bool probe_may_ask(struct span host)
{
    static const char *const ours[] = {"local",   "localhost", "internal", "svc",
                                       "cluster", "lan",       "home",     "localdomain"};
    struct span rest = host, label = {"", 0};
    size_t labels = 0;
    if (!host.len || host.len > 253)
        return false;
    for (; span_split(&rest, '.', &label); labels++)
        if (!is_label(label))
            return false;
    for (size_t i = 0; i < BN_COUNT(ours); i++)
        if (span_is(label, ours[i]))
            return false;
    return labels > 1 && (label.data[0] < '0' || label.data[0] > '9');
}

bool probe_mapped(const char *addresses, const char *host, int port, char *out, size_t size)
{
    char keys[4][300];
    (void)snprintf(keys[0], sizeof(keys[0]), "%s:%d", host, port);
    (void)snprintf(keys[1], sizeof(keys[1]), "%s", host);
    (void)snprintf(keys[2], sizeof(keys[2]), "*:%d", port);
    (void)snprintf(keys[3], sizeof(keys[3]), "*");
    for (size_t i = 0; i < BN_COUNT(keys); i++) {
        struct span rest = span_from(addresses ? addresses : ""), one;
        while (rest.len && span_split(&rest, ',', &one)) {
            size_t at = span_find(one, '=', 0);
            struct span value = span_trim(span_sub(one, at + 1, one.len));
            if (at == one.len || !span_is(span_trim(span_sub(one, 0, at)), keys[i]))
                continue;
            (void)snprintf(out, size, "%.*s", SPAN_ARG(value));
            return value.len > 0 && value.len < size;
        }
    }
    return false;
}

/* ---- Addresses. */

struct range {
    uint32_t net, mask;
};

/* IANA's special-purpose registry: private ones, which may be allowed, and those that nothing
 * public ever has: this host, link-local with the clouds' metadata service, multicast, reserved. */
static const struct range private4[] = {
    {0x0a000000, 0xff000000},
    {0xac100000, 0xfff00000},
    {0xc0a80000, 0xffff0000},
    {0x64400000, 0xffc00000}, /* carrier-grade NAT */
};
static const struct range never4[] = {
    {0x00000000, 0xff000000}, {0x7f000000, 0xff000000}, {0xa9fe0000, 0xffff0000},
    {0xc0000000, 0xffffff00}, {0xe0000000, 0xe0000000},
};

static bool within(const struct range *ranges, size_t n, uint32_t address)
{
    for (size_t i = 0; i < n; i++)
        if ((address & ranges[i].mask) == ranges[i].net)
            return true;
    return false;
}

static enum probe_place place4(uint32_t address)
{
    if (within(never4, BN_COUNT(never4), address))
        return PROBE_PLACE_NEVER;
    return within(private4, BN_COUNT(private4), address) ? PROBE_PLACE_PRIVATE : PROBE_PLACE_PUBLIC;
}

static uint32_t last4(const struct in6_addr *a)
{
    return (uint32_t)a->s6_addr[12] << 24 | (uint32_t)a->s6_addr[13] << 16 |
           (uint32_t)a->s6_addr[14] << 8 | a->s6_addr[15];
}

static enum probe_place place6(const struct in6_addr *a)
{
    static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (IN6_IS_ADDR_V4MAPPED(a) || memcmp(a->s6_addr, nat64, sizeof(nat64)) == 0)
        return place4(last4(a));
    if (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x02) /* 6to4: the next four are an address */
        return place4((uint32_t)a->s6_addr[2] << 24 | (uint32_t)a->s6_addr[3] << 16 |
                      (uint32_t)a->s6_addr[4] << 8 | a->s6_addr[5]);
    if ((a->s6_addr[0] & 0xfe) == 0xfc)
        return PROBE_PLACE_PRIVATE;
    return (a->s6_addr[0] & 0xe0) == 0x20 ? PROBE_PLACE_PUBLIC : PROBE_PLACE_NEVER;
}

enum probe_place probe_place(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        (void)memcpy(&in, address, sizeof(in));
        return place4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        (void)memcpy(&in, address, sizeof(in));
        return place6(&in.sin6_addr);
    }
    return PROBE_PLACE_NEVER;
}

void probe_address_text(const struct sockaddr *address, char *out, size_t size)
{
    const void *bytes = NULL;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET) {
        (void)memcpy(&in, address, sizeof(in));
        bytes = &in.sin_addr;
    } else {
        (void)memcpy(&in6, address, sizeof(in6));
        bytes = &in6.sin6_addr;
    }
    if (!inet_ntop(address->sa_family, bytes, out, (socklen_t)size))
        out[0] = '\0';
}
