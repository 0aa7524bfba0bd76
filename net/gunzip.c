/* gzip on zlib. */
#include <config.h>

#include "net/gunzip.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <zlib.h>

#define GZIP_ALONE (15 + 16)

struct gunzip {
    z_stream z;
    bool whole, broken;
    char piece[GUNZIP_PIECE];
};

struct gunzip *gunzip_new(bool checked)
{
    struct gunzip *g = alloc_try(sizeof(*g));
    if (!g)
        return NULL;
    g->z = (z_stream){.next_in = NULL};
    g->whole = g->broken = false;
    if (inflateInit2(&g->z, GZIP_ALONE) != Z_OK) {
        free(g);
        return NULL;
    }
    (void)inflateValidate(&g->z, checked);
    return g;
}

void gunzip_free(struct gunzip *g)
{
    if (!g)
        return;
    (void)inflateEnd(&g->z);
    free(g);
}

void gunzip_feed(struct gunzip *g, struct span packed)
{
    bn_assert(packed.len <= UINT32_MAX);
    g->z.next_in = (Bytef *)(uintptr_t)packed.data; /* only read */
    g->z.avail_in = (uInt)packed.len;
}

size_t gunzip_left(const struct gunzip *g)
{
    return g->z.avail_in;
}

enum gunzip_state gunzip_next(struct gunzip *g, struct span *piece)
{
    int result = Z_OK;
    g->z.next_out = (Bytef *)g->piece;
    g->z.avail_out = sizeof(g->piece);
    while (!g->broken && g->z.avail_out && result != Z_BUF_ERROR) {
        if (g->whole && !g->z.avail_in)
            break;
        if (g->whole) { /* another member follows [RFC 1952, 2.2] */
            g->whole = false;
            (void)inflateReset(&g->z);
        }
        result = inflate(&g->z, Z_NO_FLUSH); /* Z_BUF_ERROR: wants input */
        g->whole = result == Z_STREAM_END;
        g->broken = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
    }
    *piece = span_make(g->piece, sizeof(g->piece) - g->z.avail_out);
    if (piece->len)
        return GUNZIP_GIVES;
    return g->broken ? GUNZIP_BROKEN : GUNZIP_HUNGRY;
}

bool gunzip_whole(const struct gunzip *g)
{
    return g->whole;
}
