/* The session: sources and store, driven from one thread. */
#include <config.h>

#include "app/session.h"

#include "app/session_impl.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define QUIT_MS 150 /* what threads get to end by themselves */

struct session *session_new(const struct session_options *options, struct err *err)
{
    struct session *s = xalloc_zero(1, sizeof(*s));
    s->config = options->config;
    s->once = options->once;
    s->read_only = options->read_only;
    s->on_terminal = options->on_terminal;
    s->kubeconfig_path = options->kubeconfig ? xalloc_text(options->kubeconfig) : NULL;
    s->outside = options->outside ? xalloc_text(options->outside) : NULL;
    s->outside_ca = options->outside_ca ? xalloc_text(options->outside_ca) : NULL;
    s->asked_namespace = options->namespace_ ? xalloc_text(options->namespace_) : NULL;
    s->all_namespaces = options->all_namespaces;
    s->scope_kind = options->scope_kind;
    s->clock = clock_new();
    if (options->epoch_ms)
        clock_set_wall(s->clock, options->epoch_ms);
    s->boot_ms = clock_boot_ms(s->clock);
    s->mono_ms = clock_mono_ms(s->clock);
    catalogue_init(&s->catalogue, options->config);
    s->wants = xalloc_zero(s->catalogue.kinds.count + 1, sizeof(*s->wants));
    const struct kubeconfig_env env = kubeconfig_env_read(options->kubeconfig);
    s->kubeconfig = kubeconfig_load(&env, err);
    s->now = s->kubeconfig ? connection_open(s, options->context, err) : NULL;
    if (s->now) {
        for (size_t i = 0; i < kubeconfig_warnings(s->kubeconfig); i++)
            log_write(LOG_WARNING, "kubeconfig", "%s", kubeconfig_warning_at(s->kubeconfig, i));
        return s;
    }
    session_free(s);
    return NULL;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    answers_forget(s);
    if (s->now)
        connection_leave(s, s->now);
    s->now = NULL;
    kubeconfig_free(s->kubeconfig);
    s->kubeconfig = NULL;
    if (!connection_reap(s, QUIT_MS))
        return; /* a thread that hangs still reads clock, kinds and queues */
    clock_free(s->clock);
    free(s->kubeconfig_path);
    free(s->outside);
    free(s->outside_ca);
    free(s->asked_namespace);
    catalogue_done(&s->catalogue);
    free(s->wants);
    free(s);
}

int session_fd(const struct session *s)
{
    return inbox_fd(s->now->inbox);
}

int64_t session_next_ms(const struct session *s)
{
    int64_t next = store_next_turn(s->now->store), look = session_next_look(s);
    int64_t discover = discover_next(s->now->discover);
    look = discover < look ? discover : look;
    if (next == TIME_FOREVER)
        return look;
    int64_t wall = session_now(s), mono = clock_mono_ms(s->clock);
    int64_t due = next <= wall ? mono : mono + (next - wall);
    return due < look ? due : look;
}

static void take_message(struct session *s, struct message *m)
{
    struct err err;
    if (m->type == MESSAGE_STATE)
        sources_heard(s->now->sources, m);
    if (m->type == MESSAGE_DOCUMENT || m->type == MESSAGE_LINES)
        answers_take(s, m);
    else if (!store_apply(s->now->store, m, session_now(s), &err))
        log_write(LOG_ERROR, "store", "%s", err.msg);
}

bool session_turn(struct session *s, int64_t budget_us)
{
    int64_t start = clock_machine_us();
    struct message *m = NULL;
    bool more = false;
    (void)connection_reap(s, 0);
    session_look(s);
    while (!more && (m = inbox_pop(s->now->inbox)) != NULL) {
        take_message(s, m);
        more = !m->more && clock_machine_us() - start > budget_us;
        message_free(m);
    }
    int64_t left = budget_us - (clock_machine_us() - start);
    bool work =
        store_turn(s->now->store, session_now(s), left > budget_us / 4 ? left : budget_us / 4);
    discover_look(s->now->discover);
    return more || work;
}

struct store *session_store(const struct session *s)
{
    return s->now->store;
}

struct clock *session_clock(const struct session *s)
{
    return s->clock;
}

int64_t session_now(const struct session *s)
{
    return clock_wall_ms(s->clock);
}

const struct kind_list *session_kinds(const struct session *s)
{
    return &s->catalogue.kinds;
}

const struct system_list *session_systems(const struct session *s)
{
    return &s->catalogue.systems;
}

bool session_read_only(const struct session *s)
{
    return s->read_only;
}

const char *session_context(const struct session *s)
{
    return s->now->context;
}

const char *session_kubeconfig(const struct session *s)
{
    return s->kubeconfig_path;
}

const struct config *session_config(const struct session *s)
{
    return s->config;
}

bool session_production(const struct session *s)
{
    return s->now->production;
}

const char *session_namespace(const struct session *s)
{
    if (s->all_namespaces)
        return "";
    return s->asked_namespace ? s->asked_namespace : s->now->namespace_;
}

void session_contexts(const struct session *s, struct strbuf *out)
{
    for (size_t i = 0; i < kubeconfig_contexts(s->kubeconfig); i++)
        strbuf_addf(out, "%s\n", kubeconfig_context_at(s->kubeconfig, i)->name);
}

void session_want(struct session *s, uint16_t kind)
{
    if (s->wants[kind]++ > 0)
        return;
    connection_want(s->now, kind);
}

void session_unwant(struct session *s, uint16_t kind)
{
    bn_assert(s->wants[kind] > 0);
    if (--s->wants[kind] == 0)
        connection_unwant(s->now, kind);
}

bool session_pending(const struct session *s, uint16_t kind)
{
    return discover_pending(s->now->discover, kind);
}

bool session_fills(const struct session *s, uint16_t kind)
{
    return sources_fill(s->now->sources, kind);
}

void session_step(struct session *s, int64_t ms)
{
    clock_step(s->clock, ms);
    discover_look(s->now->discover); /* before anything new is heard */
    sources_wake(s->now->sources);
}

void session_retry(struct session *s, uint16_t source)
{
    sources_retry(s->now->sources, source);
}

void session_rest(struct session *s, bool rest)
{
    sources_set_rest(s->now->sources, rest);
}

bool session_switch(struct session *s, const char *context, struct err *err)
{
    struct connection *fresh = connection_open(s, context, err);
    if (!fresh)
        return false;
    answers_forget(s);
    connection_leave(s, s->now);
    s->now = fresh;
    s->token_time = (struct timespec){0};
    return true;
}

bool session_login(struct session *s, struct err *err)
{
    if (!credential_login(s->now->credential, err))
        return false;
    sources_retry(s->now->sources, SOURCE_ANY);
    return true;
}
