/* Offers of the field where the cursor is. */
#include <config.h>

#include "tui/screens/form_offer.h"

#define KEPT_MS 2000 /* that what was found counts */
#define LEAST   16   /* columns below which nothing is drawn */

void form_offer_init(struct form_offer *o)
{
    *o = (struct form_offer){.at = SIZE_MAX};
}

void form_offer_done(struct form_offer *o)
{
    offers_clear(&o->all);
}

/* What stands there when the field is come to is one of them; what is typed then narrows them. */
void form_offer_look(struct form_offer *o, const struct ui *ui, const struct form *f, size_t at,
                     const char *ns)
{
    uint64_t hash = form_hash(f);
    bool changed = hash != o->hash;
    if (at >= f->count) {
        offers_clear(&o->all);
        o->at = at;
        return;
    }
    if (at != o->at)
        o->picks = o->typed = false;
    else if (changed)
        o->typed = !(o->picks = false);
    if (at == o->at && !changed && (o->picks || ui->mono_ms < o->until_ms))
        return;
    o->at = at;
    o->hash = hash;
    o->until_ms = ui->mono_ms + KEPT_MS;
    offers_of(ui->store, f, at, ns, o->typed ? form_text(f, at) : SPAN(""), &o->all);
}

/* The one that stands in the field, or count. */
static size_t standing(const struct form_offer *o, const struct form *f)
{
    size_t i = 0;
    while (i < o->all.count && !span_is(form_text(f, o->at), o->all.all[i]))
        i++;
    return i;
}

bool form_offer_step(struct form_offer *o, struct form *f, size_t at, int step)
{
    size_t n = o->all.count;
    if (at != o->at || !n || (step > 0 ? !prompt_at_end(f->typed[at]) : !o->picks))
        return false;
    if (!o->picks)
        o->picked = standing(o, f);
    if (o->picked == n) /* none of them */
        o->picked = step > 0 ? 0 : n - 1;
    else
        o->picked = (o->picked + (step > 0 ? 1 : n - 1)) % n;
    prompt_set(f->typed[at], span_from(o->all.all[o->picked]));
    o->picks = true;
    o->hash = form_hash(f);
    return true;
}

void form_offer_draw(const struct form_offer *o, const struct form *f, struct canvas *c,
                     struct rect line)
{
    size_t n = o->all.count, now = standing(o, f);
    struct strbuf text = STRBUF_INIT(4096);
    size_t shown = now == n ? n : n - 1;
    if (!shown || line.cols < LEAST)
        return;
    strbuf_adds(&text, "Right: ");
    for (size_t i = 0; i < shown; i++) /* those that come next first */
        strbuf_addf(&text, "%s%s", i ? ", " : "", o->all.all[(now == n ? i : now + 1 + i) % n]);
    canvas_text_cut(c, line, 0, 0, line.cols, 0, strbuf_span(&text), ROLE_DIM);
    strbuf_clear(&text);
}
