/* From sources' threads to the store: in order, bounded, nothing lost, woken by a
 * descriptor, ended at once. Runs under the thread sanitizer. */
#include <config.h>

#include "model/outbox.h"
#include "test/unit/model_test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CAP ((size_t)64 << 10)

struct box {
    struct inbox *in;
    struct outbox *out;
    int cancel_fd;
};

static struct box box_new(size_t cap)
{
    struct err err;
    struct box b = {.in = inbox_new(&err), .cancel_fd = eventfd(0, EFD_CLOEXEC)};
    assert_non_null(b.in);
    assert_true(b.cancel_fd >= 0);
    b.out = outbox_new(b.in, cap);
    assert_non_null(b.out);
    (void)alarm(60); /* a push that never returns must not hang the run */
    return b;
}

static void box_free(struct box *b)
{
    outbox_free(b->out);
    inbox_free(b->in);
    (void)close(b->cancel_fd);
}

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* A batch with one row, or a drop of it (restarts < 0). */
static struct message *row(unsigned source, unsigned key, int64_t restarts)
{
    struct row_writer w;
    char name[32];
    int n = snprintf(name, sizeof(name), "a/x%u", key);
    row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)1 << 20);
    if (restarts < 0) {
        assert_true(row_drop(&w, span_make(name, (size_t)n)));
    } else {
        row_begin(&w, span_make(name, (size_t)n));
        row_num(&w, COL_RESTARTS, restarts);
        assert_true(row_end(&w));
    }
    struct message *m = row_writer_take(&w, (uint16_t)source, KIND_THING);
    row_writer_clear(&w);
    assert_non_null(m);
    return m;
}

static struct message *mark(enum message_type type, uint32_t generation)
{
    struct message *m = message_new(type, 0, KIND_THING);
    assert_non_null(m);
    m->generation = generation;
    m->complete = true;
    return m;
}

static void push(struct box *b, struct message *m)
{
    assert_true(outbox_push(b->out, m, b->cancel_fd));
}

/* Gives all that waits to the store; returns how many messages. */
static size_t drain(struct inbox *in, struct store *st)
{
    struct message *m;
    struct err err;
    size_t n = 0;
    for (; (m = inbox_pop(in)) != NULL; n++) {
        assert_true(store_apply(st, m, NOW, &err));
        message_free(m);
    }
    return n;
}

static int64_t restarts_of(const struct store *st, unsigned source, unsigned key)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "a/x%u", key);
    return store_num(st, test_find(st, source, KIND_THING, name), COL_RESTARTS, -1);
}

static void test_in_order(void **state)
{
    struct box b = box_new(CAP);
    (void)state;
    for (uint32_t i = 1; i <= 50; i++)
        push(&b, mark(MESSAGE_DOCUMENT, i));
    for (uint32_t i = 1; i <= 50; i++) {
        struct message *m = inbox_pop(b.in);
        assert_non_null(m);
        assert_int_equal(m->generation, i);
        message_free(m);
    }
    assert_null(inbox_pop(b.in));
    assert_int_equal(outbox_pending_bytes(b.out), 0);
    box_free(&b);
}

static void test_outboxes_take_turns(void **state)
{
    struct box b = box_new(CAP);
    struct outbox *other = outbox_new(b.in, CAP);
    unsigned seen[2] = {0, 0};
    (void)state;
    for (int i = 0; i < 10; i++) {
        push(&b, message_new(MESSAGE_DOCUMENT, 0, KIND_THING));
        assert_true(outbox_push(other, message_new(MESSAGE_DOCUMENT, 1, KIND_THING), b.cancel_fd));
    }
    for (int i = 0; i < 10; i++) {
        struct message *m = inbox_pop(b.in);
        seen[m->source]++;
        message_free(m);
    }
    assert_int_equal(seen[0], 5); /* a loud one does not starve the other */
    assert_int_equal(seen[1], 5);
    outbox_free(other); /* with messages waiting, and in the middle of the turns */
    while (b.out && seen[0] < 10) {
        struct message *m = inbox_pop(b.in);
        assert_int_equal(m->source, 0);
        seen[0]++;
        message_free(m);
    }
    assert_null(inbox_pop(b.in));
    assert_false(is_readable(inbox_fd(b.in)));
    box_free(&b);
}

