/* The grammar of filters: text to tree. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "model/filter_impl.h"

#include <stdlib.h>
#include <string.h>

void filter_node_free(struct filter_node *n)
{
    if (!n)
        return;
    filter_node_free(n->left);
    filter_node_free(n->right);
    if (n->regex)
        pcre2_code_free(n->regex);
    free(n);
}

static struct filter_node *node_new(enum node_type type)
{
    struct filter_node *n = xalloc_zero(1, sizeof(*n));
    n->type = type;
    n->column = COLUMN_ANY;
    return n;
}

static void skip_blanks(struct filter_parser *p)
{
    while (p->at < p->text.len && p->text.data[p->at] == ' ')
        p->at++;
}

static bool at_char(const struct filter_parser *p, char c)
{
    return p->at < p->text.len && p->text.data[p->at] == c;
}

/* Characters, not bytes: what a person counts. */
static size_t count_characters(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    return n;
}

/* A fault from `from` to here: an error, or noted and left out. Gives NULL. */
static struct filter_node *fault(struct filter_parser *p, size_t from, const char *why)
{
    if (!p->lenient && !p->nfaults) {
        p->where = from;
        (void)err_set(p->err, ERR_CONFIG, "filter, character %zu: %s",
                      count_characters(span_sub(p->text, 0, from)) + 1, why);
    }
    if (p->nfaults < p->max) {
        struct filter_fault *f = &p->faults[p->nfaults];
        f->from = from;
        f->len = p->at > from ? p->at - from : 1;
        size_t len = strlen(why);
        len = len < sizeof(f->why) ? len : sizeof(f->why) - 1;
        while (((unsigned char)why[len] & 0xc0) == 0x80) /* cut between characters */
            len--;
        memcpy(f->why, why, len);
        f->why[len] = '\0';
    }
    p->nfaults++;
    return NULL;
}

static bool has_upper(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] >= 'A' && s.data[i] <= 'Z')
            return true;
    return false;
}

/* Up to a blank, bracket or bar; quotes keep those. */
static struct span take_bare(struct filter_parser *p)
{
    size_t from = p->at;
    while (p->at < p->text.len && !strchr(" ()|", p->text.data[p->at]))
        p->at++;
    return span_sub(p->text, from, p->at - from);
}

/* Text between the present delimiter and the next one. */
static bool take_quoted(struct filter_parser *p, struct span *out)
{
    char quote = p->text.data[p->at++];
    size_t from = p->at;
    while (p->at < p->text.len && p->text.data[p->at] != quote)
        p->at += p->text.data[p->at] == '\\' && p->at + 1 < p->text.len ? 2 : 1;
    *out = span_sub(p->text, from, p->at - from);
    if (!at_char(p, quote))
        return false;
    p->at++;
    return true;
}

/* Takes the backslashes out of a quoted text, where it stands: the text is the
 * filter's own copy. */
static struct span unescape(struct span s)
{
    char *to = (char *)(uintptr_t)s.data;
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\\' && i + 1 < s.len)
            i++;
        to[len++] = s.data[i];
    }
    return span_make(s.data, len);
}

/* Labels are one text, joined by commas, which neither their keys nor values have
 * [kubernetes concepts/overview/working-with-objects/labels, syntax]. */
static void look_in(struct filter_node *n, const struct filter_parser *p, int column)
{
    const struct column *c = &p->kind->columns[column];
    bool commas = c->type == VALUE_TEXT && strcmp(c->name, "labels") == 0;
    n->column = column;
    n->separator = commas ? ',' : LIST_SEPARATOR;
}

static struct filter_node *text_node(enum node_type type, struct span text)
{
    struct filter_node *n = node_new(type);
    n->text = text;
    n->exact_case = has_upper(text);
    return n;
}

static struct filter_node *regex_node(struct filter_parser *p, size_t from, struct span pattern)
{
    int code;
    PCRE2_SIZE where;
    uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | (has_upper(pattern) ? 0 : PCRE2_CASELESS);
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR)(pattern.data ? pattern.data : ""), pattern.len,
                                      options, &code, &where, NULL);
    if (!regex) {
        char message[96];
        struct err why;
        (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof(message));
        (void)err_set(&why, ERR_CONFIG, "in the pattern: %s", message);
        return fault(p, from, why.msg);
    }
    (void)pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE);
    struct filter_node *n = node_new(NODE_REGEX);
    n->regex = regex;
    return n;
}

struct flag_name {
    const char *name;
    enum filter_flag flag;
    double number;
};

