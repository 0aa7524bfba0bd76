/* A plan as a script for a POSIX shell. */
#include <config.h>

#include "actions/action.h"

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

/* Each ${NAME} of the body once, as a variable that must be set; envsubst wants it exported. */
static void add_secrets(const struct deed *d, struct strbuf *out)
{
    struct span rest = span_from(d->secrets ? d->body : "");
    size_t at;
    while ((at = span_search(rest, SPAN("${"), false)) < rest.len) {
        struct span name = span_sub(rest, at + 2, span_find(rest, '}', at) - at - 2);
        struct strbuf line = STRBUF_INIT(4096);
        strbuf_addf(&line, "export %.*s\n", SPAN_ARG(name));
        if (is_name(name) && !strstr(strbuf_cstr(out), strbuf_cstr(&line)))
            strbuf_addf(out, ": \"${%.*s:?a secret that has to be set}\"\n%s", SPAN_ARG(name),
                        strbuf_cstr(&line));
        strbuf_clear(&line);
        rest = span_sub(rest, at + 2, rest.len);
    }
}

static void add_step(const struct step *s, size_t number, struct strbuf *out)
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
}

void plan_shell(const struct plan *p, const struct target *t, struct strbuf *out)
{
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
    for (size_t i = 0; i < p->count; i++)
        add_secrets(&p->steps[i].deed, out);
    for (size_t i = 0; i < p->count; i++)
        add_step(&p->steps[i], i + 1, out);
}
