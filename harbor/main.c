/* harbor: a Kubernetes API server that is not there. One thread, one loop. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/timetext.h"
#include "harbor/answers.h"
#include "harbor/big.h"
#include "harbor/control.h"
#include "harbor/copied.h"
#include "harbor/kubelet.h"
#include "harbor/mysql.h"
#include "harbor/mysql_catalog.h"
#include "harbor/options.h"
#include "harbor/outside.h"
#include "harbor/redis.h"
#include "harbor/relay.h"
#include "harbor/revisions.h"
#include "harbor/rounds.h"
#include "harbor/said.h"
#include "harbor/scenario.h"
#include "harbor/terraform.h"
#include "harbor/tls.h"
#include "harbor/traefik.h"
#include "harbor/upstream.h"
#include "harbor/vault.h"

#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNS_MAX 256

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static bool write_kubeconfig(const struct options *o, const struct server *server,
                             const struct strbuf *ca, struct err *err)
{
    struct strbuf text = STRBUF_INIT(65536);
    unsigned char packed[16384];
    if (!o->kubeconfig_out)
        return true;
    if (ca->len > 8192)
        return err_set(err, ERR_IO, "the certificate is too long");
    (void)EVP_EncodeBlock(packed, (const unsigned char *)strbuf_cstr(ca), (int)ca->len);
    strbuf_addf(&text,
                "apiVersion: v1\nkind: Config\ncurrent-context: demo\n"
                "clusters:\n- name: demo\n  cluster:\n    server: https://127.0.0.1:%d\n"
                "    certificate-authority-data: %s\n"
                "users:\n- name: admin\n  user: {token: %s}\n- name: viewer\n  user: {token: %s}\n"
                "contexts:\n- name: demo\n  context: {cluster: demo, user: admin}\n"
                "- name: viewer\n  context: {cluster: demo, user: viewer}\n",
                server->port, (const char *)packed, TOKEN, VIEWER_TOKEN);
    bool ok = file_replace(o->kubeconfig_out, strbuf_span(&text), err);
    strbuf_clear(&text);
    return ok;
}

static bool load_data(struct server *server, const struct options *o, struct err *err)
{
    struct strbuf logs = STRBUF_INIT(8192);
    server->folder = file_data_path("harbor/data");
    strbuf_addf(&logs, "%s/containers/logs.yaml", server->folder);
    server->logs = yaml_load(strbuf_cstr(&logs), err);
    strbuf_clear(&logs);
    if (!server->logs)
        return false;
    if (o->pods || o->nodes) {
        server->big = big_new(server->folder, o->nodes, o->pods, o->churn, err);
        return server->big != NULL;
    }
    server->answers = answers_load(server->folder, err);
    if (!server->answers || !objects_load(server->objects, o->data ? o->data : server->folder, err))
        return false;
    revision_begin(server->objects);
    server->vault = vault_new(server);
    return true;
}

/* Milliseconds until something is due; -1: nothing. */
static int wait_of(const struct server *server, const struct scenario *scenario)
{
    int64_t next = server_next(server), story = scenario_next(scenario),
            now = clock_mono_ms(server->clock);
    next = story < next ? story : next;
    next = big_next(server) < next ? big_next(server) : next;
    next = relays_next(server) < next ? relays_next(server) : next;
    next =
        !server->big && rounds_next(&server->rounds) < next ? rounds_next(&server->rounds) : next;
    if (next == TIME_FOREVER)
        return -1;
    return next <= now ? 0 : next - now > 60000 ? 60000 : (int)(next - now);
}

static void turn_conns(struct server *server)
{
    for (struct conn **at = &server->conns; *at;) {
        struct conn *c = *at;
        if (!c->dead && conn_turn(c)) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        conn_free(c);
    }
}

