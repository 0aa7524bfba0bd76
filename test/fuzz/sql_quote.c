/* Fuzz target: texts and names in SQL. What MySQL's own rules read back of what was quoted is what was
 * to be quoted, and the statement goes on right behind it. */
#include <config.h>

#include "actions/mysql_rights.h"
#include "actions/secrets.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)
#define BEFORE   "CREATE USER "
#define BEHIND   " REQUIRE NONE"

/* [dev.mysql.com/doc/refman/8.4/en/string-literals.html, table 11.1] */
static char escaped(char c)
{
    static const char from[] = "0nrtbZ", to[] = "\0\n\r\t\b\x1a";
    const char *at = memchr(from, c, sizeof(from) - 1);
    return at ? to[at - from] : c;
}

/* One that is enclosed, from the front of *rest; what it stands for. */
static void read_enclosed(struct span *rest, char quote, struct strbuf *out)
{
    size_t i = 1;
    bn_assert(rest->len >= 2 && rest->data[0] == quote);
    for (;; i++) {
        bn_assert(i < rest->len); /* it ends */
        const char c = rest->data[i];
        const bool twice = c == quote && i + 1 < rest->len && rest->data[i + 1] == quote;
        if (c == quote && !twice)
            break;
        bn_assert(c != '\0'); /* no byte that ends a statement for somebody */
        if (c == '\\' && quote == '\'') {
            bn_assert(i + 1 < rest->len);
            const char next = rest->data[++i];
            if (next == '%' || next == '_')
                strbuf_addc(out, '\\');
            strbuf_addc(out, escaped(next));
        } else {
            strbuf_addc(out, c);
            i += twice;
        }
    }
    *rest = span_sub(*rest, i + 1, rest->len);
}

static void check(struct span value, char quote)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), back = STRBUF_INIT(TEXT_MAX);
    strbuf_adds(&text, BEFORE);
    if (quote == '\'')
        sql_string(&text, value);
    else
        sql_name(&text, value);
    strbuf_adds(&text, BEHIND);
    bn_assert(!text.failed);
    struct span rest = span_sub(strbuf_span(&text), strlen(BEFORE), text.len);
    read_enclosed(&rest, quote, &back);
    bn_assert(span_eq(strbuf_span(&back), value));
    bn_assert(span_is(rest, BEHIND));
    strbuf_clear(&text);
    strbuf_clear(&back);
}

/* What is taken for a name has nothing that a name may not have; what is taken for rights is rights. */
static void check_words(struct span value)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), rights = STRBUF_INIT(TEXT_MAX);
    struct err err;
    strbuf_add(&text, value);
    const char *word = strbuf_cstr(&text);
    if (mysql_check_database(word, &err) || mysql_check_user(word, &err))
        for (const char *c = word; *c; c++)
            bn_assert((unsigned char)*c >= ' ' && *c != 0x7f);
    if (mysql_read_rights(word, &rights, &err))
        bn_assert(rights.len &&
                  strspn(strbuf_cstr(&rights), "ABCDEFGHIJKLMNOPQRSTUVWXYZ, ") == rights.len);
    strbuf_clear(&text);
    strbuf_clear(&rights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span value = span_make((const char *)data, size);
    check(value, '\'');
    if (span_find(value, '\0', 0) == size) { /* MySQL has no name with a NUL, and none is taken */
        check(value, '`');
        check_words(value);
    }
    return 0;
}