/* Nobody sees a part of what is released together, nor another's in between. */
static void test_what_is_held_comes_at_once(void **state)
{
    struct box b = box_new(CAP);
    struct outbox *other = outbox_new(b.in, CAP);
    (void)state;
    outbox_hold(b.out);
    for (uint32_t i = 1; i <= 3; i++)
        push(&b, mark(MESSAGE_DOCUMENT, i));
    assert_true(outbox_push(other, message_new(MESSAGE_DOCUMENT, 1, KIND_THING), b.cancel_fd));
    struct message *m = inbox_pop(b.in);
    assert_int_equal(m->source, 1);
    assert_false(m->more);
    message_free(m);
    assert_null(inbox_pop(b.in));
    assert_true(outbox_release(b.out, b.cancel_fd));
    for (int i = 0; i < 3; i++)
        assert_true(outbox_push(other, message_new(MESSAGE_DOCUMENT, 1, KIND_THING), b.cancel_fd));
    m = inbox_pop(b.in); /* whose turn it is is no matter */
    if (m->source == 1) {
        message_free(m);
        m = inbox_pop(b.in);
    }
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(m->source, 0);
        assert_int_equal(m->generation, i);
        assert_int_equal(m->more, i < 3);
        message_free(m);
        m = inbox_pop(b.in);
    }
    message_free(m);
    outbox_hold(b.out);
    push(&b, mark(MESSAGE_DOCUMENT, 4)); /* never released: freed with it */
    outbox_free(other);
    box_free(&b);
}

static void test_the_descriptor_says_when(void **state)
{
    struct box b = box_new(CAP);
    (void)state;
    assert_false(is_readable(inbox_fd(b.in)));
    push(&b, mark(MESSAGE_DOCUMENT, 1));
    push(&b, mark(MESSAGE_DOCUMENT, 2));
    assert_true(is_readable(inbox_fd(b.in)));
    message_free(inbox_pop(b.in));
    assert_true(is_readable(inbox_fd(b.in))); /* one is left */
    message_free(inbox_pop(b.in));
    assert_false(is_readable(inbox_fd(b.in))); /* no waking for nothing */
    push(&b, mark(MESSAGE_DOCUMENT, 3));
    assert_true(is_readable(inbox_fd(b.in)));
    outbox_free(b.out); /* what waited goes with it */
    b.out = NULL;
    assert_false(is_readable(inbox_fd(b.in)));
    box_free(&b);
}

/* Nobody reads and a few rows change for ever: what waits is bounded by the rows, so
 * no push has to wait, and the last word of each row arrives. */
static void test_bounded_by_distinct_keys(void **state)
{
    struct box b = box_new(CAP);
    struct store *st = test_store(1);
    (void)state;
    for (int64_t i = 0; i < 30000; i++)
        push(&b, row(0, (unsigned)(i % 10), i));
    assert_true(outbox_pending_bytes(b.out) < CAP);
    (void)drain(b.in, st);
    assert_int_equal(store_count(st, KIND_THING), 10);
    for (unsigned k = 0; k < 10; k++)
        assert_int_equal(restarts_of(st, 0, k), 29990 + k);
    store_free(st);
    box_free(&b);
}

/* A drop replaces the puts before it, a put the drop before it. */
static void test_drops_and_puts_replace_each_other(void **state)
{
    struct box b = box_new(CAP);
    struct store *st = test_store(1);
    struct handle gone;
    (void)state;
    for (int64_t i = 0; i < 20000; i++)
        push(&b, row(0, (unsigned)(i % 3), i % 2 ? i : -1));
    push(&b, row(0, 0, 7));
    push(&b, row(0, 1, 7));
    push(&b, row(0, 1, -1));
    (void)drain(b.in, st);
    assert_int_equal(restarts_of(st, 0, 0), 7);
    assert_false(store_find(st, 0, KIND_THING, SPAN("a/x1"), &gone));
    store_free(st);
    box_free(&b);
}

/* A put before a whole picture and one within it are not the same news: taking one for
 * the other would let the sweep drop a row that is there. */
static void test_pictures_are_kept_apart(void **state)
{
    struct box b = box_new((size_t)1 << 20);
    struct store *st = test_store(1);
    (void)state;
    for (int i = 0; i < 300; i++) /* so that the outbox begins to replace */
        push(&b, mark(MESSAGE_DOCUMENT, 0));
    for (uint32_t generation = 1; generation <= 20; generation++) {
        push(&b, row(0, 1, generation));
        push(&b, mark(MESSAGE_SYNC_BEGIN, generation));
        push(&b, row(0, 1, generation));
        push(&b, row(0, 2, generation));
        push(&b, mark(MESSAGE_SYNC_END, generation));
        push(&b, row(0, 3, generation));
    }
    (void)drain(b.in, st);
    assert_int_equal(store_count(st, KIND_THING), 3);
    for (unsigned k = 1; k <= 3; k++)
        assert_int_equal(restarts_of(st, 0, k), 20);
    store_free(st);
    box_free(&b);
}

/* Nobody reads, and a source tries again and again: its last state waits, once. */
static void test_states_replace_each_other(void **state)
{
    struct box b = box_new(CAP);
    struct store *st = test_store(1);
    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct message *m = message_new(MESSAGE_STATE, 0, i % 2 ? KIND_NONE : KIND_THING);
        m->report.state = i < 1998 ? SOURCE_FAILING : SOURCE_FRESH;
        push(&b, m);
    }
    assert_true(outbox_pending_bytes(b.out) < CAP);
    assert_true(drain(b.in, st) < 100);
    assert_int_equal(store_source(st, 0)->report.state, SOURCE_FRESH);
    assert_int_equal(store_source_kind(st, 0, KIND_THING)->report.state, SOURCE_FRESH);
    assert_false(is_readable(inbox_fd(b.in)));
    store_free(st);
    box_free(&b);
}

