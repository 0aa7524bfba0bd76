/* The thread of a guided action. */
#include <config.h>

#include "actions/doing.h"

#include "actions/channel.h"
#include "actions/run.h"
#include "base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)1 << 20)

struct doing {
    pthread_t thread;
    int news, cancel, go; /* eventfds */
    char *kubeconfig, *context, *ns, *audit_path;
    struct clock *clock;
    struct answers answers;
    struct sites sites;

    pthread_mutex_t lock; /* what follows; never held while waiting */
    enum doing_state state;
    bool destroys;
    bool ended, left; /* the thread has nothing more to do; nobody looks on any more */
    struct strbuf text;
};

static void wake(int fd)
{
    uint64_t one = 1;
    (void)!write(fd, &one, sizeof(one));
}

static void add_line(struct doing *d, const char *text)
{
    (void)pthread_mutex_lock(&d->lock);
    strbuf_addf(&d->text, "%s\n", text);
    (void)pthread_mutex_unlock(&d->lock);
    wake(d->news);
}

static void set_state(struct doing *d, enum doing_state state)
{
    (void)pthread_mutex_lock(&d->lock);
    d->state = state;
    (void)pthread_mutex_unlock(&d->lock);
    wake(d->news);
}

static void give_up(struct doing *d, enum doing_state state, const struct err *err)
{
    add_line(d, err->msg);
    set_state(d, state);
}

/* ---- The thread. */

static void tell(void *context, enum run_event event, const char *title, const char *says)
{
    struct strbuf line = STRBUF_INIT(16384);
    run_line(event, title, says, &line);
    add_line(context, strbuf_cstr(&line));
    strbuf_clear(&line);
}

static bool make_plan(struct doing *d, struct target *t, struct plan *p, struct err *err)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX);
    if (!answers_complete(&d->answers, d->ns ? d->ns : target_namespace(t), err) ||
        !plan_make(&d->answers, t, p, err))
        return false;
    plan_print(p, t, true, &text);
    add_line(d, strbuf_cstr(&text));
    strbuf_clear(&text);
    return true;
}

/* True: it was confirmed. */
static bool await_go(const struct doing *d)
{
    struct pollfd fds[] = {{.fd = d->go, .events = POLLIN}, {.fd = d->cancel, .events = POLLIN}};
    int got;
    do
        got = poll(fds, 2, -1);
    while (got < 0 && errno == EINTR);
    return fds[0].revents && !fds[1].revents;
}

static void run_it(struct doing *d, struct target *t, const struct plan *p)
{
    struct err err;
    struct audit *audit = audit_open(d->audit_path, &err);
    const struct run_options o = {.target = t, .audit = audit, .tell = tell, .context = d};
    if (!audit) {
        give_up(d, DOING_REFUSED, &err);
        return;
    }
    set_state(d, DOING_RUNS);
    if (run_go(&o, &d->answers, p, &err))
        set_state(d, DOING_DONE);
    else
        give_up(d, run_is_open(&err) ? DOING_OPEN : DOING_FAILED, &err);
    audit_close(audit);
}

static void work(struct doing *d, struct target *t, struct plan *p)
{
    struct err err;
    if (!make_plan(d, t, p, &err)) {
        give_up(d, DOING_REFUSED, &err);
        return;
    }
    if (plan_empty(p)) {
        set_state(d, DOING_NOTHING);
        return;
    }
    if (!run_check(p, t, &err)) {
        give_up(d, DOING_REFUSED, &err);
        return;
    }
    (void)pthread_mutex_lock(&d->lock);
    d->destroys = p->risk == RISK_DESTROY;
    (void)pthread_mutex_unlock(&d->lock);
    set_state(d, DOING_PLANNED);
    if (await_go(d))
        run_it(d, t, p);
}

