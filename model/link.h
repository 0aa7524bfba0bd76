/* Typed references between rows. Stored as (type, target kind, target key) and
 * never resolved: reading looks the target up. */
#ifndef BINNACLE_MODEL_LINK_H
#define BINNACLE_MODEL_LINK_H

#include "base/span.h"

enum link_type {
    LINK_OWNER,       /* pod -> its ReplicaSet or workload; job -> cronjob */
    LINK_NODE,        /* pod -> node */
    LINK_SERVICE,     /* endpoint slice -> service; route -> service behind it */
    LINK_POD,         /* endpoint slice -> pod that serves */
    LINK_MIDDLEWARE,  /* route -> middleware; not EXPECTED: one of those a name may mean */
    LINK_CLAIM,       /* pod -> PVC */
    LINK_VOLUME,      /* PVC -> PV */
    LINK_CLASS,       /* PVC, PV -> storage class; ingress -> class */
    LINK_SECRET,      /* pod, route, ingress -> Secret */
    LINK_CONFIG,      /* pod -> ConfigMap */
    LINK_ENVIRONMENT, /* pod -> Secret, ConfigMap whose values it took when it started */
    LINK_STORE,       /* ExternalSecret -> its SecretStore */
    LINK_PATH,        /* ExternalSecret -> a path of a Vault */
    LINK_ISSUER,      /* Certificate -> Issuer */
    LINK_MANAGES,     /* Application -> what it has deployed */
    LINK_PROJECT,     /* Application -> AppProject */
    LINK_ROUTE,       /* what is seen of a host from outside -> the routes that name it */
    LINK_ABOUT,       /* event -> the object it speaks of */
    LINK_RECORD,      /* DNS record -> what external-dns has made it for */
    LINK_NAMESPACE,   /* anything -> its namespace */
    LINK_BACKUP,      /* backup -> the cluster it is of, its schedule */
    LINK_STORED,      /* backup -> its objects in S3, their bucket */
    LINK_RESTORE,     /* restore -> the backup it starts from, the cluster it writes */
    LINK_OPTION,      /* route -> TLS options, transport to its servers */
    LINK_ALERT,       /* alert -> what its labels name */
    LINK_LOADED,      /* route, middleware -> what the proxy has made of it */
    LINK_PART,        /* what is made of other rows -> each of these */
    LINK_SIGN_IN,     /* a public host -> the proxy at which its visitors sign in */
    LINK_IMAGE,       /* pod -> an image, where its registry is looked at */
    LINK_FILLED,      /* where binary logs go -> what collects them */
    LINK_REDIRECT,    /* a public host -> another that its redirects lead through */
    LINK_KEPT,        /* a custom resource -> what acts on it and says how it is */
    LINK_TYPE_COUNT
};

enum link_flag {
    LINK_AFFECTS = 1 << 0,  /* a change of the target judges this row again */
    LINK_EXPECTED = 1 << 1, /* the target should exist: "missing" is worth saying */
};

struct link_info {
    const char *name;    /* "owner" */
    const char *title;   /* read from this row: "owned by" */
    const char *reverse; /* read from the target: "owns" */
};

const struct link_info *link_info(enum link_type type);

struct link {
    enum link_type type;
    unsigned flags;   /* enum link_flag */
    struct span kind; /* target's kind name, "pod"; borrowed */
    struct span key;  /* target's key, "ns/name"; borrowed */
};

#endif
