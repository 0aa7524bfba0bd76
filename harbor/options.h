/* harbor's command line. */
#ifndef BINNACLE_HARBOR_OPTIONS_H
#define BINNACLE_HARBOR_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
    int port;                   /* 0: any */
    const char *kubeconfig_out; /* how to reach it is written there; NULL: nowhere */
    const char *outside_ca; /* public hosts are served, and their CA is written there; NULL: not */
    const char *control;    /* path of the control socket; NULL: none */
    const char *data;       /* folder of manifests; NULL: the platform's */
    const char *scenario;   /* name or path; NULL: none */
    int64_t epoch_ms;       /* the platform's time at the start */
    bool http1;             /* HTTP/2 is not offered */
    bool still;             /* its clock stands until it is stepped */
    int64_t nodes, pods, churn; /* a big cluster; 0: none */
    bool temporary;             /* the kubeconfig and its folder go with it */
    bool help;
};

bool options_read(struct options *o, int argc, char **argv, struct err *err);
extern const char options_usage[];

#endif
