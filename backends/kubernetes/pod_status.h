/* A pod's READY, STATUS and RESTARTS as kubectl prints them, and its last death. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_POD_STATUS_H
#define BINNACLE_BACKENDS_KUBERNETES_POD_STATUS_H

#include "backends/kubernetes/object.h"

struct pod_status {
    struct span status; /* "Running", "Init:1/2", "CrashLoopBackOff", ... */
    struct span phase;
    struct condition scheduled; /* PodScheduled; its texts empty: there is none */
    int64_t ready, total;       /* containers */
    int64_t restarts;
    int64_t restarted_ms; /* of the last restart; TIME_NONE */
    int64_t started_ms;   /* of the container that has run longest; TIME_NONE: none runs */
    /* The latest end of any of its containers. */
    struct span death; /* reason: "OOMKilled"; empty: none */
    int64_t exit_code;
    int64_t died_ms;        /* TIME_NONE */
    struct span death_says; /* its termination message; empty: none */
    /* When a container last ran again after a back-off, which says that it had
     * crashed more than once in a row; TIME_NONE. */
    int64_t held_back_ms;
    struct span waiting; /* message of the container that waits; empty: none */
};

/* [kubernetes pkg/printers/internalversion/printers.go printPod] */
void pod_status(struct kube_object *o, struct pod_status *out);

#endif
