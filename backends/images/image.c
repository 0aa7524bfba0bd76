/* Images: what runs under a tag, beside what the tag leads to now. */
#include <config.h>

#include "backends/cells.h"
#include "backends/discovery.h"
#include "backends/images/images.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

#define OLD_MS ((int64_t)60 * 60 * 1000) /* after which what was heard may be otherwise */

/* "sha256:" and as many digits as tell digests apart. */
#define SHORT 19
#define SHOWN 4 /* digests in a sentence */

enum {
    IMAGE,
    STATE,
    PODS,
    DIGEST,
    RUNNING,
    BUILT_AGO,
    CHECKED_AGO,
    REGISTRY,
    REPOSITORY,
    TAG,
    LOGIN,
    FULL_DIGEST,
    CREATED,
    CHECKED,
    CHANGED,
    MESSAGE
};

static const struct column columns[] = {
    [IMAGE] = {"image", "IMAGE", "The image, as containers name it.", VALUE_TEXT, 44, 0,
               COLUMN_IDENT, NULL, NULL},
    [STATE] = {"state", "STATE",
               "current: what runs is what the tag leads to; moved, mixed, present, gone, denied, "
               "pinned, unknown.",
               VALUE_TEXT, 8, 0, COLUMN_NOTABLE, NULL, NULL},
    [PODS] = {"pods", "PODS", "Pods that run it, or are to.", VALUE_COUNT, 4, 10, COLUMN_RIGHT,
              NULL, NULL},
    [DIGEST] = {"digest", "DIGEST", "What the tag leads to in the registry.", VALUE_TEXT, SHORT, 20,
                COLUMN_NOTABLE, NULL, NULL},
    [RUNNING] = {"running", "RUNNING", "What runs, as kubelets have it.", VALUE_LIST, SHORT, 25, 0,
                 NULL, NULL},
    [BUILT_AGO] = {"built-ago", "BUILT", "Since it was built, where it says so.", VALUE_DURATION, 5,
                   15, COLUMN_RIGHT, "built", NULL},
    [CHECKED_AGO] = {"checked-ago", "CHECKED", "Since the registry was asked.", VALUE_DURATION, 7,
                     30, COLUMN_RIGHT, "checked", NULL},
    [REGISTRY] = {"registry", "REGISTRY", "The registry it is in.", VALUE_TEXT, 16, 60, COLUMN_WIDE,
                  NULL, NULL},
    [REPOSITORY] = {"repository", "REPOSITORY", "Its repository there.", VALUE_TEXT, 24, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [TAG] = {"tag", "TAG", "Its tag.", VALUE_TEXT, 16, 80, COLUMN_HIDDEN, NULL, NULL},
    [LOGIN] = {"login", "LOGIN",
               "none, used, refused, unread: the login that the registry was shown.", VALUE_TEXT, 7,
               65, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [FULL_DIGEST] = {"full-digest", "FULL-DIGEST", "The whole digest.", VALUE_TEXT, 71, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {"built", "BUILT-AT", "When it was built, as its manifest says.", VALUE_INSTANT, 8,
                 80, COLUMN_HIDDEN, NULL, NULL},
    [CHECKED] = {"checked", "CHECKED-AT", "When the registry last answered.", VALUE_INSTANT, 8, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [CHANGED] = {"tag-moved", "TAG-MOVED", "When the tag was first seen to lead elsewhere.",
                 VALUE_INSTANT, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "The registry's words, or why there are none.", VALUE_TEXT,
                 40, 80, COLUMN_HIDDEN, NULL, NULL},
};

/* ---- The row. */

/* How what runs relates to the tag. */
struct relation {
    size_t same, other, unsure;
};

static struct relation relate(const struct image_look *look, struct span ids)
{
    struct relation r = {0, 0, 0};
    struct span id;
    while (ids.len && span_split(&ids, ',', &id)) {
        enum image_match match = image_compare(look, id);
        r.same += match == IMAGE_SAME;
        r.other += match == IMAGE_OTHER;
        r.unsure += match == IMAGE_CANNOT_TELL;
    }
    return r;
}

static const char *state_of(const struct image_look *look, const struct relation *r)
{
    static const char *const others[] = {[IMAGE_UNKNOWN] = "unknown",
                                         [IMAGE_GONE] = "gone",
                                         [IMAGE_DENIED] = "denied",
                                         [IMAGE_PINNED] = "pinned"};
    if (look->state != IMAGE_FOUND)
        return others[look->state];
    if (r->other && r->same + r->other > 1)
        return "mixed";
    if (r->unsure)
        return "unknown";
    return r->other ? "moved" : r->same ? "current" : "present";
}

static const char *login_of(const struct image_look *look)
{
    return look->login_refused ? "refused"
           : look->login       ? "used"
           : look->unread      ? "unread"
                               : "none";
}

static void put_running(struct row_writer *w, struct span ids)
{
    struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
    struct span id;
    bool config;
    while (ids.len && span_split(&ids, ',', &id)) {
        struct span digest = image_id_digest(id, &config);
        if (!id.len)
            continue;
        if (text.len)
            strbuf_addc(&text, LIST_SEPARATOR);
        strbuf_add(&text, digest.len ? span_sub(digest, 0, SHORT) : id);
    }
    put_text(w, RUNNING, strbuf_span(&text));
    strbuf_clear(&text);
}

bool image_put(const struct rota_item *item, const struct image_look *look, struct row_writer *w)
{
    struct span ids = rota_part(item, 1), digest = span_from(look->digest);
    struct relation r = relate(look, ids);
    struct image_ref ref;
    int64_t pods;
    row_begin(w, span_from(item->name));
    row_text(w, IMAGE, span_from(item->name));
    row_text(w, STATE, span_from(state_of(look, &r)));
    if (image_ref_parse(span_from(item->name), &ref)) {
        row_text(w, REGISTRY, ref.host);
        row_text(w, REPOSITORY, ref.repository);
        if (!ref.digest.len)
            row_text(w, TAG, ref.tag);
    }
    if (look->state == IMAGE_FOUND) {
        row_text(w, DIGEST, span_sub(digest, 0, SHORT));
        row_text(w, FULL_DIGEST, digest);
        put_time(w, CREATED, look->created_ms);
        put_time(w, CHANGED, look->changed_ms);
    }
    if (look->state != IMAGE_PINNED && look->state != IMAGE_UNKNOWN)
        row_text(w, LOGIN, span_from(login_of(look)));
    if (number_parse(rota_part(item, 2), 0, INT64_MAX, &pods))
        row_num(w, PODS, pods);
    put_running(w, ids);
    put_time(w, CHECKED, look->checked_ms);
    put_text(w, MESSAGE, span_from(look->says));
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_MIXED, RULE_GONE, RULE_LOGIN, RULE_MOVED, RULE_DENIED, RULE_UNKNOWN, RULE_OLD };

static const struct rule rules[] = {
    [RULE_MIXED] = {"image-mixed",
                    "Several images run under one tag, since it was moved between their pulls: "
                    "warning."},
    [RULE_GONE] = {"image-gone",
                   "The registry does not know it: what runs goes on, and cannot be started where "
                   "it was not pulled yet: warning."},
    [RULE_LOGIN] = {"image-login-refused",
                    "The registry refuses the login, and shows it to nobody without one: warning."},
    [RULE_MOVED] = {"image-moved",
                    "The tag leads to another image than the one that runs: the next pull brings "
                    "that one: notice.",
                    .since = CHANGED},
    [RULE_DENIED] =
        {"image-denied",
         "The registry shows it to nobody without a login, and none is named: unknown."},
    [RULE_UNKNOWN] = {"image-unknown",
                      "The registry could not be asked, or what runs goes by an id that cannot be "
                      "compared: unknown."},
    [RULE_OLD] = {"image-unchecked", "The registry has not answered for an hour: unknown."},
};

/* Most that is private is so on purpose: without a login nothing is known, and nothing wrong. */
static struct verdict judge_denied(struct span login)
{
    if (span_is(login, "none"))
        return verdict_off();
    return span_is(login, "refused") ? verdict_at(LEVEL_WARNING, RULE_LOGIN)
                                     : verdict_at(LEVEL_UNKNOWN, RULE_DENIED);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span state = store_text(st, row, STATE);
    int64_t checked = store_num(st, row, CHECKED, TIME_NONE);
    if (span_is(state, "mixed"))
        return verdict_at(LEVEL_WARNING, RULE_MIXED);
    if (span_is(state, "gone"))
        return verdict_at(LEVEL_WARNING, RULE_GONE);
    if (span_is(state, "denied"))
        return judge_denied(store_text(st, row, LOGIN));
    if (span_is(state, "moved"))
        return verdict_at(LEVEL_NOTICE, RULE_MOVED);
    if (span_is(state, "unknown"))
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (checked == TIME_NONE)
        return verdict_ok(); /* pinned */
    return now_ms - checked >= OLD_MS ? verdict_at(LEVEL_UNKNOWN, RULE_OLD)
                                      : verdict_until(LEVEL_OK, 0, checked + OLD_MS);
}

/* ---- Sentences. */

struct tally {
    struct span id;
    size_t pods;
};

static void count(struct tally *all, struct span id)
{
    size_t i = 0;
    while (i < SHOWN && all[i].pods && !span_eq(all[i].id, id))
        i++;
    if (i == SHOWN)
        return;
    all[i].id = id;
    all[i].pods++;
}

/* The id of the first of a pod's containers that names the image. */
static struct span id_in(const struct store *st, struct handle pod, struct span image)
{
    struct span images = discovery_text(st, pod, "images"), one;
    struct span ids = discovery_text(st, pod, "image-ids"), id = SPAN("");
    while (images.len && span_split(&images, LIST_SEPARATOR, &one)) {
        id = SPAN("");
        if (ids.len)
            (void)span_split(&ids, LIST_SEPARATOR, &id);
        if (span_eq(one, image))
            break;
    }
    return id;
}

/* Where no pod is at hand. */
static void add_list(struct span digests, struct strbuf *out)
{
    struct span one;
    const char *between = "";
    while (digests.len && span_split(&digests, LIST_SEPARATOR, &one)) {
        strbuf_addf(out, "%s%.*s", between, SPAN_ARG(one));
        between = ", ";
    }
    strbuf_adds(out, *between ? " run" : "nothing runs");
}

/* "2 pods run sha256:36a09fcb53c0, 1 pod runs sha256:5c0ffee15c0f" */
static void add_running(const struct store *st, struct handle row, struct strbuf *out)
{
    struct tally all[SHOWN] = {{{NULL, 0}, 0}};
    struct handle pod;
    enum link_type type;
    uint32_t at = 0;
    bool config;
    while (store_used_by_next(st, row, &at, &pod, &type)) {
        struct span id = type == LINK_IMAGE ? id_in(st, pod, store_text(st, row, IMAGE)) : SPAN("");
        struct span phase = type == LINK_IMAGE ? discovery_text(st, pod, "phase") : SPAN("");
        id = image_id_digest(id, &config);
        if (id.len && !span_is(phase, "Succeeded") && !span_is(phase, "Failed"))
            count(all, id);
    }
    if (!all[0].pods)
        add_list(store_text(st, row, RUNNING), out);
    for (size_t i = 0; i < SHOWN && all[i].pods; i++)
        strbuf_addf(out, "%s%zu %s %.*s", i ? ", " : "", all[i].pods,
                    all[i].pods == 1 ? "pod runs" : "pods run",
                    SPAN_ARG(span_sub(all[i].id, 0, SHORT)));
}

static void add_tag(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    int64_t built = store_num(st, row, CREATED, TIME_NONE);
    char age[TIMETEXT_MAX];
    strbuf_addf(out, "the tag leads to %.*s", SPAN_ARG(store_text(st, row, DIGEST)));
    if (built == TIME_NONE)
        return;
    duration_format_short(now_ms - built, age);
    strbuf_addf(out, ", built %s ago", age);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span message = store_text(st, row, MESSAGE);
    long long pods = (long long)store_num(st, row, PODS, 0);
    switch (v->rule) {
    case RULE_MIXED:
    case RULE_MOVED:
        add_tag(st, row, now_ms, out);
        strbuf_adds(out, ", and ");
        add_running(st, row, out);
        break;
    case RULE_GONE:
        strbuf_addf(out, "%.*s; %lld pod%s cannot be started anew elsewhere", SPAN_ARG(message),
                    pods, pods == 1 ? "" : "s");
        break;
    case RULE_LOGIN:
        strbuf_addf(out, "the login is refused, and nobody sees it without one: %.*s",
                    SPAN_ARG(message));
        break;
    case RULE_DENIED:
        strbuf_addf(out, "not shown to our login: %.*s", SPAN_ARG(message));
        break;
    case RULE_OLD:
        strbuf_addf(out, "not heard of for an hour%s%.*s", message.len ? ": " : "",
                    SPAN_ARG(message));
        break;
    default:
        strbuf_addf(out, "not compared: %.*s",
                    SPAN_ARG(message.len ? message
                                         : SPAN("what runs goes by an id that its manifest has "
                                                "not")));
    }
}

const struct kind kind_image = {
    .name = "image",
    .plural = "images",
    .aliases = "img",
    .title = "Images",
    .help = "Images that run, beside what their tags lead to in the registry.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "pod",
    .sort = "level desc,image",
};

/* ---- Home. */

void images_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("image"));
    size_t all = 0, as_tagged = 0, hidden = 0;
    struct handle row;
    uint32_t at = 0;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span state = store_text(st, row, STATE);
        all++;
        hidden += span_is(state, "denied");
        as_tagged +=
            span_is(state, "current") || span_is(state, "pinned") || span_is(state, "present");
    }
    if (rota_is_off(st, "images"))
        strbuf_adds(system_part(parts), "registries are not asked");
    else if (all)
        strbuf_addf(system_part(parts), "%zu/%zu as their tags say", as_tagged, all);
    if (hidden)
        strbuf_addf(system_part(parts), "%zu not shown to us", hidden);
}
