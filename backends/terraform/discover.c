/* Which organisations a cluster speaks of: a Secret that is labelled so, and has a token for us. And
 * what the system says on home. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/rota.h"
#include "backends/terraform/terraform.h"
#include "base/alloc.h"
#include "base/timetext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET       "binnacle-terraform" /* in whatever namespace; its `token` is for us */
#define ORGANISATION "app.terraform.io/organization"
#define WORKSPACES   "app.terraform.io/workspaces" /* joined by dots; not there: all */
#define TEXT_BYTES   1024

/* A label cannot have a comma in it, and a workspace no dot. */
static void add_workspaces(struct span names, char *out, size_t size)
{
    (void)snprintf(out, size, "workspaces=%.*s", SPAN_ARG(names));
    for (char *c = out; *c; c++)
        if (*c == '.')
            *c = ',';
}

/* The host is ours to know: what a cluster's Secret says leads nowhere else. */
static void add(struct discovery *d, struct span ns, struct span labels)
{
    struct span organisation = discovery_label(labels, ORGANISATION);
    struct span workspaces = discovery_label(labels, WORKSPACES);
    char name[TEXT_BYTES], which[TEXT_BYTES], token[TEXT_BYTES], among[TEXT_BYTES];
    (void)snprintf(name, sizeof(name), "terraform/%.*s", SPAN_ARG(organisation));
    (void)snprintf(which, sizeof(which), "organization=%.*s", SPAN_ARG(organisation));
    (void)snprintf(token, sizeof(token), "token=secret:%.*s/" SECRET "/token", SPAN_ARG(ns));
    add_workspaces(workspaces, among, sizeof(among));
    const char *const settings[] = {"reach=https://app.terraform.io", which, token,
                                    workspaces.len ? among : NULL, NULL};
    const struct found f = {.name = name, .settings = settings};
    discovery_add(d, &f);
}

void terraform_discover(const struct store *st, struct discovery *d)
{
    int kind = store_kind_find(st, SPAN("secret"));
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span labels = discovery_text(st, row, "labels");
        if (span_is(discovery_text(st, row, "name"), SECRET) &&
            discovery_label(labels, ORGANISATION).len)
            add(d, discovery_text(st, row, "namespace"), labels);
    }
}

/* ---- Home. */

/* "2 workspaces, last applied 3d ago, no drift" */
void terraform_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("tf-workspace"));
    int64_t last = TIME_NONE;
    size_t all = 0, runs = 0, assessed = 0, drifted = 0;
    char age[TIMETEXT_MAX];
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        int64_t applied = store_num(st, row, TF_APPLIED, TIME_NONE);
        struct span phase = store_text(st, row, TF_PHASE);
        all++;
        runs += span_is(phase, "going") || span_is(phase, "pending") || span_is(phase, "waiting");
        assessed += store_text(st, row, TF_DRIFT).len > 0;
        drifted += store_num(st, row, TF_DRIFTED, 0) > 0;
        if (applied != TIME_NONE && (last == TIME_NONE || applied > last))
            last = applied;
    }
    if (!all && rota_is_off(st, "terraform"))
        strbuf_adds(system_part(parts), "no organisation is named");
    if (!all)
        return;
    strbuf_addf(system_part(parts), "%zu workspace%s", all, all == 1 ? "" : "s");
    if (runs)
        strbuf_addf(system_part(parts), "%zu with a run", runs);
    if (last != TIME_NONE) {
        duration_format_short(now_ms - last, age);
        strbuf_addf(system_part(parts), "last applied %s ago", age);
    }
    if (assessed)
        strbuf_adds(system_part(parts), drifted ? "drift" : "no drift");
}
