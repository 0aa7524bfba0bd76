/* What can be known of a plan before it is confirmed. */
#include <config.h>

#include "actions/channel.h"
#include "actions/run.h"

static bool check_right(struct plan *p, struct target *t, struct step *s, struct err *err)
{
    struct err why;
    err_clear(&why);
    if (target_allowed(t, &s->deed, &why))
        return true;
    s->check = plan_text(p, "NO: %s", why.msg);
    return err_code(err, why.kind, why.code, "%s: %s", s->title, why.msg);
}

static bool rehearse(struct plan *p, struct target *t, struct step *s, struct err *err)
{
    const struct channel *c = channel_of(&s->deed);
    struct err why;
    err_clear(&why);
    const char *rights = c->allowed ? "right ok" : "rights not asked";
    if (target_do(t, &s->deed, true, NULL, &why)) {
        s->check = plan_text(p, "%s, %s", rights, c->rehearses ? "dry run ok" : "no dry run there");
        return true;
    }
    if (s->ends && why.kind == ERR_NOTFOUND) {
        s->check = plan_text(p, "%s; a step before makes it", rights);
        return true;
    }
    s->check = plan_text(p, "NO: %s", why.msg);
    return err_code(err, why.kind, why.code, "%s: it would not be taken: %s", s->title, why.msg);
}

bool run_check(struct plan *p, struct target *t, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->count; i++)
        ok = !p->steps[i].deed.method || check_right(p, t, &p->steps[i], err);
    for (size_t i = 0; ok && i < p->count; i++)
        ok = !p->steps[i].deed.method || rehearse(p, t, &p->steps[i], err);
    return ok;
}
