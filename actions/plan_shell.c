/* A plan as a script for a POSIX shell. */
#include <config.h>

#include "actions/channel.h"
#include "actions/kube.h"
#include "net/yaml_out.h"

#include <ctype.h>
#include <string.h>

/* A line that begins with '#' stays one. */
static void add_comment(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_addc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    strbuf_addc(out, '\n');
}

static bool is_name(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return text.len > 0;
}

/* The next ${NAME} of a text that is the name of a variable. */
static bool next_secret(struct span *rest, struct span *name)
{
    size_t at;
    while ((at = span_search(*rest, SPAN("${"), false)) < rest->len) {
        *name = span_sub(*rest, at + 2, span_find(*rest, '}', at) - at - 2);
        *rest = span_sub(*rest, at + 2, rest->len);
        if (is_name(*name))
            return true;
    }
    return false;
}

/* Each once, as a variable that must be set; envsubst wants it exported. */
static void add_secrets(const struct deed *d, struct strbuf *out)
{
    struct span rest = span_from(d->secrets ? d->body : ""), name;
    while (next_secret(&rest, &name)) {
        struct strbuf line = STRBUF_INIT(4096);
        strbuf_addf(&line, "export %.*s\n", SPAN_ARG(name));
        if (!strstr(strbuf_cstr(out), strbuf_cstr(&line)))
            strbuf_addf(out, ": \"${%.*s:?a secret that has to be set}\"\n%s", SPAN_ARG(name),
                        strbuf_cstr(&line));
        strbuf_clear(&line);
    }
}

/* What else looks like a variable in the body is none. */
void deed_pipe(struct strbuf *out, const struct deed *d, struct span body)
{
    struct span rest = body, name;
    bool first = true;
    strbuf_adds(out, "printf %s ");
    deed_quote(out, body);
    strbuf_adds(out, " | ");
    while (d->secrets && next_secret(&rest, &name)) {
        strbuf_addf(out, "%s${%.*s}", first ? "envsubst '" : " ", SPAN_ARG(name));
        first = false;
    }
    strbuf_adds(out, first ? "" : "' | ");
}

/* "HOST_operators_mysql": a variable's name of what a server is called. */
static void add_variable(const char *word, struct span at, struct strbuf *out)
{
    strbuf_adds(out, word);
    for (size_t i = 0; i < at.len; i++)
        strbuf_addc(out, isalnum((unsigned char)at.data[i]) ? at.data[i] : '_');
}

void deed_host(struct strbuf *out, const struct deed *d, const char *option, const char *port)
{
    struct span at = span_from(d->at);
    const size_t sign = span_find(at, '@', 0);
    const bool one = sign < at.len;
    strbuf_adds(out, "-h \"${");
    add_variable("HOST_", at, out);
    strbuf_addf(out, ":?the address of %.*s%s%.*s}\" %s \"${",
                SPAN_ARG(span_sub(at, one ? sign + 1 : 0, at.len)), one ? " of " : "",
                SPAN_ARG(span_sub(at, 0, one ? sign : 0)), option);
    add_variable("PORT_", at, out);
    strbuf_addf(out, ":-%s}\"", port);
}

/* ---- Steps. What the run looks at before it goes on the script waits for too. */

/* "/apis/apps/v1/namespaces/shop/deployments/api" is "-n shop" and "deployments.apps/api". */
static void add_object(struct span path, const char *words, struct strbuf *out)
{
    struct span part, group = {NULL, 0}, ns = {NULL, 0};
    bool core = span_starts(path, "/api/");
    for (int i = 0; i < (core ? 3 : 4) && span_split(&path, '/', &part); i++)
        if (!core && i == 2)
            group = part;
    if (span_starts(path, "namespaces/")) {
        (void)span_split(&path, '/', &part);
        (void)span_split(&path, '/', &ns);
    }
    const size_t slash = span_find(path, '/', 0);
    if (ns.len)
        strbuf_addf(out, " -n %.*s", SPAN_ARG(ns));
    strbuf_addf(out, " %s %.*s%s%.*s", words, SPAN_ARG(span_sub(path, 0, slash)),
                group.len ? "." : "", SPAN_ARG(group));
    strbuf_add(out, span_sub(path, slash, span_find(path, '?', 0)));
}

static void add_kubectl(const struct target *t, const struct step *s, struct strbuf *out)
{
    strbuf_adds(out, "kubectl --context ");
    deed_quote(out, span_from(target_context(t)));
    if (s->await == rollout_await) {
        add_object(span_from(s->await_path), "rollout status", out);
    } else {
        struct strbuf words = STRBUF_INIT(4096);
        strbuf_adds(&words, "wait --for=");
        deed_quote(&words, span_from(s->ends ? "delete" : s->wait_for));
        strbuf_addf(&words, " --timeout=%ds", s->await_s);
        add_object(span_from(s->await_path), strbuf_cstr(&words), out);
        strbuf_clear(&words);
    }
    strbuf_addc(out, '\n');
}

