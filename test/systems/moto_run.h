/* moto, a stand-in for AWS, as a child of a test. */
#ifndef BINNACLE_TEST_SYSTEMS_MOTO_RUN_H
#define BINNACLE_TEST_SYSTEMS_MOTO_RUN_H

#include "base/strbuf.h"

#include <stdio.h>

struct moto {
    int pid; /* 0: not running */
    FILE *to, *from;
    char origin[64]; /* "http://127.0.0.1:PORT" */
    char answer[65536];
};

/* False: it is not to be had here, and the test had better be skipped. */
bool moto_start(struct moto *m) BN_MUST_USE;
void moto_stop(struct moto *m);
/* An order as moto_serve.py has them; fails when moto does. Its answer, until the next one. */
const char *moto_do(struct moto *m, const char *fmt, ...) BN_PRINTF(2, 3);
/* A text member of an answer: of "AccessKeyId", its value, copied. */
void moto_member(const char *answer, const char *name, char *out, size_t size);

#endif
