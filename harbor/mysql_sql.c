/* Words of SQL [dev.mysql.com/doc/refman/8.4/en/language-structure.html]. */
#include <config.h>

#include "harbor/mysql_sql.h"

#include <string.h>

#define STATEMENT_MAX ((size_t)1 << 20)

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (c & 0x80);
}

static char escaped(char c)
{
    switch (c) {
    case '0':
        return '\0';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'Z':
        return 0x1a;
    default:
        return c;
    }
}

/* From what opens it to what closes it; the number of bytes that it takes, 0: it does not end. */
static size_t read_quoted(struct sql_words *s, struct span rest)
{
    const char quote = rest.data[0];
    for (size_t i = 1; i < rest.len; i++) {
        const bool twice = i + 1 < rest.len && rest.data[i + 1] == quote;
        if (rest.data[i] == quote && !twice)
            return i + 1;
        if (rest.data[i] == quote)
            strbuf_addc(&s->text, rest.data[i++]);
        else if (rest.data[i] == '\\' && quote != '`' && i + 1 < rest.len) {
            const char c = rest.data[++i];
            if (c == '%' || c == '_') /* these two stay as they are */
                strbuf_addc(&s->text, '\\');
            strbuf_addc(&s->text, escaped(c));
        } else
            strbuf_addc(&s->text, rest.data[i]);
    }
    return 0;
}

static size_t read_plain(struct sql_words *s, struct span rest, enum sql_sort *sort)
{
    size_t n = 0;
    while (n < rest.len && is_word(rest.data[n]))
        n++;
    *sort = n == 0 ? SQL_SIGN : SQL_WORD;
    if (n && rest.data[0] >= '0' && rest.data[0] <= '9')
        *sort = SQL_NUMBER;
    n = n ? n : 1;
    strbuf_add(&s->text, span_sub(rest, 0, n));
    return n;
}

bool sql_read(struct sql_words *s, struct span rest)
{
    *s = (struct sql_words){.text = STRBUF_INIT(STATEMENT_MAX)};
    while ((rest = span_trim(rest)).len) {
        struct sql_word w = {SQL_STRING, s->text.len, 0};
        const char c = rest.data[0];
        size_t n = 0;
        if (c == '`' || c == '\'' || c == '"') {
            w.sort = c == '`' ? SQL_NAME : SQL_STRING;
            n = read_quoted(s, rest);
        } else {
            n = read_plain(s, rest, &w.sort);
        }
        w.len = s->text.len - w.at;
        if (!n || s->text.failed || s->count == SQL_WORDS_MAX)
            return false;
        s->words[s->count++] = w;
        rest = span_sub(rest, n, rest.len);
    }
    return true;
}

void sql_done(struct sql_words *s)
{
    strbuf_wipe(&s->text);
}

enum sql_sort sql_sort(const struct sql_words *s)
{
    return s->next < s->count ? s->words[s->next].sort : SQL_END;
}

struct span sql_peek(const struct sql_words *s)
{
    if (s->next >= s->count)
        return SPAN("");
    const struct sql_word *w = &s->words[s->next];
    return w->len ? span_make(s->text.data + w->at, w->len) : SPAN("");
}

bool sql_take(struct sql_words *s, const char *word)
{
    const enum sql_sort sort = sql_sort(s);
    if ((sort != SQL_WORD && sort != SQL_SIGN) || !span_eq_nocase(sql_peek(s), span_from(word)))
        return false;
    s->next++;
    return true;
}

bool sql_take_all(struct sql_words *s, const char *words)
{
    struct span rest = span_from(words), one;
    const size_t before = s->next;
    while (span_split(&rest, ' ', &one)) {
        const enum sql_sort sort = sql_sort(s);
        if ((sort != SQL_WORD && sort != SQL_SIGN) || !span_eq_nocase(sql_peek(s), one)) {
            s->next = before;
            return false;
        }
        s->next++;
    }
    return true;
}

struct span sql_take_any(struct sql_words *s)
{
    const struct span text = sql_peek(s);
    s->next += s->next < s->count;
    return text;
}

struct span sql_take_name(struct sql_words *s)
{
    const enum sql_sort sort = sql_sort(s);
    return sort == SQL_NAME || sort == SQL_WORD || sort == SQL_NUMBER ? sql_take_any(s)
                                                                      : (struct span){NULL, 0};
}

struct span sql_take_string(struct sql_words *s)
{
    return sql_sort(s) == SQL_STRING ? sql_take_any(s) : (struct span){NULL, 0};
}

struct span sql_take_text(struct sql_words *s)
{
    return sql_sort(s) == SQL_STRING ? sql_take_any(s) : sql_take_name(s);
}

bool sql_take_user(struct sql_words *s, struct span *user, struct span *host)
{
    *user = sql_take_text(s);
    *host = SPAN("%");
    if (user->data && sql_take(s, "@"))
        *host = sql_take_text(s);
    return user->data && host->data;
}

bool sql_at_end(struct sql_words *s)
{
    (void)sql_take(s, ";");
    return sql_sort(s) == SQL_END;
}
