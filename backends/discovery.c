/* What discover() looks at. */
#include <config.h>

#include "backends/discovery.h"

#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLUSTER 0 /* the source whose rows are read */

static char *copy_text(const char *text)
{
    return text ? xalloc_text(text) : NULL;
}

void discovery_add(struct discovery *d, const struct found *f)
{
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(d->findings[i].name, f->name) != 0)
            continue;
        log_write(LOG_WARNING, "discovery", "two are named %s: the second is left out", f->name);
        return;
    }
    while (f->settings[n])
        n++;
    d->findings = xalloc_resize(d->findings, d->count + 1, sizeof(*d->findings));
    struct finding *to = &d->findings[d->count++];
    *to = (struct finding){.name = xalloc_text(f->name),
                           .missing = copy_text(f->missing),
                           .unless = copy_text(f->unless),
                           .targets = copy_text(f->targets),
                           .settings = xalloc_zero(n + 1, sizeof(char *))};
    for (size_t i = 0; i < n; i++)
        to->settings[i] = xalloc_text(f->settings[i]);
}

void discovery_done(struct discovery *d)
{
    for (size_t i = 0; i < d->count; i++) {
        struct finding *f = &d->findings[i];
        for (char **s = f->settings; *s; s++)
            free(*s);
        free(f->settings);
        free(f->name);
        free(f->missing);
        free(f->unless);
        free(f->targets);
    }
    free(d->findings);
    *d = (struct discovery){0};
}

const struct declared *discovery_declared(const struct discovery *d)
{
    static const struct declared none = {NULL, NULL};
    return d->declared ? d->declared : &none;
}

const char *declared_setting(const struct declared *e, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *s = e->settings; *s; s++)
        if (strncmp(*s, name, len) == 0 && (*s)[len] == '=')
            return *s + len + 1;
    return NULL;
}

bool discovery_knows(const struct store *st, const char *kind, bool *denied)
{
    int number = store_kind_find(st, span_from(kind));
    *denied = number < 0;
    if (number < 0)
        return true;
    const struct source_kind *k = store_source_kind(st, CLUSTER, (uint16_t)number);
    *denied = !k->synced && k->report.state >= SOURCE_DENIED;
    return !k->syncing && (k->synced || *denied || k->report.why.kind != ERR_NONE);
}

struct span discovery_text(const struct store *st, struct handle row, const char *column)
{
    int i = kind_column(store_kind(st, row.kind), span_from(column));
    return i < 0 ? (struct span){"", 0} : store_text(st, row, (size_t)i);
}

int64_t discovery_num(const struct store *st, struct handle row, const char *column, int64_t absent)
{
    int i = kind_column(store_kind(st, row.kind), span_from(column));
    return i < 0 ? absent : store_num(st, row, (size_t)i, absent);
}

struct span discovery_owner(const struct store *st, struct handle row)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == LINK_OWNER)
            return span_sub(link.key, span_find(link.key, '/', 0) + 1, link.key.len);
    return (struct span){"", 0};
}

bool discovery_next_service(const struct store *st, uint32_t *at, struct discovery_service *out)
{
    int kind = store_kind_find(st, SPAN("service"));
    struct handle row;
    do {
        if (kind < 0 || !store_next(st, (uint16_t)kind, at, &row))
            return false;
    } while (store_row_source(st, row) != CLUSTER);
    *out = (struct discovery_service){.row = row,
                                      .ns = discovery_text(st, row, "namespace"),
                                      .name = discovery_text(st, row, "name"),
                                      .labels = discovery_text(st, row, "labels"),
                                      .selector = discovery_text(st, row, "selector"),
                                      .ports = discovery_text(st, row, "port-list")};
    return true;
}

struct span discovery_label(struct span labels, const char *key)
{
    struct span one;
    size_t len = strlen(key);
    while (span_split(&labels, ',', &one))
        if (one.len > len && one.data[len] == '=' && memcmp(one.data, key, len) == 0)
            return span_sub(one, len + 1, one.len);
    return (struct span){"", 0};
}

bool discovery_has_port(const struct discovery_service *s, const char *port)
{
    struct span rest = s->ports, one;
    while (span_split(&rest, LIST_SEPARATOR, &one))
        if (span_is(one, port))
            return true;
    return false;
}

bool discovery_next_set(const struct store *st, uint32_t *at, struct discovery_set *out)
{
    int kind = store_kind_find(st, SPAN("workload"));
    int desired = kind < 0 ? -1 : kind_column(store_kind(st, (uint16_t)kind), SPAN("desired"));
    struct handle row;
    do {
        if (desired < 0 || !store_next(st, (uint16_t)kind, at, &row))
            return false;
        out->pods = store_num(st, row, (size_t)desired, 0);
    } while (store_row_source(st, row) != CLUSTER || out->pods <= 0 ||
             !span_is(discovery_text(st, row, "type"), "StatefulSet"));
    out->ns = discovery_text(st, row, "namespace");
    out->name = discovery_text(st, row, "name");
    out->labels = discovery_text(st, row, "labels");
    return true;
}

void discovery_set_pods(const struct discovery_set *s, const char *before, char *out, size_t size)
{
    struct strbuf text = STRBUF_INIT(size - 1);
    strbuf_adds(&text, before);
    for (int64_t i = 0; i < s->pods; i++)
        strbuf_addf(&text, "%s%.*s-%lld", i ? "," : "", SPAN_ARG(s->name), (long long)i);
    (void)snprintf(out, size, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
}

bool discovery_next_external_dns(const struct store *st, uint32_t *at,
                                 struct discovery_external_dns *out)
{
    int kind = store_kind_find(st, SPAN("workload"));
    int desired = kind < 0 ? -1 : kind_column(store_kind(st, (uint16_t)kind), SPAN("desired"));
    struct handle row;
    do {
        if (desired < 0 || !store_next(st, (uint16_t)kind, at, &row))
            return false;
        out->arguments = discovery_text(st, row, "dns-arguments");
    } while (store_row_source(st, row) != CLUSTER || !out->arguments.len ||
             store_num(st, row, (size_t)desired, 0) <= 0);
    out->ns = discovery_text(st, row, "namespace");
    out->name = discovery_text(st, row, "name");
    out->labels = discovery_text(st, row, "labels");
    return true;
}

struct span discovery_argument(struct span arguments, const char *flag, const char *fallback)
{
    struct span one;
    size_t len = strlen(flag);
    while (arguments.len && span_split(&arguments, LIST_SEPARATOR, &one))
        if (span_starts(one, flag) && one.len > len && one.data[len] == '=')
            return span_sub(one, len + 1, one.len);
    return span_from(fallback);
}
