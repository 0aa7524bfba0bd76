/* Login plug-ins: runs the command of a kubeconfig's `exec` and reads the
 * ExecCredential it prints.
 * [client-go plugin/pkg/client/auth/exec/exec.go] */
#ifndef BINNACLE_NET_EXEC_PLUGIN_H
#define BINNACLE_NET_EXEC_PLUGIN_H

#include "net/kubeconfig.h"

#define EXEC_PLUGIN_MS         60000
#define EXEC_PLUGIN_OUTPUT_MAX ((size_t)1 << 20)
#define EXEC_PLUGIN_STDERR_MAX ((size_t)16 << 10)

/* What a plug-in gave. Secrets: release with exec_answer_wipe(). */
struct exec_answer {
    char *token;              /* owned; NULL: none */
    char *cert_pem, *key_pem; /* owned; both or none */
    int64_t expires_ms;       /* wall time; TIME_FOREVER when not said */
};

void exec_answer_wipe(struct exec_answer *answer);

struct exec_plugin_options {
    const struct kube_exec *exec;
    const struct kube_cluster *cluster; /* for KUBERNETES_EXEC_INFO; NULL: not told */
    const char *name;                   /* for sentences: "login of user oidc" */
    int deadline_ms;                    /* 0: EXEC_PLUGIN_MS */
    int cancel_fd;                      /* readable kills it; -1: none */
    int64_t now_ms;                     /* wall time, to see tokens that have expired already */
};

/* Runs it captured: stdin is /dev/null, output ends in memory, its process group is killed on
 * time-out or cancel. A plug-in that must have the terminal (interactiveMode Always) is not run:
 * ERR_AUTH with the way out (":login"). Any thread; waits. False: ERR_AUTH, ERR_TIMEOUT,
 * ERR_CANCELLED, ERR_CONFIG (not found; with its install hint). */
bool exec_plugin_run(const struct exec_plugin_options *options, struct exec_answer *answer,
                     struct err *err) BN_MUST_USE;
/* Runs it on this process' terminal (stdin and stderr are inherited, stdout is read): the caller
 * has left the screen. No deadline unless deadline_ms is given. */
bool exec_plugin_run_on_terminal(const struct exec_plugin_options *options,
                                 struct exec_answer *answer, struct err *err) BN_MUST_USE;

#endif
