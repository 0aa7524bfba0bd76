/* Faults by words. */
#include <config.h>

#include "harbor/fault.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    enum fault_type type;
    bool number;
} words[] = {
    {"status", FAULT_STATUS, true},    {"delay", FAULT_DELAY, true},
    {"stall", FAULT_STALL, false},     {"reset", FAULT_RESET, false},
    {"cut", FAULT_CUT, true},          {"slow", FAULT_SLOW, true},
    {"silence", FAULT_SILENCE, false}, {"html", FAULT_HTML, false},
    {"garbage", FAULT_GARBAGE, false}, {"goaway", FAULT_GOAWAY, false},
};

static bool take_word(struct fault *f, struct span word, struct err *err)
{
    size_t equals = span_find(word, '=', 0);
    struct span name = span_sub(word, 0, equals), number = span_sub(word, equals + 1, word.len);
    int64_t n = 0;
    if (number.len && !number_parse(number, 0, INT64_MAX, &n))
        return err_set(err, ERR_CONFIG, "`%.*s` is no number", SPAN_ARG(number));
    if (span_is(name, "count")) {
        f->left = n;
        return true;
    }
    for (size_t i = 0; i < BN_COUNT(words); i++) {
        if (!span_is(name, words[i].word))
            continue;
        if (words[i].number != (number.len > 0))
            return err_set(err, ERR_CONFIG, "%s %s", words[i].word,
                           words[i].number ? "wants a number" : "takes no number");
        f->type = words[i].type;
        f->number = n;
        return true;
    }
    return err_set(err, ERR_CONFIG, "no fault is called `%.*s`", SPAN_ARG(name));
}

bool fault_add(struct faults *f, struct span text, struct err *err)
{
    struct fault fault = {.type = FAULT_STALL, .left = -1};
    struct span word;
    size_t n = 0;
    if (f->count == FAULTS_MAX)
        return err_set(err, ERR_CONFIG, "there are %d faults already", FAULTS_MAX);
    while (span_split(&text, ' ', &word)) {
        if (!word.len)
            continue;
        if (n == 0 && !span_starts(word, "/"))
            (void)snprintf(fault.method, sizeof(fault.method), "%.*s", SPAN_ARG(word));
        else if (n++ == 0)
            (void)snprintf(fault.prefix, sizeof(fault.prefix), "%.*s", SPAN_ARG(word));
        else if (!take_word(&fault, word, err))
            return false;
    }
    if (n < 2)
        return err_set(err, ERR_CONFIG,
                       "a fault is PREFIX and what happens: `/api status=503 count=2`");
    f->list[f->count++] = fault;
    return true;
}

void fault_clear(struct faults *f)
{
    f->count = 0;
}

const struct fault *fault_take(struct faults *f, const char *method, struct span target)
{
    for (size_t i = 0; i < f->count; i++) {
        struct fault *fault = &f->list[i];
        if (fault->left == 0 || !span_starts(target, fault->prefix) ||
            (fault->method[0] && strcmp(fault->method, method) != 0))
            continue;
        if (fault->left > 0)
            fault->left--;
        return fault;
    }
    return NULL;
}