struct writer {
    struct box *box;
    struct outbox *out;
    unsigned source, count;
    bool ended;      /* a push was refused */
    unsigned pushed; /* before that */
};

static void *write_rows(void *arg)
{
    struct writer *w = arg;
    for (unsigned i = 0; i < w->count; i++) {
        struct message *m = row(w->source, i, i);
        if (!outbox_push(w->out, m, w->box->cancel_fd)) {
            message_free(m); /* still ours */
            w->ended = true;
            break;
        }
        w->pushed++;
    }
    return NULL;
}

static void start(pthread_t *thread, struct writer *w)
{
    assert_int_equal(pthread_create(thread, NULL, write_rows, w), 0);
}

/* Three sources write more than fits while the store reads: all arrive. */
static void test_threads_lose_nothing(void **state)
{
    enum { WRITERS = 3, ROWS = 3000 };
    struct box b = box_new(CAP);
    struct store *st = test_store(WRITERS);
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    size_t got = 0;
    (void)state;
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.box = &b, .source = i, .count = ROWS};
        writers[i].out = i ? outbox_new(b.in, CAP) : b.out;
        assert_non_null(writers[i].out);
        start(&threads[i], &writers[i]);
    }
    while (got < (size_t)WRITERS * ROWS) {
        struct pollfd p = {.fd = inbox_fd(b.in), .events = POLLIN};
        assert_int_equal(poll(&p, 1, -1), 1);
        got += drain(b.in, st);
        for (unsigned i = 0; i < WRITERS; i++) /* one message may stand above the cap */
            assert_true(outbox_pending_bytes(writers[i].out) < CAP + 4096);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].pushed, ROWS);
        for (unsigned k = 0; k < ROWS; k++)
            assert_int_equal(restarts_of(st, i, k), k);
        if (i)
            outbox_free(writers[i].out);
    }
    assert_int_equal(store_count(st, KIND_THING), WRITERS * ROWS);
    store_free(st);
    box_free(&b);
}

static void wait_until_full(struct outbox *out, size_t cap)
{
    while (outbox_pending_bytes(out) < cap)
        (void)sched_yield();
}

/* One that waits for room is let go by the cancel descriptor, and by closing. */
static void test_waiting_ends(void **state)
{
    (void)state;
    for (int close_it = 0; close_it < 2; close_it++) {
        struct box b = box_new(CAP);
        struct writer w = {.box = &b, .out = b.out, .count = 100000};
        pthread_t thread;
        start(&thread, &w);
        wait_until_full(b.out, CAP);
        if (close_it)
            inbox_close(b.in);
        else
            assert_int_equal(eventfd_write(b.cancel_fd, 1), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(w.ended);
        assert_true(w.pushed < w.count);
        size_t got = 0;
        for (struct message *m; (m = inbox_pop(b.in)) != NULL; got++)
            message_free(m);
        assert_int_equal(got, w.pushed); /* what was taken over is not lost */
        box_free(&b);
    }
}

static void test_closed_takes_nothing(void **state)
{
    struct box b = box_new(CAP);
    (void)state;
    push(&b, mark(MESSAGE_DOCUMENT, 1));
    inbox_close(b.in);
    struct message *m = mark(MESSAGE_DOCUMENT, 2);
    assert_false(outbox_push(b.out, m, b.cancel_fd));
    message_free(m);
    m = inbox_pop(b.in);
    assert_int_equal(m->generation, 1);
    message_free(m);
    box_free(&b);
}

/* A message greater than the cap goes through when nothing else waits. */
static void test_one_message_over_the_cap(void **state)
{
    struct box b = box_new(16);
    (void)state;
    push(&b, row(0, 1, 1));
    struct message *m = row(0, 2, 2);
    assert_int_equal(eventfd_write(b.cancel_fd, 1), 0);
    assert_false(outbox_push(b.out, m, b.cancel_fd)); /* there is something: it would wait */
    message_free(m);
    message_free(inbox_pop(b.in));
    push(&b, row(0, 3, 3));
    box_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_outboxes_take_turns),
        cmocka_unit_test(test_what_is_held_comes_at_once),
        cmocka_unit_test(test_the_descriptor_says_when),
        cmocka_unit_test(test_bounded_by_distinct_keys),
        cmocka_unit_test(test_drops_and_puts_replace_each_other),
        cmocka_unit_test(test_pictures_are_kept_apart),
        cmocka_unit_test(test_states_replace_each_other),
        cmocka_unit_test(test_threads_lose_nothing),
        cmocka_unit_test(test_waiting_ends),
        cmocka_unit_test(test_closed_takes_nothing),
        cmocka_unit_test(test_one_message_over_the_cap),
    };
    return cmocka_run_group_tests_name("model outbox", tests, NULL, NULL);
}
