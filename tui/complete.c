/* What can complete a prompt: the best first, by how the typed letters stand in
 * a word, then by how lately it was used. */
#include <config.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/history.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX  400
#define WORD_BYTES 128
#define FIND_FROM  3 /* letters from which on names are offered to be looked for */

struct candidate {
    char word[WORD_BYTES];
    const char *help; /* borrowed, or NULL */
    size_t score;     /* less is better */
};

struct candidates {
    struct ui *ui;
    struct span typed; /* the word that is completed */
    struct candidate *all;
    size_t count;
    bool used_first; /* order by history */
};

/* 0 the whole word, 1 its beginning, 2 inside, 3 the letters in their order; 4: not. */
static size_t score_of(struct span word, struct span typed)
{
    size_t at = span_search(word, typed, true), i = 0;
    if (at == 0 && word.len == typed.len)
        return 0;
    if (at < word.len || !typed.len)
        return at == 0 ? 1 : 2;
    for (size_t k = 0; k < word.len && i < typed.len; k++)
        i += utf8_lower((unsigned char)word.data[k]) == utf8_lower((unsigned char)typed.data[i]);
    return i == typed.len ? 3 : 4;
}

/* A word and what it means. also: other names by which it is found, or NULL. */
static void offer(struct candidates *c, struct span word, const char *also, const char *help)
{
    size_t score = score_of(word, c->typed);
    struct span rest = span_from(also), one;
    while (span_split(&rest, ' ', &one)) {
        size_t other = one.len ? score_of(one, c->typed) : 4;
        score = other < score ? other : score;
    }
    if (score == 4 || c->count == WORDS_MAX || word.len >= WORD_BYTES)
        return;
    size_t used = c->used_first ? history_age(c->ui->lines, word) : 0;
    struct candidate *new = &c->all[c->count];
    *new = (struct candidate){.help = help};
    new->score = (score * (HISTORY_LINES + 1) + used) * WORDS_MAX + c->count++;
    memcpy(new->word, word.data, word.len);
}

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

static void offer_first(struct candidates *c)
{
    const struct kind_list *kinds = session_kinds(c->ui->session);
    c->used_first = true;
    for (size_t i = 0; i < kinds->count; i++)
        offer(c, span_from(kinds->kinds[i]->plural), kinds->kinds[i]->aliases,
              kinds->kinds[i]->help);
    for (const struct command *cmd = command_table; cmd->name; cmd++)
        if (cmd->contexts & ui_context(c->ui))
            offer(c, span_from(cmd->name), NULL, cmd->help);
}

/* Lines of "word" or "word\thelp"; words keeps the helps until all is written. */
static void offer_words(struct candidates *c, void (*complete)(struct ui *, struct strbuf *),
                        struct strbuf *words)
{
    complete(c->ui, words);
    struct span rest = strbuf_span(words), one;
    while (span_split(&rest, '\n', &one)) {
        size_t tab = span_find(one, '\t', 0), end = (size_t)(one.data - words->data) + one.len;
        if (end < words->len)
            words->data[end] = '\0'; /* ends the help */
        if (tab)
            offer(c, span_sub(one, 0, tab), NULL, tab < one.len ? one.data + tab + 1 : NULL);
    }
}

static void write_out(struct candidates *c, struct strbuf *out)
{
    qsort(c->all, c->count, sizeof(c->all[0]), compare);
    for (size_t i = 0; i < c->count; i++)
        strbuf_addf(out, "%s\t%s\n", c->all[i].word, c->all[i].help ? c->all[i].help : "");
}

void command_complete(struct ui *ui, struct span line, struct strbuf *out)
{
    struct candidates c = {.ui = ui, .all = xalloc_zero(WORDS_MAX, sizeof(struct candidate))};
    struct strbuf words = STRBUF_INIT(256 * 1024);
    size_t blank = span_find(line, ' ', 0), last = span_find_last(line, ' ');
    if (blank == line.len) {
        c.typed = line;
        offer_first(&c);
        write_out(&c, out);
        if (line.len >= FIND_FROM)
            strbuf_addf(out, "find %.*s\tRows of any kind with this in their names.\n",
                        SPAN_ARG(line));
    } else {
        struct span word = span_sub(line, 0, blank);
        const struct command *cmd = command_find(word);
        int kind = cmd ? -1 : kind_find(session_kinds(ui->session), word);
        c.typed = span_sub(line, last + 1, line.len);
        if (cmd && cmd->complete)
            offer_words(&c, cmd->complete, &words);
        else if (kind >= 0)
            offer_words(&c, complete_namespaces, &words);
        write_out(&c, out);
    }
    strbuf_clear(&words);
    free(c.all);
}

/* What stands behind a column's name to compare it, by its type. */
static const char *operator_of(enum value_type type)
{
    bool text = type == VALUE_TEXT || type == VALUE_LIST || type == VALUE_BOOL;
    return text ? "=" : type == VALUE_DURATION || type == VALUE_INSTANT ? "<" : ">";
}

void filter_complete(struct ui *ui, struct span line, struct strbuf *out)
{
    static const char *const flags[] = {"is:bad",     "is:warn",  "is:crit",
                                        "is:changed", "is:stale", "is:marked",
                                        "is:pinned",  "is:gone",  "@15m"};
    struct candidates c = {.ui = ui, .all = xalloc_zero(WORDS_MAX, sizeof(struct candidate))};
    int number = ui_top(ui)->place.kind;
    size_t last = span_find_last(line, ' ');
    c.typed = last < line.len ? span_sub(line, last + 1, line.len) : line;
    const struct kind *kind = number < 0 ? NULL : store_kind(ui->store, (uint16_t)number);
    for (size_t i = 0; kind && i < kind->ncolumns; i++) {
        char word[WORD_BYTES];
        (void)snprintf(word, sizeof(word), "%s%s", kind->columns[i].name,
                       operator_of(kind->columns[i].type));
        offer(&c, span_from(word), NULL, kind->columns[i].help);
    }
    for (size_t i = 0; i < BN_COUNT(flags); i++)
        offer(&c, span_from(flags[i]), NULL, NULL);
    write_out(&c, out);
    free(c.all);
}
