/* Waiting for whole pictures. */
#include <config.h>

#include "cli/reader.h"

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "cli/cli.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS   30000
#define BUDGET_US 50000

bool reader_init(struct reader *r, struct session *s, const char *wait, struct err *err)
{
    int64_t ms = WAIT_MS, seconds;
    if (wait && number_parse(span_from(wait), 0, 86400, &seconds))
        ms = seconds * 1000;
    else if (wait && !duration_parse(span_from(wait), &ms))
        return err_set(err, ERR_CONFIG, "--wait %s: seconds are expected, or a time such as 2m",
                       wait);
    *r = (struct reader){.session = s,
                         .asked = KIND_NONE,
                         .wanted = xalloc_zero(session_kinds(s)->count + 1, sizeof(bool)),
                         .quoted = xalloc_zero(session_kinds(s)->count + 1, sizeof(bool)),
                         .end_ms = clock_mono_ms(session_clock(s)) + ms};
    return true;
}

void reader_done(struct reader *r)
{
    free(r->wanted);
    free(r->quoted);
    *r = (struct reader){0};
}

void reader_want(struct reader *r, uint16_t kind)
{
    if (r->wanted[kind])
        return;
    r->wanted[kind] = true;
    session_want(r->session, kind);
}

/* Nobody asked for it, and that it may not be read is no wonder; or it only says more. */
static bool is_spared(const struct reader *r, uint16_t kind)
{
    const struct store *st = session_store(r->session);
    bool denied = false;
    if (r->quoted[kind] || (store_kind(st, kind)->beside && kind != r->asked))
        return true;
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_report *said = &store_source_kind(st, (uint16_t)i, kind)->report;
        denied = denied || said->state == SOURCE_DENIED || said->state == SOURCE_PARTIAL ||
                 said->why.kind == ERR_DENIED; /* the state follows the end of the list */
    }
    return denied && store_kind(st, kind)->guarded && kind != r->asked;
}

/* Its sentences quote rows of that kind, and its columns may be empty without. */
static bool quotes(const struct kind *k, const char *name)
{
    struct span rest = span_from(k->quotes), word;
    while (rest.len && span_split(&rest, ' ', &word))
        if (span_is(word, name))
            return true;
    return false;
}

void reader_want_folds(struct reader *r, uint16_t kind, bool hidden)
{
    const struct kind_list *kinds = session_kinds(r->session);
    const struct kind *k = kinds->kinds[kind];
    for (size_t i = 0; i < k->ncolumns; i++) {
        const struct column *c = &k->columns[i];
        bool looked_at = hidden || !(c->flags & COLUMN_HIDDEN);
        if (c->since) /* an age is of another column */
            c = &k->columns[kind_column(k, span_from(c->since))];
        looked_at = looked_at && c->fold;
        int over = looked_at ? kind_find(kinds, span_from(c->fold->kind)) : -1;
        if (over < 0 || r->wanted[over])
            continue;
        r->quoted[over] = r->asked != KIND_NONE && quotes(k, kinds->kinds[over]->name);
        reader_want(r, (uint16_t)over);
        if (hidden) /* which are judged in their turn */
            reader_want_folds(r, (uint16_t)over, true);
    }
}

void reader_want_quotes(struct reader *r, uint16_t kind)
{
    const struct kind_list *kinds = session_kinds(r->session);
    struct span rest = span_from(kinds->kinds[kind]->quotes), word;
    while (rest.len && span_split(&rest, ' ', &word)) {
        int quoted = kind_find(kinds, word);
        if (quoted < 0 || r->wanted[quoted])
            continue;
        r->quoted[quoted] = true;
        reader_want(r, (uint16_t)quoted);
    }
}

#define NAMES_SEEN 32

bool reader_want_links(struct reader *r, uint16_t kind)
{
    const struct store *st = session_store(r->session);
    const struct kind_list *kinds = session_kinds(r->session);
    const char *seen[NAMES_SEEN]; /* the store names each kind by one text: looked up once */
    size_t nseen = 0;
    struct handle row;
    struct link l;
    uint32_t at = 0;
    bool any = false;
    while (store_next(st, kind, &at, &row)) {
        size_t link = 0, i;
        while (store_link_next(st, row, &link, &l)) {
            if (!(l.flags & LINK_AFFECTS))
                continue;
            for (i = 0; i < nseen && seen[i] != l.kind.data; i++)
                ;
            if (i < nseen)
                continue;
            if (nseen < NAMES_SEEN)
                seen[nseen++] = l.kind.data;
            int to = kind_find(kinds, l.kind);
            any = any || (to >= 0 && !r->wanted[to]);
            if (to >= 0)
                reader_want(r, (uint16_t)to);
        }
    }
    return any;
}

static bool has_failed(enum source_state state)
{
    return state >= SOURCE_STALE;
}

/* Arrived, as far as it will, or failed. */
static bool settled(const struct store *st, uint16_t kind)
{
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        const struct source_report *source = &store_source(st, (uint16_t)i)->report;
        bool ended = !k->syncing && (k->synced || k->report.why.kind != ERR_NONE);
        if (!k->wanted || has_failed(source->state))
            continue;
        /* Of the source itself it is said together with the kind, or right after: a login that is
         * refused is the source's. */
        if ((!ended && !has_failed(k->report.state)) || source->state == SOURCE_CONNECTING ||
            k->report.why.kind == ERR_AUTH)
            return false;
    }
    return true;
}

