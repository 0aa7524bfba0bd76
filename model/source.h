/* What the store knows of each source: its state, and the state of each kind
 * of it. Written by STATE and SYNC messages. */
#ifndef BINNACLE_MODEL_SOURCE_H
#define BINNACLE_MODEL_SOURCE_H

#include "model/message.h"

#define SOURCE_NONE UINT16_MAX
/* In store_find() and links: whichever source has it. */
#define SOURCE_ANY (UINT16_MAX - 1)

struct source_kind {
    bool wanted;       /* someone reads it; false: "not watched" */
    bool synced;       /* a whole picture arrived at least once */
    bool complete;     /* the last picture was whole */
    bool syncing;      /* between SYNC_BEGIN and SYNC_END */
    bool polled;       /* its pictures are asked for every so often; nothing is told between them */
    int64_t synced_ms; /* wall time of the last SYNC_END */
    size_t rows;       /* there are */
    uint64_t drift;    /* rows that a relist corrected though the watch was alive */
    struct source_report report;
};

struct source_info {
    const char *name;    /* "ReyemCluster": unique; owned by the store */
    const char *backend; /* "kubernetes"; borrowed, static */
    const char *cluster; /* what JSON says under "cluster"; owned by the store */
    uint16_t parent;     /* reached through this one, or SOURCE_NONE */
    bool joined;         /* made of its parent's rows: not known of when that is not */
    int64_t patience_ms; /* unheard for longer it is stale, at its usual pace; 0: not known */
    bool gone;           /* it was let go: OFF, nothing of it is wanted or known */
    const char *reach;   /* "proxy:vault/vault:8200", "" : owned by the store, as the next ones */
    const char *secret;  /* which credential, by recipe: "secret:vault/binnacle/token", "" */
    const char *missing; /* what keeps it from being read in full, "" */
    struct source_report report;
};

#endif
