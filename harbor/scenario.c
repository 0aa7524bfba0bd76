/* Stories of commands. */
#include <config.h>

#include "harbor/scenario.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/timetext.h"
#include "harbor/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX      ".yaml"
#define COMMAND_MAX ((size_t)1 << 20)

struct step {
    int64_t at_ms;
    char *command; /* owned */
    int line;
};

struct scenario {
    char *path;         /* owned */
    struct step *steps; /* owned */
    size_t count, next;
    int64_t start_ms, repeat_ms; /* repeat 0: once */
};

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        free(s->steps[i].command);
    free(s->path);
    free(s->steps);
    free(s);
}

/* "patch: pods shop web-0" and "with: {...}" as the line of command.h that it is. */
static bool read_command(const struct scenario *s, const struct yaml_node *node, struct step *step,
                         struct err *err)
{
    const struct yaml_node *with = yaml_get(node, "with"), *word = NULL;
    for (const struct yaml_node *n = node->first; n; n = n->next) {
        if (span_is(n->key, "at") || span_is(n->key, "with"))
            continue;
        if (word)
            return err_set(err, ERR_CONFIG, "%s:%d: a step has one command", s->path, n->key_line);
        word = n;
    }
    if (!word || word->type != YAML_SCALAR)
        return err_set(err, ERR_CONFIG, "%s:%d: a step has a command and its words", s->path,
                       node->line);
    struct strbuf line = STRBUF_INIT(COMMAND_MAX);
    if (!span_is(word->key, "do"))
        strbuf_addf(&line, "%.*s ", SPAN_ARG(word->key));
    strbuf_add(&line, word->text);
    if (with) {
        strbuf_addc(&line, ' ');
        yaml_to_json(with, &line);
    }
    step->command = strbuf_take(&line);
    return true;
}

static bool read_step(const struct scenario *s, const struct yaml_node *node, struct step *step,
                      struct err *err)
{
    const struct yaml_node *at = yaml_get(node, "at");
    step->line = node->line;
    if (!at || !duration_parse(at->text, &step->at_ms))
        return err_set(err, ERR_CONFIG, "%s:%d: a step has `at`, a duration", s->path, node->line);
    return read_command(s, node, step, err);
}

static bool read_steps(struct scenario *s, const struct yaml_node *root, struct err *err)
{
    const struct yaml_node *steps = yaml_get(root, "steps");
    const struct yaml_node *repeat = yaml_get(root, "repeat");
    if (!steps || steps->type != YAML_LIST)
        return err_set(err, ERR_CONFIG, "%s: there is no list `steps`", s->path);
    if (repeat && !duration_parse(repeat->text, &s->repeat_ms))
        return err_set(err, ERR_CONFIG, "%s:%d: `repeat` is no duration", s->path, repeat->line);
    s->steps = xalloc_zero(steps->count + 1, sizeof(*s->steps));
    for (const struct yaml_node *n = steps->first; n; n = n->next)
        if (!read_step(s, n, &s->steps[s->count++], err))
            return false;
    return true;
}

/* The name that looks most like it; "" where there is none at all. */
static struct span nearest(const struct strbuf *names, const char *name)
{
    struct span rest = strbuf_span(names), one, best = SPAN("");
    size_t least = SIZE_MAX;
    while (span_split(&rest, '\n', &one)) {
        size_t far = span_distance(one, span_from(name));
        if (!one.len || far >= least)
            continue;
        least = far;
        best = one;
    }
    return best;
}

/* Owned; NULL: there is none. */
static char *find_file(const char *name, struct err *err)
{
    struct strbuf file = STRBUF_INIT(4096), names = STRBUF_INIT(65536);
    char *folder, *path = NULL;
    if (strchr(name, '/'))
        return xalloc_text(name);
    folder = file_data_path("harbor/scenarios");
    file_names(folder, SUFFIX, "\n", &names);
    strbuf_addf(&file, "%s/%s" SUFFIX, folder, name);
    if (access(strbuf_cstr(&file), R_OK) == 0)
        path = strbuf_take(&file);
    else
        (void)err_set(
            err, ERR_NOTFOUND,
            "no scenario is called `%.60s`; the nearest is `%.*s`; all: binnacle demo --help", name,
            SPAN_ARG(nearest(&names, name)));
    free(folder);
    strbuf_clear(&file);
    strbuf_clear(&names);
    return path;
}

struct scenario *scenario_load(const char *name, int64_t now_ms, struct err *err)
{
    char *path = find_file(name, err);
    if (!path)
        return NULL;
    struct scenario *s = xalloc_zero(1, sizeof(*s));
    s->path = path;
    s->start_ms = now_ms;
    struct yaml_doc *doc = yaml_load(path, err);
    bool ok = doc && read_steps(s, yaml_root(doc, 0), err);
    yaml_doc_free(doc);
    if (ok)
        return s;
    scenario_free(s);
    return NULL;
}

int64_t scenario_next(const struct scenario *s)
{
    if (s && s->next < s->count)
        return s->start_ms + s->steps[s->next].at_ms;
    return s && s->count && s->repeat_ms ? s->start_ms + s->repeat_ms : TIME_FOREVER;
}

bool scenario_turn(struct scenario *s, struct server *server, int64_t now_ms, struct err *err)
{
    while (scenario_next(s) <= now_ms) {
        if (s->next == s->count) {
            s->start_ms += s->repeat_ms;
            s->next = 0;
            continue;
        }
        const struct step *step = &s->steps[s->next++];
        struct strbuf answer = STRBUF_INIT(65536);
        struct err why;
        bool ok = command_run(server, span_from(step->command), &answer, &why);
        strbuf_clear(&answer);
        if (!ok)
            return err_set(err, ERR_CONFIG, "%s:%d: %s", s->path, step->line, why.msg);
    }
    return true;
}
