/* Filters: compile once, match rows. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "model/change.h"
#include "model/filter_impl.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_LIMIT    20000 /* steps of a pattern on one text */
#define HEAP_LIMIT_KIB 256

static struct filter *filter_new(const struct kind *k, struct span text)
{
    struct filter *f = xalloc_zero(1, sizeof(*f));
    f->kind = k;
    f->text = xalloc_bytes(text.data ? text.data : "", text.len);
    f->match = pcre2_match_data_create(1, NULL);
    f->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(f->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(f->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(f->limits, HEAP_LIMIT_KIB);
    f->cell = (struct strbuf)STRBUF_INIT(ROW_TEXT_MAX);
    return f;
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    filter_node_free(f->root);
    pcre2_match_data_free(f->match);
    pcre2_match_context_free(f->limits);
    strbuf_clear(&f->cell);
    free(f->text);
    free(f);
}

struct filter *filter_compile(const struct kind *k, struct span text, size_t *where,
                              struct err *err)
{
    struct filter *f = filter_new(k, text);
    struct filter_parser p = {.kind = k, .text = span_make(f->text, text.len), .err = err};
    bool empty;
    f->root = filter_parse(&p, &empty);
    if (!p.nfaults)
        return f;
    *where = p.where;
    filter_free(f);
    return NULL;
}

struct filter *filter_compile_lenient(const struct kind *k, struct span text,
                                      struct filter_fault *faults, size_t max, size_t *nfaults)
{
    struct err err;
    struct filter *f = filter_new(k, text);
    struct filter_parser p = {.kind = k,
                              .text = span_make(f->text, text.len),
                              .lenient = true,
                              .faults = faults,
                              .max = max,
                              .err = &err};
    bool empty;
    f->root = filter_parse(&p, &empty);
    *nfaults = p.nfaults < max ? p.nfaults : max;
    return f;
}

void filter_set_scope(struct filter *f, const struct filter_scope *scope)
{
    f->scope = *scope;
}

bool filter_is_empty(const struct filter *f)
{
    return f->root == NULL;
}

static bool steady(const struct filter *f, const struct filter_node *n)
{
    if (!n)
        return true;
    if (n->type == NODE_FLAG && n->flag == FLAG_CHANGED)
        return false;
    if (n->type == NODE_COMPARE && n->column >= 0 &&
        (f->kind->columns[n->column].since || f->kind->columns[n->column].type == VALUE_INSTANT))
        return false;
    return steady(f, n->left) && steady(f, n->right);
}

bool filter_is_steady(const struct filter *f)
{
    return steady(f, f->root);
}

static uint64_t columns_of_flag(const struct filter_node *n)
{
    switch (n->flag) {
    case FLAG_BAD:
    case FLAG_LEVEL:
        return COLUMNS_LEVEL;
    case FLAG_HAS:
        return UINT64_C(1) << n->column;
    case FLAG_STALE:
    case FLAG_CHANGED:
    case FLAG_MARKED:
    case FLAG_PINNED:
    case FLAG_GONE:
        return COLUMNS_ALL;
    }
    return COLUMNS_ALL;
}

static uint64_t columns_of(const struct filter *f, const struct filter_node *n)
{
    if (!n)
        return 0;
    switch (n->type) {
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT:
        return columns_of(f, n->left) | columns_of(f, n->right);
    case NODE_WORD:
    case NODE_FUZZY:
        return ~COLUMNS_LEVEL;
    case NODE_REGEX:
    case NODE_TEXT:
        return n->column < 0 ? ~COLUMNS_LEVEL : UINT64_C(1) << n->column;
    case NODE_COMPARE:
        return n->column == COLUMN_LEVEL ? COLUMNS_LEVEL : UINT64_C(1) << n->column;
    case NODE_FLAG:
        return columns_of_flag(n);
    }
    return COLUMNS_ALL;
}

/* A change of an instant is a change of the age since then. */
uint64_t filter_columns(const struct filter *f)
{
    uint64_t columns = columns_of(f, f->root);
    for (size_t i = 0; columns != COLUMNS_ALL && i < f->kind->ncolumns; i++)
        if ((columns >> i & 1) && f->kind->columns[i].since)
            columns |= UINT64_C(1) << kind_column(f->kind, span_from(f->kind->columns[i].since));
    return columns;
}

bool filter_too_costly(const struct filter *f)
{
    return f->too_costly;
}

static bool word_at(const struct filter_node *n, size_t *left, struct span *word)
{
    if (!n || n->type == NODE_NOT)
        return false;
    if (n->type == NODE_WORD) {
        if ((*left)--)
            return false;
        *word = n->text;
        return true;
    }
    return word_at(n->left, left, word) || (*left != SIZE_MAX && word_at(n->right, left, word));
}

bool filter_word(const struct filter *f, size_t i, struct span *word)
{
    return word_at(f->root, &i, word);
}

/* Letters of needle in order, anywhere between. */
static bool fuzzy(struct span text, const struct filter_node *n)
{
    size_t at = 0;
    for (size_t i = 0; i < text.len && at < n->text.len; i++)
        if (span_eq_nocase(span_make(&text.data[i], 1), span_make(&n->text.data[at], 1)))
            at++;
    return at == n->text.len;
}

static bool text_matches(struct filter *f, const struct filter_node *n, struct span text)
{
    if (n->type == NODE_WORD)
        return span_search(text, n->text, !n->exact_case) < text.len;
    if (n->type == NODE_FUZZY)
        return fuzzy(text, n);
    int found = pcre2_match(n->regex, (PCRE2_SPTR)(text.data ? text.data : ""), text.len, 0, 0,
                            f->match, f->limits);
    if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
        found == PCRE2_ERROR_HEAPLIMIT || found == PCRE2_ERROR_JIT_STACKLIMIT)
        f->too_costly = true;
    return found >= 0;
}

/* Any column that a person sees: texts as they are, other cells as shown. Ages
 * are left out: they would match and unmatch by themselves. */
static bool any_text(struct filter *f, const struct filter_node *n, const struct store *st,
                     struct handle row)
{
    for (size_t i = 0; i < f->kind->ncolumns; i++) {
        const struct column *c = &f->kind->columns[i];
        if ((c->flags & COLUMN_HIDDEN) || c->since || c->type == VALUE_INSTANT ||
            c->type == VALUE_DURATION)
            continue;
        struct value v = store_cell(st, row, i, f->now_ms);
        if (v.type == VALUE_ABSENT)
            continue;
        if (v.type == VALUE_TEXT) {
            if (text_matches(f, n, v.text))
                return true;
            continue;
        }
        strbuf_truncate(&f->cell, 0);
        value_format(&v, &f->cell);
        if (text_matches(f, n, strbuf_span(&f->cell)))
            return true;
    }
    return false;
}

/* "a,b*": any of them; a list matches when one of its items does. */
static bool text_equals(const struct filter_node *n, struct span text)
{
    struct span wanted = n->text, one;
    while (span_split(&wanted, ',', &one)) {
        struct span items = text, item;
        while (span_split(&items, n->separator, &item))
            if (filter_glob(one, item, n->exact_case))
                return true;
    }
    return false;
}

/* A list matches when one of its items does; a text is a list of one. */
static bool any_item(struct filter *f, const struct filter_node *n, struct span text)
{
    struct span item;
    while (span_split(&text, n->separator, &item))
        if (n->type == NODE_REGEX ? text_matches(f, n, item)
                                  : span_search(item, n->text, !n->exact_case) < item.len)
            return true;
    return false;
}

/* "8.0.36" against "8.0.4": runs of digits by their number, the rest by bytes. */
static int compare_versions(struct span a, struct span b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        bool da = a.data[i] >= '0' && a.data[i] <= '9', db = b.data[j] >= '0' && b.data[j] <= '9';
        if (!da || !db) {
            if (a.data[i] != b.data[j])
                return (unsigned char)a.data[i] < (unsigned char)b.data[j] ? -1 : 1;
            i++;
            j++;
            continue;
        }
        double x = 0, y = 0;
        for (; i < a.len && a.data[i] >= '0' && a.data[i] <= '9'; i++)
            x = x * 10 + (a.data[i] - '0');
        for (; j < b.len && b.data[j] >= '0' && b.data[j] <= '9'; j++)
            y = y * 10 + (b.data[j] - '0');
        if (x < y || x > y)
            return x < y ? -1 : 1;
    }
    return (i < a.len) - (j < b.len);
}

