/* SQL taken apart into words, as far as the platform's MySQL servers understand it. */
#ifndef BINNACLE_HARBOR_MYSQL_SQL_H
#define BINNACLE_HARBOR_MYSQL_SQL_H

#include "base/strbuf.h"

#define SQL_WORDS_MAX 512

enum sql_sort { SQL_END, SQL_WORD, SQL_NAME, SQL_STRING, SQL_NUMBER, SQL_SIGN };

struct sql_word {
    enum sql_sort sort;
    size_t at, len; /* in the text, without what encloses it and what escapes in it */
};

/* A statement, and how far it has been read. */
struct sql_words {
    struct strbuf text; /* owned; wiped */
    struct sql_word words[SQL_WORDS_MAX];
    size_t count, next;
};

/* False: what is no SQL, or too much of it. sql_done() in both cases. */
bool sql_read(struct sql_words *s, struct span statement);
void sql_done(struct sql_words *s);

enum sql_sort sql_sort(const struct sql_words *s); /* of the next one */
struct span sql_peek(const struct sql_words *s);
/* Takes the next one if it is this word, in any case, or this sign. */
bool sql_take(struct sql_words *s, const char *word);
/* Takes these words, between blanks, if all of them come next. */
bool sql_take_all(struct sql_words *s, const char *words);
/* Takes a name, quoted or plain; or a text. data NULL: something else comes next. */
struct span sql_take_name(struct sql_words *s);
struct span sql_take_string(struct sql_words *s);
/* Takes a text or a name, where either may stand. */
struct span sql_take_text(struct sql_words *s);
/* Takes whatever comes next. */
struct span sql_take_any(struct sql_words *s);
/* 'USER'@'HOST', quoted or not; HOST is % where it is left out. */
bool sql_take_user(struct sql_words *s, struct span *user, struct span *host);
/* Whether all has been read; a semicolon at the end is nothing. */
bool sql_at_end(struct sql_words *s);

#endif
