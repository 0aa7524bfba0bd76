/* How home looks in the middle of each story of harbor/scenarios, and then the screen that tells it
 * best (`screen:`): the file of a new story is all that its pictures need (UPDATE_GOLDEN=1 writes
 * them). Both clocks stand and are stepped
 * together, and no step is taken before the last one has had all its consequences. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/timetext.h"
#include "test/screens/still.h"

#define BEGINS      "2026-02-13T09:00:00Z"
#define STRIDE_MS   10000
#define FOUND_MS    1000 /* so much later what was heard is looked at for what follows from it */
#define STORIES_MAX 200
/* Three programs, each with a third of the stories, so that they are played at the same time. */
#define PARTS 3
#ifndef PART
#    define PART 0
#endif
#define STEPS_MAX 200

/* Those with a picture of a large terminal too. */
static const char *const large[] = {"night", "pxc-non-primary"};

struct story {
    char name[64];
    int64_t at_ms[STEPS_MAX]; /* of its steps, each time once */
    size_t count;
    int64_t look_ms; /* when its pictures are taken */
    char screen[96]; /* what leads to the other one, as typed behind ":"; "": home alone */
    bool outside;    /* it speaks of hosts and names out in the world */
};

static struct story stories[STORIES_MAX];

static int64_t duration_at(struct span line, const char *word)
{
    size_t at = span_search(line, span_from(word), false);
    int64_t ms = -1;
    if (at < line.len &&
        !duration_parse(span_trim(span_sub(line, at + strlen(word), line.len)), &ms))
        fail_msg("%.*s", SPAN_ARG(line));
    return ms;
}

/* The times alone; harbor reads it all. Seen half-way between the first step and the last, where
 * a line `look:` says no better time. */
static void read_story(struct story *s)
{
    struct strbuf path = STRBUF_INIT(4096), text = STRBUF_INIT(1 << 20);
    struct span rest, line;
    s->look_ms = -1;
    strbuf_addf(&path, "%s/harbor/scenarios/%s.yaml", getenv("top_srcdir"), s->name);
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    for (rest = strbuf_span(&text); span_split(&rest, '\n', &line);) {
        int64_t at = duration_at(line, "- at: ");
        if (span_starts(line, "look:"))
            s->look_ms = duration_at(line, "look:");
        if (span_starts(line, "screen: "))
            (void)snprintf(s->screen, sizeof(s->screen), "%.*s",
                           SPAN_ARG(span_sub(line, strlen("screen: "), line.len)));
        s->outside = s->outside || span_search(line, SPAN(" outside: "), false) < line.len ||
                     span_search(line, SPAN(" answer: outside "), false) < line.len;
        if (at < 0 || (s->count && at <= s->at_ms[s->count - 1]))
            continue;
        assert_true(s->count < STEPS_MAX);
        s->at_ms[s->count++] = at;
    }
    if (s->look_ms < 0 && s->count)
        s->look_ms = (s->at_ms[0] + s->at_ms[s->count - 1]) / 2 / 1000 * 1000;
    strbuf_clear(&path);
    strbuf_clear(&text);
}

struct play {
    struct live *live;
    int harbor;
    int64_t now_ms;
};

/* The platform first, by seconds, so that each of its steps has its own time; and the program before
 * anything is late for it. */
static void both_to(struct play *p, int64_t ms)
{
    while (p->now_ms < ms) {
        int64_t end = p->now_ms + STRIDE_MS < ms ? p->now_ms + STRIDE_MS : ms;
        for (int64_t at = p->now_ms; at < end; at += 1000)
            (void)live_tell(p->live, "step %d", at + 1000 > end ? (int)(end - at) : 1000);
        still_wait(p->live, p->harbor);
        if (end - p->now_ms > FOUND_MS) {
            pty_step(p->live->pty, FOUND_MS);
            p->now_ms += FOUND_MS;
            still_wait(p->live, p->harbor);
        }
        pty_step(p->live->pty, end - p->now_ms);
        p->now_ms = end;
        still_wait(p->live, p->harbor);
    }
}

/* The program is there when it happens, and knows that it is then. */
static void step_at(struct play *p, int64_t ms)
{
    both_to(p, ms - 1000);
    pty_step(p->live->pty, ms - p->now_ms);
    still_wait(p->live, p->harbor);
    (void)live_tell(p->live, "step %d", (int)(ms - p->now_ms));
    p->now_ms = ms;
    still_wait(p->live, p->harbor);
}

static void look(struct play *p, const char *name, const char *size)
{
    char golden[128];
    pty_press(p->live->pty, "C-l");
    (void)snprintf(golden, sizeof(golden), "story-%s-%s", name, size);
    pty_assert_golden(p->live->pty, golden);
}

