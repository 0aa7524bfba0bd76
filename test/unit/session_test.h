/* What the tests of the session share: a kubeconfig, a session on it, rounds of its loop. The
 * program brings its own backends. */
#ifndef BINNACLE_TEST_UNIT_SESSION_TEST_H
#define BINNACLE_TEST_UNIT_SESSION_TEST_H

#include "app/config.h"
#include "app/session.h"
#include "base/alloc.h"
#include "base/file.h"

/* clang-format off */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
/* clang-format on */

#define PATIENCE_MS 10000

struct world {
    char folder[64], kubeconfig[96];
    struct session *session;
    struct config *config; /* of the sessions to come */
    bool once;
};

#define KUBECONFIG(token)                                               \
    "current-context: good\n"                                           \
    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n" \
    "users: [{name: u, user: {token: " token "}}]\n"                    \
    "contexts:\n"                                                       \
    "- {name: good, context: {cluster: c, user: u, namespace: shop}}\n" \
    "- {name: eu-PROD-1, context: {cluster: c, user: u}}\n"             \
    "- {name: hangs, context: {cluster: c, user: u}}\n"                 \
    "- {name: broken, context: {cluster: nowhere, user: u}}\n"

static inline int setup(void **state)
{
    struct world *w = xalloc_zero(1, sizeof(*w));
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/binnacle-test-XXXXXX");
    if (!mkdtemp(w->folder))
        return -1;
    (void)snprintf(w->kubeconfig, sizeof(w->kubeconfig), "%s/k", w->folder);
    *state = w;
    return file_replace(w->kubeconfig, SPAN(KUBECONFIG("new")), NULL) ? 0 : -1;
}

static inline int teardown(void **state)
{
    struct world *w = *state;
    session_free(w->session);
    config_free(w->config);
    (void)unlink(w->kubeconfig);
    (void)rmdir(w->folder);
    free(w);
    return 0;
}

static inline void configure(struct world *w, const char *text)
{
    struct err err;
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/config", w->folder);
    assert_true(file_replace(path, span_from(text), NULL));
    w->config = config_load(path, CONFIG_ALL, &err);
    (void)unlink(path);
    if (!w->config)
        fail_msg("%s", err.msg);
}

static inline struct session *open_session(struct world *w, const char *context)
{
    struct err err;
    const struct session_options o = {
        .kubeconfig = w->kubeconfig, .context = context, .config = w->config, .once = w->once};
    w->session = session_new(&o, &err);
    if (!w->session)
        fail_msg("%s", err.msg);
    return w->session;
}

/* One round of a loop that waits for messages. */
static inline void turn(struct session *s, int64_t end)
{
    struct pollfd in = {.fd = session_fd(s), .events = POLLIN};
    assert_true(clock_machine_ms() < end);
    (void)poll(&in, 1, 100);
    while (session_turn(s, 4000))
        ;
}

#define until(s, condition)                                             \
    for (int64_t end = clock_machine_ms() + PATIENCE_MS; !(condition);) \
    turn(s, end)

/* The same in a child, where an assert has nobody to tell. */
static inline void turn_until(struct session *s, bool (*done)(const struct session *s))
{
    for (int64_t end = clock_machine_ms() + PATIENCE_MS; !done(s);) {
        struct pollfd in = {.fd = session_fd(s), .events = POLLIN};
        (void)poll(&in, 1, 100);
        (void)session_turn(s, 4000);
        if (clock_machine_ms() > end)
            _exit(8);
    }
}

/* In a process of its own, since a thread that hangs cannot be joined: opens the context, waits
 * until it is ready, does body. */
static inline void in_child(struct world *w, const char *context,
                            bool (*ready)(const struct session *s), void (*body)(struct session *s))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        const struct session_options o = {
            .kubeconfig = w->kubeconfig, .context = context, .config = w->config};
        struct session *s = session_new(&o, &err);
        if (!s)
            _exit(9);
        turn_until(s, ready);
        body(s);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static inline void free_in_time(struct session *s)
{
    int64_t began = clock_machine_ms();
    session_free(s);
    if (clock_machine_ms() - began > 2000) /* 150 of grace, and what a busy machine takes */
        _exit(1);
}

/* For a backend: until fd is readable; -1: for ever, a poll() without an end. */
static inline void wait_fd(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
}

#endif
