/* Faults that are asked for by the control socket or a scenario: of answers
 * (status, delay, stall, html, garbage) and of bytes (cut, slow, silence). */
#ifndef BINNACLE_HARBOR_FAULT_H
#define BINNACLE_HARBOR_FAULT_H

#include "base/err.h"
#include "base/span.h"

#define FAULTS_MAX 32

enum fault_type {
    FAULT_STATUS,
    FAULT_DELAY,
    FAULT_STALL,
    FAULT_RESET,
    FAULT_CUT,
    FAULT_SLOW,
    FAULT_SILENCE,
    FAULT_HTML,
    FAULT_GARBAGE,
    FAULT_GOAWAY
};

struct fault {
    enum fault_type type;
    char method[12];  /* "": any */
    char prefix[256]; /* of the path and query */
    int64_t number;   /* status, ms, bytes, bytes a second */
    int64_t left;     /* how often more; < 0: always */
};

struct faults {
    struct fault list[FAULTS_MAX];
    size_t count;
};

/* "[METHOD] PREFIX status=503 count=2" */
bool fault_add(struct faults *f, struct span text, struct err *err);
void fault_clear(struct faults *f);
/* The first that fits, used up by one; NULL: none. */
const struct fault *fault_take(struct faults *f, const char *method, struct span target);

#endif