/* kubectl goes on only when what it deletes is gone; one that is made anew of that name, as a
 * StatefulSet does, would be waited for once more. */
static bool waits_itself(const struct step *s)
{
    return s->ends && s->deed.method && strcmp(s->deed.method, "DELETE") == 0 &&
           !strstr(s->shell, " --raw ");
}

/* last: nothing is sent after it. */
static void add_wait(const struct target *t, const struct step *s, bool last, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT(65536);
    const struct channel *c = channel_of(&s->look);
    if (!s->deed.method && s->look.as && c->shell) {
        c->shell(&s->look, t, &text); /* that it answers is what is wanted */
        strbuf_addf(out, "%s\n", strbuf_cstr(&text));
    } else if (s->await_path && (s->await == rollout_await || s->ends || s->wait_for)) {
        add_kubectl(t, s, out);
    } else {
        strbuf_addf(&text,
                    last ? "What came of it is left to be looked at: %s"
                         : "When this is so, Enter goes on: %s ",
                    s->title);
        strbuf_adds(out, last ? "printf '%s\\n' " : "printf %s ");
        deed_quote(out, strbuf_span(&text));
        strbuf_adds(out, last ? " >&2\n" : " >&2; read -r _\n");
    }
    strbuf_clear(&text);
}

static void add_step(const struct target *t, const struct step *s, size_t number, bool last,
                     struct strbuf *out)
{
    strbuf_addf(out, "\n# %c %zu. ", s->sign, number);
    add_comment(out, s->title);
    if (s->undo_title[0]) {
        strbuf_adds(out, "# undo: ");
        add_comment(out, s->undo_title);
    }
    if (s->deed.method && s->shell[0])
        strbuf_addf(out, "%s\n", s->shell);
    else if (s->deed.method)
        strbuf_adds(out, "echo 'this step has no command: see the plan' >&2; exit 1\n");
    else
        strbuf_adds(out, "# nothing is sent\n");
    if (s->await && !waits_itself(s))
        add_wait(t, s, last, out);
}

static bool has_system(const struct plan *p, const char *system)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct deed *d = p->steps[i].deed.method ? &p->steps[i].deed : &p->steps[i].look;
        if (d->method && d->system && strcmp(d->system, system) == 0)
            return true;
    }
    return false;
}

/* The command of Vault finds it by its variable; others ask for a password each time, unless they find
 * one. */
static void add_ways(const struct plan *p, struct strbuf *out)
{
    if (has_system(p, "vault"))
        strbuf_adds(out, ": \"${VAULT_ADDR:?the address of Vault}\"\n");
    if (has_system(p, "mysql"))
        strbuf_adds(out, "[ -z \"${MYSQL_PWD-}\" ] || MYSQL_ASK= # else each asks\n");
    if (has_system(p, "redis") || has_system(p, "redis-sentinel"))
        strbuf_adds(out, "[ -z \"${REDISCLI_AUTH-}\" ] || REDIS_ASK= # else each asks\n");
}

static size_t last_sent(const struct plan *p)
{
    size_t last = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->steps[i].deed.method)
            last = i;
    return last;
}

void plan_shell(const struct plan *p, const struct target *t, struct strbuf *out)
{
    const size_t last = last_sent(p);
    char hash[65];
    plan_hash(p, t, hash);
    strbuf_adds(out, "#!/bin/sh\n# ");
    add_comment(out, p->action->title);
    strbuf_adds(out, "# in context ");
    add_comment(out, target_context(t));
    strbuf_addf(out, "# at %s, plan sha256 %.16s\n", target_server(t), hash);
    for (size_t i = 0; i < p->nwarnings; i++) {
        strbuf_adds(out, "# ! ");
        add_comment(out, p->warnings[i]);
    }
    strbuf_adds(out, "set -eu\n");
    add_ways(p, out);
    for (size_t i = 0; i < p->count; i++)
        add_secrets(&p->steps[i].deed, out);
    for (size_t i = 0; i < p->count; i++)
        add_step(t, &p->steps[i], i + 1, i >= last, out);
}

/* ---- Objects. */

/* What it makes is deleted by a later step: it served the run alone. */
static bool stays(const struct plan *p, size_t i)
{
    for (size_t k = i + 1; k < p->count; k++)
        if (p->steps[k].sign == '-' && p->steps[k].await_path && p->steps[i].await_path &&
            strcmp(p->steps[k].await_path, p->steps[i].await_path) == 0)
            return false;
    return true;
}

void plan_manifest(const struct plan *p, struct strbuf *out)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct deed *d = &p->steps[i].deed;
        size_t start = out->len;
        struct err why;
        if (p->steps[i].sign != '+' || !d->method || d->system || d->secrets ||
            strcmp(d->method, "POST") != 0 || !stays(p, i))
            continue;
        strbuf_adds(out, "---\n");
        if (!yaml_of_object(span_from(d->body), out, &why))
            strbuf_truncate(out, start);
    }
}
