/* Fuzz target: what a Traefik says, its figures and its configuration. Whatever comes, rates are none
 * or no less than 0, and rows are made of it or nothing is. */
#include <config.h>

#include "backends/traefik/traefik.h"

#include "test/fuzz/fuzz.h"

#define ROWS ((size_t)1 << 20)

static void take_figures(struct figures *f, struct span text)
{
    struct span half = span_sub(text, 0, text.len / 2), name;
    double rate, failing;
    size_t at = 0;
    for (int64_t look = 0; look < 2; look++) {
        figures_begin(f);
        (void)!figures_take(f, SPAN("a"), look ? text : half, 1000 + look * 1000);
        (void)!figures_take(f, SPAN("b"), text, 1000 + look * 1000);
        figures_end(f);
    }
    while (figures_next(f, FIGURE_SERVICE, &at, &name))
        if (figures_rate(f, FIGURE_SERVICE, name, &rate, &failing))
            bn_assert(rate >= 0 && failing >= 0 && failing <= rate);
    bn_assert(figures_certs(f) <= FIGURE_CERTS_MAX);
}

static void put_all(struct traefik *t, const struct json_node *raw)
{
    struct row_writer w;
    row_writer_init(&w, &kind_traefik_router, ROWS);
    (void)traefik_put_routers(t, raw, &w);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_traefik_service, ROWS);
    (void)traefik_put_services(t, raw, &w);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_traefik_middleware, ROWS);
    (void)traefik_put_middlewares(raw, &w);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_traefik_resolver, ROWS);
    (void)traefik_put_resolvers(t, raw, &w);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_traefik_certificate, ROWS);
    (void)traefik_put_certificates(t, raw, &w);
    row_writer_clear(&w);
    row_writer_init(&w, &kind_traefik_entrypoint, ROWS);
    (void)traefik_put_entrypoints(t, raw, &w);
    row_writer_clear(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    struct traefik t = {.figures = figures_new(), .figures_known = true};
    struct err err;
    struct json_doc *doc = json_doc_parse(text, "Traefik", &err);
    take_figures(t.figures, text);
    put_all(&t, json_doc_root(doc));
    json_doc_free(doc);
    figures_free(t.figures);
    return 0;
}
