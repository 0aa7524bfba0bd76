/* `audit`: what was changed, as the audit log has it, and whether the log was tampered with. */
#include <config.h>

#include "actions/audit.h"

#include "base/file.h"
#include "cli/do.h"
#include "cli/listing.h"
#include "net/hash_chain.h"
#include "net/hash_chain_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const char *path;
    struct listing *listing;
    size_t broken, first; /* lines that do not follow: how many, and which is the first */
    struct err err;
};

static bool on_line(void *context, size_t number, const struct json_node *root, bool ok)
{
    static const char *const fields[] = {"at",    "run",    "who",   "context",
                                         "event", "action", "title", "says"};
    const struct reading *r = context;
    char line[32];
    listing_item(r->listing);
    (void)snprintf(line, sizeof(line), "%zu", number);
    listing_field(r->listing, "line", line);
    listing_field(r->listing, "chain", ok ? "ok" : "BROKEN");
    for (size_t i = 0; i < BN_COUNT(fields); i++)
        listing_field(r->listing, fields[i], json_node_path_text(root, fields[i], ""));
    listing_item_end(r->listing);
    return true;
}

static void line_items(struct listing *l, const void *what)
{
    struct reading r = *(const struct reading *)what;
    r.listing = l;
    (void)!hash_chain_read(r.path, on_line, &r, NULL, &r.err);
}

static bool only_count(void *context, size_t number, const struct json_node *root, bool ok)
{
    struct reading *r = context;
    (void)root;
    if (!ok && !r->first)
        r->first = number;
    return true;
}

static void warn_of_broken(const struct reading *r)
{
    char more[64] = "";
    if (r->broken > 1)
        (void)snprintf(more, sizeof(more), " (and %zu more)", r->broken - 1);
    cli_warn(
        "%s: line %zu%s does not follow on the one before: it was changed, or one was taken out "
        "or put in; runs are not taken up by such lines",
        r->path, r->first, more);
}

/* What no line can tell: that there were more. */
static bool is_cut(const char *path)
{
    enum hash_chain_tail tail = hash_chain_tail(path);
    if (tail == HASH_CHAIN_CUT)
        cli_warn("%s: lines at its end are missing: it has not the one that was written last",
                 path);
    if (tail == HASH_CHAIN_UNKNOWN)
        cli_warn("%s: whether lines at its end are missing is not known: %s.end is not there, or "
                 "has nothing",
                 path, path);
    return tail != HASH_CHAIN_WHOLE;
}

int cli_audit(struct cli *cli, int argc, char **argv)
{
    static const char *const titles[] = {"LINE",  "CHAIN",  "AT",    "RUN",  "WHO", "CONTEXT",
                                         "EVENT", "ACTION", "TITLE", "SAYS", NULL};
    struct reading r = {0};
    int status;
    if (argc)
        return cli_usage("audit takes no word `%s`", argv[0]);
    char *path = file_audit_path(cli->epoch_ms != 0);
    if (!path)
        return cli_usage("HOME is not set: there is no audit log");
    r.path = path;
    if (!hash_chain_read(path, only_count, &r, &r.broken, &r.err) && r.err.kind != ERR_NOTFOUND) {
        status = cli_fail(&r.err);
    } else {
        if (r.broken)
            warn_of_broken(&r);
        bool cut = is_cut(path);
        status =
            listing_write(cli, titles, line_items, &r, r.broken || cut ? EXIT_FAULT : EXIT_FINE);
    }
    free(path);
    return status;
}