static bool order_matches(enum filter_op op, int order)
{
    switch (op) {
    case OP_EQ:
        return order == 0;
    case OP_NE:
        return order != 0;
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    case OP_GE:
        return order >= 0;
    case OP_LIKE:
    case OP_UNLIKE:
        return false;
    }
    return false;
}

static bool match_text(struct filter *f, const struct filter_node *n, const struct store *st,
                       struct handle row)
{
    struct value v = store_cell(st, row, (size_t)n->column, 0);
    if (v.type == VALUE_ABSENT) /* no text is unlike every text */
        return n->op == OP_NE || n->op == OP_UNLIKE;
    switch (n->op) {
    case OP_EQ:
        return text_equals(n, v.text);
    case OP_NE:
        return !text_equals(n, v.text);
    case OP_LIKE:
        return any_item(f, n, v.text);
    case OP_UNLIKE:
        return !any_item(f, n, v.text);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return order_matches(n->op, compare_versions(v.text, n->text));
    }
    return false;
}

static void until(struct filter *f, int64_t when)
{
    if (when > f->now_ms && when < *f->until)
        *f->until = when;
}

/* An age grows: where it meets the number, the answer turns. */
static bool match_number(struct filter *f, const struct filter_node *n, const struct store *st,
                         struct handle row)
{
    struct value v;
    if (n->column == COLUMN_LEVEL)
        v = (struct value){.type = VALUE_LEVEL, .num = store_verdict(st, row).level};
    else
        v = store_cell(st, row, (size_t)n->column, f->now_ms);
    if (v.type == VALUE_ABSENT)
        return false;
    bool age = v.type == VALUE_INSTANT || (n->column >= 0 && f->kind->columns[n->column].since);
    double x = value_type_is_real(v.type) ? v.real : (double)v.num;
    if (v.type == VALUE_INSTANT)
        x = (double)(f->now_ms - v.num);
    if (age && n->column >= 0 && (f->kind->columns[n->column].flags & COLUMN_LEFT)) {
        int64_t end = f->now_ms + (int64_t)x; /* what is left shrinks */
        until(f, end - (int64_t)n->number);
        until(f, end - (int64_t)n->number + 1);
    } else if (age) {
        int64_t born = f->now_ms - (int64_t)x;
        until(f, born + (int64_t)n->number);
        until(f, born + (int64_t)n->number + 1);
    }
    return order_matches(n->op, (x > n->number) - (x < n->number));
}

