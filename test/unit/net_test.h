/* What the tests of net share. */
#ifndef BINNACLE_TEST_UNIT_NET_TEST_H
#define BINNACLE_TEST_UNIT_NET_TEST_H

#include "base/file.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define BODY_MAX ((size_t)32 << 20)

/* The body of a recorded answer: behind the first empty line after the dashes. */
static inline struct span recorded_body(struct span file)
{
    const size_t dashes = span_search(file, SPAN("\n--------\n"), false);
    const struct span answer = span_sub(file, dashes + 10, file.len);
    const size_t crlf = span_search(answer, SPAN("\r\n\r\n"), false);
    const size_t lf = span_search(answer, SPAN("\n\n"), false);

    return crlf < lf ? span_sub(answer, crlf + 4, answer.len)
                     : span_sub(answer, lf + 2, answer.len);
}

static inline void read_recorded(const char *name, struct strbuf *out)
{
    struct strbuf path = STRBUF_INIT(4096);

    strbuf_addf(&path, "%s/test/data/recorded/%s", getenv("top_srcdir"), name);
    assert_true(file_read(strbuf_cstr(&path), out, NULL));
    strbuf_clear(&path);
}

/* The sentence has these words. */
static inline void assert_says(const struct err *err, const char *words)
{
    if (!strstr(err->msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err->msg, words);
}

#endif
