/* Columns and rules of kind_typesense: node.c writes rows, judge.c judges them. */
#ifndef BINNACLE_BACKENDS_TYPESENSE_NODE_H
#define BINNACLE_BACKENDS_TYPESENSE_NODE_H

#include "backends/typesense/typesense.h"
#include "model/store.h"

enum {
    NODE_NAME,
    NODE_STATE,
    NODE_ROLE,
    NODE_REFUSES,
    NODE_WAITING,
    NODE_MEMORY,
    NODE_DISK,
    NODE_SEARCHES,
    NODE_SEARCH_MS,
    NODE_LAG,
    NODE_DOCUMENTS,
    NODE_COLLECTIONS,
    NODE_WRITES,
    NODE_WRITE_MS,
    NODE_RELEASE,
    NODE_KEY,
    NODE_REQUESTS,
    NODE_OVERLOADED,
    NODE_QUEUED,
    NODE_INDEX,
    NODE_CPU,
    NODE_FRAGMENTED,
    NODE_DISK_USED,
    NODE_DISK_TOTAL,
    NODE_MACHINE,
    NODE_MACHINE_TOTAL,
    NODE_READS,
    NODE_WHY,
    NODE_LEADER,
    NODE_SINCE
};

enum {
    TYPESENSE_SILENT,
    TYPESENSE_BROKEN,
    TYPESENSE_NO_LEADER,
    TYPESENSE_NOT_READY,
    TYPESENSE_REFUSES,
    TYPESENSE_NO_READS,
    TYPESENSE_BACKLOG,
    TYPESENSE_DISK_FULL,
    TYPESENSE_MEMORY_FULL,
    TYPESENSE_LOADING_LONG,
    TYPESENSE_BEHIND,
    TYPESENSE_WAITING,
    TYPESENSE_OVERLOADED,
    TYPESENSE_DISK,
    TYPESENSE_MEMORY,
    TYPESENSE_KEY_REFUSED,
    TYPESENSE_LOADING,
    TYPESENSE_RULES
};

extern const struct rule typesense_rules[TYPESENSE_RULES];
struct verdict typesense_judge(const struct store *st, struct handle row, int64_t now_ms);
void typesense_sentence(const struct store *st, struct handle row, const struct verdict *v,
                        int64_t now_ms, struct strbuf *out);

#endif