static void release(struct doing *d)
{
    const int fds[] = {d->news, d->cancel, d->go};
    for (size_t i = 0; i < BN_COUNT(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    (void)pthread_mutex_destroy(&d->lock);
    answers_clear(&d->answers);
    sites_clear(&d->sites);
    strbuf_clear(&d->text);
    clock_free(d->clock);
    free(d->kubeconfig);
    free(d->context);
    free(d->ns);
    free(d->audit_path);
    free(d);
}

static void *thread_main(void *context)
{
    struct doing *d = context;
    struct plan plan = {0};
    struct err err;
    const struct target_options o = {.kubeconfig = d->kubeconfig,
                                     .context = d->context,
                                     .cancel_fd = d->cancel,
                                     .clock = d->clock,
                                     .sites = &d->sites};
    struct target *t = target_open(&o, &err);
    if (t)
        work(d, t, &plan);
    else
        give_up(d, DOING_REFUSED, &err);
    plan_done(&plan);
    target_close(t);
    (void)pthread_mutex_lock(&d->lock);
    d->ended = true;
    bool left = d->left;
    (void)pthread_mutex_unlock(&d->lock);
    if (left)
        release(d);
    return NULL;
}

/* ---- Who looks on. */

static char *copy(const char *text)
{
    return text ? xalloc_text(text) : NULL;
}

/* Signals are the main thread's. */
static bool start_thread(struct doing *d)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&d->thread, NULL, thread_main, d) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

struct doing *doing_start(const struct doing_options *o, struct answers *answers, struct err *err)
{
    struct doing *d = xalloc_zero(1, sizeof(*d));
    (void)pthread_mutex_init(&d->lock, NULL);
    d->text = (struct strbuf)STRBUF_INIT(TEXT_MAX);
    d->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->go = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->kubeconfig = copy(o->kubeconfig);
    d->context = copy(o->context);
    d->ns = copy(o->ns);
    d->audit_path = copy(o->audit);
    sites_copy(&d->sites, o->sites);
    d->clock = clock_new();
    if (o->wall_ms)
        clock_set_wall(d->clock, o->wall_ms);
    d->answers = *answers;
    *answers = (struct answers){0};
    if (d->news >= 0 && d->cancel >= 0 && d->go >= 0 && start_thread(d))
        return d;
    release(d);
    (void)err_set(err, ERR_NOMEM, "the system gives no thread for it");
    return NULL;
}

int doing_fd(const struct doing *d)
{
    return d->news;
}

enum doing_state doing_state(struct doing *d)
{
    uint64_t taken;
    (void)!read(d->news, &taken, sizeof(taken));
    (void)pthread_mutex_lock(&d->lock);
    enum doing_state state = d->state;
    (void)pthread_mutex_unlock(&d->lock);
    return state;
}

void doing_text(struct doing *d, size_t from, struct strbuf *out)
{
    (void)pthread_mutex_lock(&d->lock);
    strbuf_add(out, span_sub(strbuf_span(&d->text), from, d->text.len));
    (void)pthread_mutex_unlock(&d->lock);
}

const struct action *doing_action(const struct doing *d)
{
    return d->answers.action;
}

bool doing_destroys(struct doing *d)
{
    (void)pthread_mutex_lock(&d->lock);
    bool destroys = d->destroys;
    (void)pthread_mutex_unlock(&d->lock);
    return destroys;
}

void doing_confirm(struct doing *d)
{
    wake(d->go);
}

void doing_cancel(struct doing *d)
{
    wake(d->cancel);
}

void doing_end(struct doing *d)
{
    if (!d)
        return;
    doing_cancel(d);
    (void)pthread_mutex_lock(&d->lock);
    d->left = true;
    bool ended = d->ended;
    pthread_t thread = d->thread; /* which frees d from now on, where it has not ended */
    (void)pthread_mutex_unlock(&d->lock);
    if (ended) {
        (void)pthread_join(thread, NULL);
        release(d);
    } else {
        (void)pthread_detach(thread);
    }
}