static void look_closer(struct play *p, const struct story *s)
{
    char golden[80];
    (void)snprintf(golden, sizeof(golden), "%s-screen", s->name);
    live_command(p->live, s->screen);
    still_wait(p->live, p->harbor); /* what only this screen wants is asked for now, ... */
    both_to(p, p->now_ms + 1000);
    live_command(p->live,
                 "refresh"); /* ... and what is not due for minutes; rates are over a second */
    still_wait(p->live, p->harbor);
    look(p, golden, "80x24");
}

static void a_story(void **state)
{
    const struct story *s = *state;
    static const char *const outside[] = {"BINNACLE_PROBES=true", NULL};
    const struct pty_options options = {.env = s->outside ? outside : NULL};
    struct play play = {.live = xalloc_zero(1, sizeof(*play.live))}, *p = &play;
    *p->live = (struct live){.control = -1, .clock = BEGINS, .still = true};
    live_demo(p->live, s->name, NULL, &options);
    p->harbor = live_demo_pid(p->live);
    for (int64_t ms = 0; ms <= 9000; ms += 3000) { /* what is found and asked at first */
        both_to(p, ms);
        still_wait(p->live, p->harbor);
    }
    for (size_t i = 0; i < s->count && s->at_ms[i] <= s->look_ms; i++)
        if (s->at_ms[i] > p->now_ms)
            step_at(p, s->at_ms[i]);
    both_to(p, s->look_ms);
    look(p, s->name, "80x24");
    for (size_t i = 0; i < BN_COUNT(large); i++) {
        if (strcmp(large[i], s->name) != 0)
            continue;
        pty_resize(p->live->pty, 60, 200);
        look(p, s->name, "200x60");
        pty_resize(p->live->pty, 24, 80);
    }
    if (s->screen[0])
        look_closer(p, s);
    live_quit(p->live);
    void *live = p->live;
    (void)live_teardown(&live);
}

/* What a story that is gone has left. */
static void no_picture_is_left_over(void **state)
{
    struct strbuf names = STRBUF_INIT(1 << 20), path = STRBUF_INIT(4096);
    struct span rest, name;
    (void)state;
    strbuf_addf(&path, "%s/test/screens/golden", getenv("top_srcdir"));
    file_names(strbuf_cstr(&path), "-80x24.txt", "\n", &names);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name);) {
        bool known = !span_starts(name, "story-");
        for (const struct story *s = stories; !known && s->name[0]; s++) {
            struct span of = span_sub(name, 6, name.len);
            if (s->screen[0] && span_ends(of, "-screen"))
                of = span_sub(of, 0, of.len - strlen("-screen"));
            known = span_is(of, s->name);
        }
        if (!known)
            fail_msg("there is no story for the picture %.*s", SPAN_ARG(name));
    }
    strbuf_clear(&names);
    strbuf_clear(&path);
}

/* Those of which home is the picture. */
static void each_story_says_where_it_is_seen(void **state)
{
    static const char *const home[] = {"calm", "night"};
    (void)state;
    for (const struct story *s = stories; s->name[0]; s++) {
        bool at_home = strcmp(s->name, home[0]) == 0 || strcmp(s->name, home[1]) == 0;
        if (at_home == (s->screen[0] != '\0'))
            fail_msg("%s %s", s->name, at_home ? "is seen on home" : "has no line `screen:`");
    }
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[STORIES_MAX + 2];
    struct strbuf names = STRBUF_INIT(65536), path = STRBUF_INIT(4096);
    struct span rest, name;
    const char *only = argc > 1 ? argv[1] : getenv("ONLY");
    size_t n = 0, count = 0;
    strbuf_addf(&path, "%s/harbor/scenarios", getenv("top_srcdir"));
    file_names(strbuf_cstr(&path), ".yaml", "\n", &names);
    for (rest = strbuf_span(&names); span_split(&rest, '\n', &name) && n < STORIES_MAX; n++) {
        struct story *s = &stories[n];
        (void)snprintf(s->name, sizeof(s->name), "%.*s", SPAN_ARG(name));
        read_story(s);
    }
    for (size_t i = 0; i < n; i++)
        if (only || i % PARTS == PART)
            tests[count++] = (struct CMUnitTest){
                .name = stories[i].name, .test_func = a_story, .initial_state = &stories[i]};
    if (PART == 0) {
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(no_picture_is_left_over);
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(each_story_says_where_it_is_seen);
    }
    strbuf_clear(&names);
    strbuf_clear(&path);
    if (only)
        cmocka_set_test_filter(only);
    return _cmocka_run_group_tests("live_stories", tests, count, NULL, NULL);
}
