/* Recorded exchanges with a real API server, and how an answer differs from one. */
#ifndef BINNACLE_TEST_SYSTEMS_HARBOR_RECORDED_H
#define BINNACLE_TEST_SYSTEMS_HARBOR_RECORDED_H

#include "test/systems/harbor_run.h"

#include <cjson/cJSON.h>

struct recorded {
    const char *name;                     /* of the file; borrowed */
    char *method, *target, *lines, *body; /* the request; owned */
    int status;
    struct strbuf head, answer;
};

/* Reads test/data/recorded/NAME. */
void recorded_read(struct recorded *r, const char *name);
void recorded_done(struct recorded *r);

/* Compares and says each difference with the recording's name and the path of
 * the value; how many there are. */
struct comparison {
    const char *name;  /* of the recording */
    bool keys_ordered; /* the order of keys counts */
    unsigned differences;
};

/* Status, the headers that matter, and the body (JSON, or its bytes). */
void compare_answer(struct comparison *c, const struct recorded *r, const struct call *call);
void compare_json(struct comparison *c, const cJSON *wanted, const cJSON *got);
/* "ns/name" lists that the real server alone has; takes them out of a list. */
typedef bool (*is_theirs_fn)(const char *target, const cJSON *item);
/* The same for the items of lists, without what is only theirs. */
void compare_lists(struct comparison *c, const struct recorded *r, const struct call *call,
                   is_theirs_fn is_theirs);

#endif