static bool run(struct server *server, struct scenario *scenario, struct control *control,
                struct err *err)
{
    struct pollfd fds[CONTROL_FDS + 1 + CONNS_MAX + RELAYS_MAX + OUTSIDE_FDS];
    while (!stopped && !server->ended) {
        nfds_t n = CONTROL_FDS;
        control_poll(control, fds);
        fds[n++] = (struct pollfd){.fd = server->listener, .events = POLLIN};
        n = outside_poll(server->outside, fds, n);
        n = relays_poll(server, fds, n, BN_COUNT(fds) - CONNS_MAX);
        for (const struct conn *c = server->conns; c && n < BN_COUNT(fds); c = c->next) {
            short wants = (short)(POLLIN | (conn_wants_write(c) ? POLLOUT : 0));
            fds[n++] = (struct pollfd){.fd = c->silent ? -1 : c->fd, .events = wants};
        }
        (void)poll(fds, n, wait_of(server, scenario));
        if (fds[CONTROL_FDS].revents)
            server_accept(server);
        control_turn(control, server, fds);
        if (!scenario_turn(scenario, server, clock_mono_ms(server->clock), err))
            return false;
        if (server->big)
            big_turn(server);
        else
            rounds_turn(server);
        server_follow(server);
        relays_turn(server);
        outside_turn(server->outside, objects_now(server->objects));
        turn_conns(server);
    }
    return true;
}

static bool serve(struct server *server, const struct options *o, struct err *err)
{
    struct strbuf ca = STRBUF_INIT(65536);
    struct scenario *scenario = NULL;
    struct control *control = NULL;
    char epoch[TIMETEXT_MAX];
    server->tls = tls_make(o->http1, &ca, err);
    bool ok = server->tls && load_data(server, o, err) && server_listen(server, true, err) &&
              write_kubeconfig(o, server, &ca, err) &&
              (!o->temporary || !o->kubeconfig_out || copied_begin(server, o->kubeconfig_out, err));
    if (ok && o->outside_ca)
        ok = (server->outside = outside_new(server, o->outside_ca, o->epoch_ms, err)) != NULL;
    if (ok && o->scenario)
        ok = (scenario = scenario_load(o->scenario, clock_mono_ms(server->clock), err)) != NULL;
    if (ok && o->control)
        ok = (control = control_new(o->control, err)) != NULL;
    /* What a story begins with is so for whoever asks first. */
    ok = ok && scenario_turn(scenario, server, clock_mono_ms(server->clock), err);
    time_format(o->epoch_ms, epoch);
    if (ok && (printf("ready epoch=%s port=%d outside=%d\n", epoch, server->port,
                      outside_port(server->outside)) < 0 ||
               fflush(stdout) != 0))
        ok = err_set(err, ERR_IO, "cannot say that it is ready");
    ok = ok && run(server, scenario, control, err);
    scenario_free(scenario);
    control_free(control);
    strbuf_clear(&ca);
    return ok;
}

/* Whoever started it may be gone already. */
static void remove_kubeconfig(const struct options *o)
{
    char folder[4096];
    const char *slash = o->kubeconfig_out ? strrchr(o->kubeconfig_out, '/') : NULL;
    if (!o->temporary || !slash)
        return;
    (void)unlink(o->kubeconfig_out);
    if (o->outside_ca)
        (void)unlink(o->outside_ca);
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - o->kubeconfig_out),
                   o->kubeconfig_out);
    (void)rmdir(folder);
}

static void server_done(struct server *server)
{
    while (server->conns) {
        struct conn *c = server->conns;
        server->conns = c->next;
        conn_free(c);
    }
    (void)server_listen(server, false, NULL);
    relays_free(server);
    upstreams_free(server);
    disk_states_free(server);
    redis_states_free(server);
    terraform_free(server);
    mysql_states_free(server);
    mysql_catalogs_free(server);
    traefik_states_free(server);
    vault_free(server->vault);
    answers_free(server->answers);
    said_free(server);
    outside_free(server->outside);
    copied_end(server);
    big_free(server->big);
    objects_free(server->objects);
    clock_free(server->clock);
    yaml_doc_free(server->logs);
    free(server->folder);
    asked_free(server->asked);
    SSL_CTX_free(server->tls);
}

int main(int argc, char **argv)
{
    struct options o;
    struct err err;
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    bool ok = options_read(&o, argc, argv, &err);
    if (ok && o.help)
        return fputs(options_usage, stdout) < 0;
    if (ok) {
        struct server server = {
            .listener = -1, .port = o.port, .asked = asked_new(), .controlled = o.control != NULL};
        server.clock = clock_new();
        if (o.still)
            clock_stop(server.clock);
        server.objects = objects_new(server.clock, o.epoch_ms);
        ok = serve(&server, &o, &err);
        server_done(&server);
        remove_kubeconfig(&o);
    }
    if (!ok)
        (void)fprintf(stderr, "harbor: %s\n", err.msg);
    if (ok)
        return 0;
    return err.kind == ERR_CONFIG || err.kind == ERR_NOTFOUND ? 2 : 1;
}