static struct filter_node *flag_node(struct filter_parser *p, size_t from, struct span name)
{
    static const struct flag_name flags[] = {
        {"bad", FLAG_BAD, 0},
        {"off", FLAG_LEVEL, LEVEL_OFF},
        {"ok", FLAG_LEVEL, LEVEL_OK},
        {"notice", FLAG_LEVEL, LEVEL_NOTICE},
        {"progress", FLAG_LEVEL, LEVEL_PROGRESS},
        {"unknown", FLAG_LEVEL, LEVEL_UNKNOWN},
        {"warn", FLAG_LEVEL, LEVEL_WARNING},
        {"warning", FLAG_LEVEL, LEVEL_WARNING},
        {"crit", FLAG_LEVEL, LEVEL_CRITICAL},
        {"critical", FLAG_LEVEL, LEVEL_CRITICAL},
        {"stale", FLAG_STALE, 0},
        {"changed", FLAG_CHANGED, 15 * 60 * 1000},
        {"marked", FLAG_MARKED, 0},
        {"pinned", FLAG_PINNED, 0},
        {"gone", FLAG_GONE, 0},
    };
    for (size_t i = 0; i < BN_COUNT(flags); i++) {
        if (!span_is(name, flags[i].name))
            continue;
        struct filter_node *n = node_new(NODE_FLAG);
        n->flag = flags[i].flag;
        n->number = flags[i].number;
        return n;
    }
    return fault(p, from, "is: what? bad, warn, crit, unknown, ok, stale, changed, marked");
}

/* Exact name, or the only column that begins so; -1 none, -3 several. */
static int find_column(const struct filter_parser *p, struct span name)
{
    static const struct {
        const char *name, *column;
    } aliases[] = {{"ns", "namespace"}, {"rst", "restarts"}};

    for (size_t i = 0; i < BN_COUNT(aliases); i++)
        if (span_is(name, aliases[i].name))
            name = span_from(aliases[i].column);
    if (span_is(name, "level"))
        return COLUMN_LEVEL;
    int found = kind_column(p->kind, name);
    if (found >= 0)
        return found;
    for (size_t i = 0; i < p->kind->ncolumns; i++) {
        const char *column = p->kind->columns[i].name;
        if (strlen(column) <= name.len || strncmp(column, name.data, name.len) != 0)
            continue;
        if (found >= 0)
            return -3;
        found = (int)i;
    }
    return found;
}

static struct filter_node *has_node(struct filter_parser *p, size_t from, struct span name)
{
    int column = find_column(p, name);
    if (column < 0)
        return fault(p, from, "has: which column?");
    struct filter_node *n = node_new(NODE_FLAG);
    n->flag = FLAG_HAS;
    n->column = column;
    return n;
}

static struct filter_node *changed_node(struct filter_parser *p, size_t from, struct span age)
{
    int64_t ms;
    if (!duration_parse(age, &ms))
        return fault(p, from, "@ wants a duration: @15m");
    struct filter_node *n = node_new(NODE_FLAG);
    n->flag = FLAG_CHANGED;
    n->number = (double)ms;
    return n;
}

