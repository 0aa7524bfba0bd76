/* What a server of a test answers where. */
#include <config.h>

#include "test/systems/routes.h"

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

void routes_init(struct routes *r)
{
    *r = (struct routes){.count = 0};
    (void)pthread_mutex_init(&r->lock, NULL);
}

void routes_clear(struct routes *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->list[i].body);
    (void)pthread_mutex_destroy(&r->lock);
}

static size_t find(const struct routes *r, const char *path)
{
    size_t i = 0;
    while (i < r->count && strcmp(r->list[i].path, path) != 0)
        i++;
    return i;
}

void routes_answer(struct routes *r, const char *path, int status, const char *body)
{
    (void)pthread_mutex_lock(&r->lock);
    size_t i = find(r, path);
    assert_true(i < ROUTES_MAX);
    r->count += i == r->count;
    (void)snprintf(r->list[i].path, sizeof(r->list[i].path), "%s", path);
    free(r->list[i].body);
    r->list[i].body = strdup(body);
    r->list[i].status = status;
    (void)pthread_mutex_unlock(&r->lock);
}

int routes_find(const struct routes *r, const char *path, struct strbuf *body)
{
    size_t i = find(r, path);
    if (i == r->count)
        return 0;
    strbuf_adds(body, r->list[i].body);
    return r->list[i].status;
}

bool routes_flag(struct routes *r, const bool *flag)
{
    (void)pthread_mutex_lock(&r->lock);
    bool is = *flag;
    (void)pthread_mutex_unlock(&r->lock);
    return is;
}
