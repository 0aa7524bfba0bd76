/* Lists of things with fields. */
#include <config.h>

#include "cli/listing.h"

#include "cli/data_out.h"
#include "cli/out.h"
#include "cli/plain.h"

#define FORMS "table|json"

struct listing {
    bool json, no_headers;
    struct plain plain;
    struct data_out data;
    struct out out;
};

static void title(struct listing *l, const char *const *names)
{
    for (; *names && !l->no_headers; names++)
        plain_cell(&l->plain, span_from(*names));
    if (!l->no_headers)
        plain_end_row(&l->plain);
}

void listing_field(struct listing *l, const char *name, const char *text)
{
    if (!l->json) {
        plain_cell(&l->plain, span_from(*text ? text : "-"));
        return;
    }
    data_key(&l->data, name);
    data_cstr(&l->data, text);
}

void listing_bool(struct listing *l, const char *name, bool is)
{
    if (!l->json) {
        listing_field(l, name, is ? "true" : "false");
        return;
    }
    data_key(&l->data, name);
    data_bool(&l->data, is);
}

void listing_item(struct listing *l)
{
    if (l->json)
        data_object(&l->data);
}

void listing_item_end(struct listing *l)
{
    if (l->json)
        data_object_end(&l->data);
    else
        plain_end_row(&l->plain);
}

int listing_write(struct cli *cli, const char *const *titles, items_fn *items, const void *what,
                  int status)
{
    struct listing l = {.no_headers = cli_given(cli, OPT_NO_HEADERS)};
    size_t n = 0;
    int form = cli_output(cli, FORMS);
    if (form < 0)
        return EXIT_USAGE;
    l.json = form == 1;
    out_init(&l.out);
    while (titles[n])
        n++;
    plain_init(&l.plain, &l.out.text, n);
    data_init(&l.data, &l.out.text, false, 2);
    if (l.json) {
        data_object(&l.data);
        data_key(&l.data, "schema");
        data_int(&l.data, 1);
        data_key(&l.data, "items");
        data_array(&l.data);
        items(&l, what);
        data_array_end(&l.data);
        data_object_end(&l.data);
        data_end(&l.data);
    }
    for (int round = 0; round < 2 && !l.json; round++) {
        title(&l, titles);
        items(&l, what);
        plain_measured(&l.plain);
    }
    return out_end(&l.out, status);
}