static const char *const op_texts[] = {
    [OP_EQ] = "=", [OP_NE] = "!=", [OP_LIKE] = "~", [OP_UNLIKE] = "!~",
    [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">",   [OP_GE] = ">=",
};

/* Length of the column name when `name op` begins here; 0: it does not. */
static size_t take_op(struct span text, enum filter_op *op)
{
    size_t n = 0;
    while (n < text.len && !strchr(" ()|\"/=!~<>", text.data[n]))
        n++;
    if (!n || n == text.len)
        return 0;
    struct span rest = span_sub(text, n, text.len);
    size_t best = 0;
    for (size_t i = 0; i < BN_COUNT(op_texts); i++) {
        size_t len = strlen(op_texts[i]);
        if (len > best && span_starts(rest, op_texts[i])) {
            best = len;
            *op = (enum filter_op)i;
        }
    }
    return best ? n : 0;
}

/* What stands behind an operator: "quoted", /a pattern/ behind ~ and !~, else all up
 * to a blank. A / that is not closed where a term ends belongs to the text. */
static bool take_value(struct filter_parser *p, enum filter_op op, struct span *value,
                       bool *is_pattern)
{
    size_t from = p->at;
    *is_pattern = false;
    if (at_char(p, '"')) {
        if (!take_quoted(p, value))
            return false;
        *value = unescape(*value);
        return true;
    }
    if ((op == OP_LIKE || op == OP_UNLIKE) && at_char(p, '/')) {
        *is_pattern = take_quoted(p, value) && value->len &&
                      (p->at == p->text.len || strchr(" ()|", p->text.data[p->at]));
        if (*is_pattern)
            return true;
        p->at = from;
    }
    *value = take_bare(p);
    return true;
}

static struct filter_node *negated(struct filter_node *inner)
{
    struct filter_node *n = inner ? node_new(NODE_NOT) : NULL;
    if (n)
        n->left = inner;
    return n;
}

static struct filter_node *pattern_cond(struct filter_parser *p, struct filter_node *n, size_t from,
                                        struct span pattern)
{
    struct filter_node *regex = regex_node(p, from, pattern);
    bool unlike = n->op == OP_UNLIKE;
    if (regex)
        look_in(regex, p, n->column);
    filter_node_free(n);
    return unlike ? negated(regex) : regex;
}

static struct filter_node *text_cond(const struct filter_parser *p, struct filter_node *n,
                                     struct span value)
{
    n->type = NODE_TEXT;
    look_in(n, p, n->column);
    n->text = value;
    n->exact_case = has_upper(value);
    return n;
}

static struct filter_node *number_cond(struct filter_parser *p, struct filter_node *n, size_t from,
                                       const struct column *c, struct span value)
{
    struct err err;
    n->type = NODE_COMPARE;
    if (n->op == OP_LIKE || n->op == OP_UNLIKE) {
        filter_node_free(n);
        return fault(p, from, "~ is for texts; numbers take = != < <= > >=");
    }
    if (filter_value(c, value, &n->number, &err))
        return n;
    filter_node_free(n);
    return fault(p, from, err.msg);
}

static struct filter_node *cond(struct filter_parser *p, size_t name_len, enum filter_op op)
{
    static const struct column level = {.name = "level", .type = VALUE_LEVEL};
    size_t from = p->at;
    struct span name = span_sub(p->text, p->at, name_len), value;
    bool is_pattern;
    p->at += name_len + strlen(op_texts[op]);
    if (!take_value(p, op, &value, &is_pattern))
        return fault(p, from, "the quote is not closed");
    int column = find_column(p, name);
    if (column == -3 || column == -1) {
        struct err why;
        (void)err_set(&why, ERR_CONFIG, "%s `%.*s`",
                      column == -3 ? "several columns begin with" : "there is no column",
                      SPAN_ARG(name));
        return fault(p, from, why.msg);
    }
    if (!value.len)
        return fault(p, from, "a value is missing behind the operator");
    struct filter_node *n = node_new(NODE_TEXT);
    n->column = column;
    n->op = op;
    const struct column *c = column == COLUMN_LEVEL ? &level : &p->kind->columns[column];
    if (value_type_is_text(c->type))
        return is_pattern ? pattern_cond(p, n, from, value) : text_cond(p, n, value);
    return number_cond(p, n, from, c, value);
}

static struct filter_node *join(enum node_type type, struct filter_node *a, struct filter_node *b)
{
    if (!a || !b)
        return a ? a : b;
    struct filter_node *n = node_new(type);
    n->left = a;
    n->right = b;
    return n;
}

/* Takes a byte out of the filter's own copy. */
static struct span without(struct span s, size_t at)
{
    char *bytes = (char *)(uintptr_t)s.data;
    memmove(bytes + at, bytes + at + 1, s.len - at - 1);
    return span_make(s.data, s.len - 1);
}

/* One requirement on labels: key=value, key==value, key!=value, key, !key. */
static struct filter_node *label_node(struct filter_parser *p, size_t from, int column,
                                      struct span part)
{
    size_t equal = span_find(part, '=', 0);
    bool unlike = span_starts(part, "!");
    struct filter_node *n;
    if (equal < part.len) {
        unlike = equal && part.data[equal - 1] == '!';
        if (unlike)
            part = without(part, equal - 1);
        else if (equal + 1 < part.len && part.data[equal + 1] == '=')
            part = without(part, equal);
        n = node_new(NODE_TEXT);
        n->op = unlike ? OP_NE : OP_EQ;
        n->text = part;
        n->exact_case = true;
        look_in(n, p, column);
        return n;
    }
    struct strbuf pattern = STRBUF_INIT(FILTER_TEXT_MAX + 16);
    strbuf_addf(&pattern, "^\\Q%.*s\\E=", SPAN_ARG(span_sub(part, unlike, part.len)));
    n = regex_node(p, from, strbuf_span(&pattern));
    strbuf_clear(&pattern);
    if (n)
        look_in(n, p, column);
    return unlike ? negated(n) : n;
}

/* `-l app=web,tier!=db` as kubectl takes it: all of them. */
static struct filter_node *selector_node(struct filter_parser *p, size_t from)
{
    struct span labels, part;
    struct filter_node *all = NULL;
    int column = kind_column(p->kind, SPAN("labels"));
    skip_blanks(p);
    labels = take_bare(p);
    if (column < 0 || !value_type_is_text(p->kind->columns[column].type))
        return fault(p, from, "-l: there is no column `labels`");
    if (!labels.len)
        return fault(p, from, "-l wants labels: -l app=web,tier!=db");
    while (span_split(&labels, ',', &part)) {
        struct filter_node *n = part.len ? label_node(p, from, column, part)
                                         : fault(p, from, "-l wants labels: -l app=web,tier!=db");
        if (!n) {
            filter_node_free(all);
            return NULL;
        }
        all = join(NODE_AND, all, n);
    }
    return all;
}

static struct filter_node *parse_or(struct filter_parser *p, bool *empty);

static struct filter_node *group(struct filter_parser *p)
{
    size_t from = p->at++;
    bool empty;
    if (p->depth >= FILTER_DEPTH_MAX)
        return fault(p, from, "brackets are nested too deep");
    p->depth++;
    struct filter_node *n = parse_or(p, &empty);
    p->depth--;
    skip_blanks(p);
    if (!at_char(p, ')')) {
        filter_node_free(n);
        return fault(p, from, "the bracket is not closed");
    }
    p->at++;
    return n;
}

static struct filter_node *special(struct filter_parser *p)
{
    size_t from = p->at;
    struct span text;
    char c = p->text.data[p->at];
    if (c == '"')
        return take_quoted(p, &text) ? text_node(NODE_WORD, unescape(text))
                                     : fault(p, from, "the quote is not closed");
    if (c == '/')
        return take_quoted(p, &text) ? regex_node(p, from, text)
                                     : fault(p, from, "the pattern's / is not closed");
    p->at++;
    text = take_bare(p);
    if (!text.len)
        return fault(p, from, c == '~' ? "~ wants letters" : "@ wants a duration: @15m");
    return c == '~' ? text_node(NODE_FUZZY, text) : changed_node(p, from, text);
}

static struct filter_node *primary(struct filter_parser *p)
{
    enum filter_op op;
    size_t from = p->at;
    struct span rest = span_sub(p->text, p->at, p->text.len);
    if (at_char(p, '('))
        return group(p);
    if (strchr("\"/~@", rest.data[0]))
        return special(p);
    size_t name = take_op(rest, &op);
    if (name)
        return cond(p, name, op);
    struct span word = take_bare(p);
    if (span_starts(word, "is:"))
        return flag_node(p, from, span_sub(word, 3, word.len));
    if (span_starts(word, "has:"))
        return has_node(p, from, span_sub(word, 4, word.len));
    if (span_is(word, "-l"))
        return selector_node(p, from);
    if (!word.len) {
        p->at++;
        return fault(p, from, "a term was expected here");
    }
    return text_node(NODE_WORD, word);
}

static struct filter_node *parse_term(struct filter_parser *p)
{
    size_t from = p->at;
    if (++p->terms > FILTER_TERMS_MAX) {
        p->at = p->text.len;
        return fault(p, from, "the filter has too many terms");
    }
    if (!at_char(p, '!'))
        return primary(p);
    p->at++;
    if (p->at == p->text.len || at_char(p, ' '))
        return fault(p, from, "! wants a term behind it");
    if (p->depth >= FILTER_DEPTH_MAX)
        return fault(p, from, "! is nested too deep");
    p->depth++;
    struct filter_node *inner = parse_term(p);
    p->depth--;
    return negated(inner);
}

static struct filter_node *parse_and(struct filter_parser *p, bool *empty)
{
    struct filter_node *all = NULL;
    *empty = true;
    for (;;) {
        skip_blanks(p);
        if (p->at >= p->text.len || at_char(p, '|') || at_char(p, ')'))
            return all;
        *empty = false;
        all = join(NODE_AND, all, parse_term(p));
        if (p->nfaults && !p->lenient) {
            filter_node_free(all);
            return NULL;
        }
    }
}

static struct filter_node *parse_or(struct filter_parser *p, bool *empty)
{
    bool one_empty;
    struct filter_node *any = parse_and(p, empty);
    while (at_char(p, '|')) {
        size_t from = p->at++;
        struct filter_node *next = parse_and(p, &one_empty);
        if (*empty || one_empty) {
            (void)fault(p, from, "| wants a term on both sides");
            *empty = false;
        }
        any = join(NODE_OR, any, next);
        if (p->nfaults && !p->lenient) {
            filter_node_free(any);
            return NULL;
        }
    }
    return any;
}

struct filter_node *filter_parse(struct filter_parser *p, bool *empty)
{
    if (p->text.len > FILTER_TEXT_MAX) {
        p->at = p->text.len;
        *empty = false;
        return fault(p, 0, "the filter is too long");
    }
    struct filter_node *n = parse_or(p, empty);
    while (at_char(p, ')') && (p->lenient || !p->nfaults)) {
        (void)fault(p, p->at, "this bracket was not opened");
        p->at++;
        bool more;
        n = join(NODE_AND, n, parse_or(p, &more));
    }
    if (p->nfaults && !p->lenient) {
        filter_node_free(n);
        return NULL;
    }
    return n;
}
