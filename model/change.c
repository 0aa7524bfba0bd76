/* The ring of changes. Texts in it are kept by their own uses. */
#include <config.h>

#include "model/change.h"

#include "model/store_impl.h"

#include <string.h>

#define OWNERS_MAX   4
#define FORGET_AHEAD 8

bool change_is_loud(const struct store *st, uint16_t source, uint16_t kind)
{
    return st->sources[source].kinds[kind].info.synced;
}

static void forget(struct store *st, const struct ring_entry *e)
{
    intern_drop(st->texts, e->key);
    intern_drop(st->texts, e->before_text);
    intern_drop(st->texts, e->after_text);
}

/* A text of its own: adding one may move the bytes that a value borrows. */
struct kept {
    char text[512];
    size_t len;
    bool any;
};

static void copy_text(struct kept *to, const struct value *v)
{
    to->any = v && (value_type_is_text(v->type) || v->type == VALUE_QUANTITY);
    to->len = !to->any ? 0 : v->text.len < sizeof(to->text) ? v->text.len : sizeof(to->text);
    if (to->any && to->len < v->text.len) /* cut between characters */
        while (to->len && ((unsigned char)v->text.data[to->len] & 0xc0) == 0x80)
            to->len--;
    if (to->len)
        memcpy(to->text, v->text.data, to->len);
}

static uint32_t keep_text(struct store *st, const struct kept *kept)
{
    return kept->any ? intern_add(st->texts, span_make(kept->text, kept->len)) : 0;
}

void change_note(struct store *st, struct handle row, enum change_what what, uint16_t column,
                 const struct value *before, const struct value *after)
{
    struct row_head *head = row_head(st, row);
    if (!change_is_loud(st, head->source, row.kind) || st->kinds->kinds[row.kind]->joined)
        return;
    struct ring_entry e = {.wall_ms = st->now_ms,
                           .row = row,
                           .key = head->key,
                           .source = head->source,
                           .column = column,
                           .what = (uint8_t)what,
                           .before_type = (uint8_t)(before ? before->type : VALUE_ABSENT),
                           .after_type = (uint8_t)(after ? after->type : VALUE_ABSENT),
                           .before_num = before ? before->num : 0,
                           .after_num = after ? after->num : 0};
    struct kept first, second;
    copy_text(&first, before);
    copy_text(&second, after);
    e.before_text = keep_text(st, &first);
    e.after_text = keep_text(st, &second);
    intern_keep(st->texts, e.key);
    struct ring_entry *place = &st->ring[st->ring_last % CHANGE_RING];
    intern_prefetch(st->texts, st->ring[(st->ring_last + FORGET_AHEAD) % CHANGE_RING].key);
    if (st->ring_last >= CHANGE_RING)
        forget(st, place);
    *place = e;
    st->ring_last++;
    head->changed_ms = st->now_ms;
}

uint64_t change_last(const struct store *st)
{
    return st->ring_last;
}

uint64_t change_first(const struct store *st)
{
    if (!st->ring_last)
        return 0;
    return st->ring_last > CHANGE_RING ? st->ring_last - CHANGE_RING + 1 : 1;
}

bool change_get(const struct store *st, uint64_t seq, struct change *out)
{
    if (!seq || seq > st->ring_last || seq < change_first(st))
        return false;
    const struct ring_entry *e = &st->ring[(seq - 1) % CHANGE_RING];
    *out = (struct change){
        .seq = seq,
        .wall_ms = e->wall_ms,
        .what = (enum change_what)e->what,
        .row = e->row,
        .source = e->source,
        .kind = e->row.kind,
        .key = intern_text(st->texts, e->key),
        .column = e->column,
        .before = {.type = (enum value_type)e->before_type, .num = e->before_num},
        .after = {.type = (enum value_type)e->after_type, .num = e->after_num},
    };
    out->before.text = intern_text(st->texts, e->before_text);
    out->after.text = intern_text(st->texts, e->after_text);
    return true;
}

int64_t change_of_row(const struct store *st, struct handle row)
{
    const struct row_head *head = row_known(st, row);
    return head ? head->changed_ms : TIME_NONE;
}

#define MADE_OF_MAX 8 /* links that are looked at: what is made of an object has few */

static bool owner_of(const struct store *st, struct handle row, struct handle *owner)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == LINK_OWNER && store_follow(st, row, &link, owner) == LINK_FOUND)
            return true;
    return false;
}

/* The object that a proxy has made the row of. */
static bool made_of(const struct store *st, struct handle row, struct handle *object)
{
    enum link_type type;
    uint32_t at = 0;
    for (int i = 0; i < MADE_OF_MAX && store_used_by_next(st, row, &at, object, &type); i++)
        if (type == LINK_LOADED)
            return true;
    return false;
}

static struct handle walk(const struct store *st, struct handle row, bool *made)
{
    struct handle owner;
    const struct row_head *head = row_known(st, row);
    *made = false;
    if (head && head->state == ROW_GONE)
        return head->owner;
    for (int i = 0; i < OWNERS_MAX; i++) {
        if (!owner_of(st, row, &owner)) {
            if (!made_of(st, row, &owner))
                break;
            *made = true;
        }
        row = owner;
    }
    return row;
}

struct handle change_owner(const struct store *st, struct handle row)
{
    bool made;
    return walk(st, row, &made);
}

bool change_is_echo(const struct store *st, struct handle row)
{
    bool made;
    (void)walk(st, row, &made);
    return made;
}