static bool match_flag(struct filter *f, const struct filter_node *n, const struct store *st,
                       struct handle row)
{
    enum level level = store_verdict(st, row).level;
    switch (n->flag) {
    case FLAG_BAD:
        return level >= LEVEL_UNKNOWN;
    case FLAG_LEVEL:
        return level == (enum level)(int)n->number;
    case FLAG_STALE:
        return store_stale(st, row);
    case FLAG_GONE:
        return !store_alive(st, row);
    case FLAG_MARKED:
        return f->scope.is_marked && f->scope.is_marked(f->scope.self, row);
    case FLAG_PINNED:
        return f->scope.is_pinned && f->scope.is_pinned(f->scope.self, row);
    case FLAG_HAS: {
        struct value v = store_cell(st, row, (size_t)n->column, f->now_ms);
        return v.type != VALUE_ABSENT && (!value_type_is_text(v.type) || v.text.len);
    }
    case FLAG_CHANGED: {
        int64_t when = change_of_row(st, row);
        if (when == TIME_NONE || f->now_ms - when > (int64_t)n->number)
            return false;
        until(f, when + (int64_t)n->number + 1);
        return true;
    }
    }
    return false;
}

static bool match(struct filter *f, const struct filter_node *n, const struct store *st,
                  struct handle row)
{
    switch (n->type) {
    case NODE_AND:
        return match(f, n->left, st, row) && match(f, n->right, st, row);
    case NODE_OR:
        return match(f, n->left, st, row) || match(f, n->right, st, row);
    case NODE_NOT:
        return !match(f, n->left, st, row);
    case NODE_WORD:
    case NODE_FUZZY:
        return any_text(f, n, st, row);
    case NODE_REGEX:
        return n->column >= 0 ? any_item(f, n, store_text(st, row, (size_t)n->column))
                              : any_text(f, n, st, row);
    case NODE_COMPARE:
        return match_number(f, n, st, row);
    case NODE_TEXT:
        return match_text(f, n, st, row);
    case NODE_FLAG:
        return match_flag(f, n, st, row);
    }
    return false;
}

bool filter_match(struct filter *f, const struct store *st, struct handle row, int64_t now_ms,
                  int64_t *when)
{
    if (!f->root)
        return true;
    f->now_ms = now_ms;
    f->until = when;
    return match(f, f->root, st, row);
}