static bool all_settled(const struct reader *r)
{
    const struct store *st = session_store(r->session);
    for (size_t i = 0; i < session_kinds(r->session)->count; i++)
        if (r->wanted[i] && (session_pending(r->session, (uint16_t)i) || !settled(st, (uint16_t)i)))
            return false;
    return true;
}

/* One round. False: patience has ended. */
static bool turn(struct reader *r)
{
    struct pollfd in = {.fd = session_fd(r->session), .events = POLLIN};
    int64_t now = clock_mono_ms(session_clock(r->session)), due = session_next_ms(r->session);
    if (now >= r->end_ms)
        return false;
    due = due < r->end_ms ? due : r->end_ms;
    (void)poll(&in, 1, due > now ? (int)(due - now) : 0);
    while (session_turn(r->session, BUDGET_US))
        ;
    return true;
}

/* A row may have come before one that it is looked up in: how far a replica is behind stands in its
 * master's. */
static void derive_again(struct reader *r)
{
    for (size_t i = 0; i < session_kinds(r->session)->count; i++)
        if (r->wanted[i])
            store_derive_again(session_store(r->session), (uint16_t)i);
    while (session_turn(r->session, BUDGET_US))
        ;
}

bool reader_wait(struct reader *r)
{
    bool all = true;
    while (all && !all_settled(r))
        all = turn(r);
    derive_again(r);
    return all;
}

bool reader_document(struct reader *r, uint32_t id, struct span *text, struct err *err)
{
    struct session_document d;
    for (;;) {
        if (!session_document(r->session, id, &d))
            return err_set(err, ERR_CANCELLED, "the request for the object was given up");
        if (d.done)
            break;
        if (!turn(r))
            return err_set(err, ERR_TIMEOUT, "the object did not come in time; see --wait");
    }
    if (d.err.kind != ERR_NONE) {
        *err = d.err;
        return false;
    }
    *text = d.text;
    return true;
}

bool reader_complete(const struct reader *r, uint16_t kind)
{
    const struct store *st = session_store(r->session);
    if (session_pending(r->session, kind))
        return false;
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        if (k->wanted && (!k->synced || !k->complete))
            return false;
        if (k->wanted && k->report.state == SOURCE_PARTIAL)
            return false;
    }
    return true;
}

void reader_why_missing(const struct store *st, uint16_t kind, const char *hint, struct err *why)
{
    (void)err_set(why, ERR_TIMEOUT, "it was not found out in time what has %s%s",
                  store_kind(st, kind)->plural, hint);
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_kind *k = store_source_kind(st, (uint16_t)i, kind);
        const struct source_info *source = store_source(st, (uint16_t)i);
        if (!k->wanted || (k->synced && k->complete && k->report.state != SOURCE_PARTIAL))
            continue;
        err_clear(why);
        if (k->report.why.kind != ERR_NONE)
            *why = k->report.why;
        else if (k->report.note[0])
            (void)err_set(why, ERR_DENIED, "%s of %s are there in part: %s",
                          store_kind(st, kind)->plural, source->name, k->report.note);
        else if (source->report.why.kind != ERR_NONE)
            *why = source->report.why;
        else
            (void)err_set(why, ERR_TIMEOUT, "%s has not sent all its %s in time%s", source->name,
                          store_kind(st, kind)->plural, hint);
        return;
    }
}

bool reader_missing(const struct reader *r, uint16_t *kind, struct err *why)
{
    const struct store *st = session_store(r->session);
    for (; *kind < session_kinds(r->session)->count; (*kind)++) {
        if (!r->wanted[*kind] || reader_complete(r, *kind) || is_spared(r, *kind))
            continue;
        reader_why_missing(st, *kind, "; see --wait", why);
        return true;
    }
    return false;
}

bool reader_say_missing(const struct reader *r)
{
    struct err why, last;
    bool any = false;
    err_clear(&last);
    for (uint16_t kind = 0; reader_missing(r, &kind, &why); kind++) {
        if (strcmp(why.msg, last.msg) != 0) /* the whole cluster away is one sentence */
            cli_warn("%s", why.msg);
        last = why;
        any = true;
    }
    return any;
}

void reader_say_remarks(const struct reader *r, uint16_t kind)
{
    const struct store *st = session_store(r->session);
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_report *said = &store_source_kind(st, (uint16_t)i, kind)->report;
        if (said->state == SOURCE_FRESH && said->note[0])
            cli_warn("%s of %s: %s", store_kind(st, kind)->plural,
                     store_source(st, (uint16_t)i)->name, said->note);
    }
}

void reader_write_why(struct data_out *d, const char *kind, const struct err *why)
{
    data_object(d);
    data_key(d, "kind");
    data_cstr(d, kind);
    data_key(d, "error");
    data_cstr(d, err_kind_name(why->kind));
    data_key(d, "says");
    data_cstr(d, why->msg);
    data_object_end(d);
}

void reader_write_missing(const struct reader *r, struct data_out *d)
{
    struct err why;
    uint16_t kind = 0;
    data_key(d, "complete");
    data_bool(d, !reader_missing(r, &kind, &why));
    data_key(d, "missing");
    data_array(d);
    for (kind = 0; reader_missing(r, &kind, &why); kind++)
        reader_write_why(d, session_kinds(r->session)->kinds[kind]->name, &why);
    data_array_end(d);
}
