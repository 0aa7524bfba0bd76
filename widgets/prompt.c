/* Editing one line: the cursor is a byte offset that always stands between two
 * characters, combining marks staying with what they combine with. */
#include <config.h>

#include "widgets/prompt.h"

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 8

struct prompt {
    struct strbuf text; /* owned; valid UTF-8 */
    size_t cursor;
    bool secret;
    size_t faults[FAULTS_MAX][2];
    size_t nfaults;
};

struct prompt *prompt_new(void)
{
    struct prompt *p = xalloc_zero(1, sizeof(*p));
    p->text.limit = PROMPT_BYTES_MAX;
    return p;
}

void prompt_free(struct prompt *p)
{
    if (!p)
        return;
    strbuf_wipe(&p->text);
    free(p);
}

void prompt_set_secret(struct prompt *p, bool secret)
{
    p->secret = secret;
}

struct span prompt_text(const struct prompt *p)
{
    return strbuf_span(&p->text);
}

/* Where the character that starts at `at` ends. */
static size_t after(const struct prompt *p, size_t at)
{
    struct span text = prompt_text(p);
    uint32_t code;
    if (at >= text.len)
        return text.len;
    at += utf8_decode(span_sub(text, at, text.len), &code);
    while (at < text.len) {
        size_t used = utf8_decode(span_sub(text, at, text.len), &code);
        if (!utf8_is_combining(code))
            break;
        at += used;
    }
    return at;
}

/* Where the character that ends at `at` starts. */
static size_t before(const struct prompt *p, size_t at)
{
    size_t from = 0, next;
    while ((next = after(p, from)) < at)
        from = next;
    return at ? from : 0;
}

static bool is_blank(const struct prompt *p, size_t at)
{
    return p->text.data[at] == ' ';
}

static size_t word_before(const struct prompt *p, size_t at)
{
    while (at && is_blank(p, at - 1))
        at--;
    while (at && !is_blank(p, at - 1))
        at--;
    return at;
}

static size_t word_after(const struct prompt *p, size_t at)
{
    while (at < p->text.len && is_blank(p, at))
        at++;
    while (at < p->text.len && !is_blank(p, at))
        at++;
    return at;
}

static void erase(struct prompt *p, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(p->text.data + from, p->text.data + to, p->text.len - to);
    strbuf_truncate(&p->text, p->text.len - (to - from));
    p->cursor = from;
    p->nfaults = 0;
}

/* Inserts one character; what does not fit any more is left out. */
static void insert(struct prompt *p, uint32_t code)
{
    char bytes[4];
    size_t len = utf8_encode(code, bytes), rest = p->text.len - p->cursor;
    if (p->text.len + len > PROMPT_BYTES_MAX)
        return;
    strbuf_add(&p->text, span_make(bytes, len));
    char *at = p->text.data + p->cursor;
    memmove(at + len, at, rest);
    memcpy(at, bytes, len);
    p->cursor += len;
    p->nfaults = 0;
}

static bool is_control(uint32_t code)
{
    return code < ' ' || (code >= 0x7f && code < 0xa0);
}

void prompt_paste(struct prompt *p, struct span text)
{
    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);
        insert(p, is_control(code) ? ' ' : code);
        text = span_sub(text, used, text.len);
    }
}

void prompt_set(struct prompt *p, struct span text)
{
    /* text may be the prompt's own. */
    char copy[PROMPT_BYTES_MAX];
    size_t len = text.len < sizeof(copy) ? text.len : sizeof(copy);
    if (len)
        memcpy(copy, text.data, len);
    while (len < text.len && len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    strbuf_truncate(&p->text, 0);
    p->cursor = 0;
    p->nfaults = 0;
    prompt_paste(p, span_make(copy, len));
    alloc_wipe(copy, sizeof(copy));
}

static bool move_key(struct prompt *p, uint32_t key)
{
    switch (key) {
    case KEYSYM_LEFT:
    case KEYSYM_CTRL + 'b':
        p->cursor = before(p, p->cursor);
        return true;
    case KEYSYM_RIGHT:
    case KEYSYM_CTRL + 'f':
        p->cursor = after(p, p->cursor);
        return true;
    case KEYSYM_HOME:
    case KEYSYM_CTRL + 'a':
        p->cursor = 0;
        return true;
    case KEYSYM_END:
    case KEYSYM_CTRL + 'e':
        p->cursor = p->text.len;
        return true;
    case KEYSYM_CTRL_KEY | KEYSYM_LEFT:
    case KEYSYM_ALT | 'b':
        p->cursor = word_before(p, p->cursor);
        return true;
    case KEYSYM_CTRL_KEY | KEYSYM_RIGHT:
    case KEYSYM_ALT | 'f':
        p->cursor = word_after(p, p->cursor);
        return true;
    default:
        return false;
    }
}

static bool erase_key(struct prompt *p, uint32_t key)
{
    size_t at = p->cursor;
    switch (key) {
    case KEYSYM_BACKSPACE:
        erase(p, before(p, at), at);
        return true;
    case KEYSYM_DELETE:
    case KEYSYM_CTRL + 'd':
        erase(p, at, after(p, at));
        return true;
    case KEYSYM_CTRL + 'w':
    case KEYSYM_ALT | KEYSYM_BACKSPACE:
        erase(p, word_before(p, at), at);
        return true;
    case KEYSYM_CTRL + 'u':
        erase(p, 0, at);
        return true;
    case KEYSYM_CTRL + 'k':
        erase(p, at, p->text.len);
        return true;
    default:
        return false;
    }
}

bool prompt_at_end(const struct prompt *p)
{
    return p->cursor == p->text.len;
}

bool prompt_input(struct prompt *p, uint32_t key)
{
    if (move_key(p, key) || erase_key(p, key))
        return true;
    if (!key_is_text(key))
        return false;
    insert(p, key);
    return true;
}

void prompt_mark(struct prompt *p, const size_t (*faults)[2], size_t count)
{
    p->nfaults = count < FAULTS_MAX ? count : FAULTS_MAX;
    for (size_t i = 0; i < p->nfaults; i++) {
        p->faults[i][0] = faults[i][0];
        p->faults[i][1] = faults[i][1];
    }
}

/* Characters of a secret. */
static int count_to(const struct prompt *p, size_t to)
{
    int count = 0;
    for (size_t at = 0; at < to; at = after(p, at))
        count++;
    return count;
}

static int cells_to(const struct prompt *p, const struct canvas *c, size_t to)
{
    if (p->secret)
        return count_to(p, to);
    return visible_width(span_sub(prompt_text(p), 0, to), canvas_ascii(c));
}

static void draw_text(const struct prompt *p, struct canvas *c, struct rect line, int hidden)
{
    if (!p->secret) {
        canvas_text(c, line, 0, -hidden, line.cols + hidden, prompt_text(p), ROLE_INPUT);
        return;
    }
    struct span dot = canvas_ascii(c) ? SPAN("*") : SPAN("•");
    int count = count_to(p, p->text.len) - hidden;
    for (int i = 0; i < count && i < line.cols; i++)
        canvas_text(c, line, 0, i, 1, dot, ROLE_INPUT);
}

void prompt_draw(const struct prompt *p, struct canvas *c, struct rect line)
{
    if (line.cols < 1 || line.rows < 1)
        return;
    line.rows = 1;
    int cursor = cells_to(p, c, p->cursor);
    int hidden = cursor >= line.cols ? cursor - line.cols + 1 : 0;
    canvas_fill(c, line, ROLE_INPUT);
    draw_text(p, c, line, hidden);
    for (size_t i = 0; i < p->nfaults; i++) {
        int from = cells_to(p, c, p->faults[i][0]), to = cells_to(p, c, p->faults[i][1]);
        struct rect part =
            rect_clip(rect_make(line.top, line.left + from - hidden, 1, to - from), line);
        canvas_role(c, part, ROLE_FAULT);
        canvas_flag(c, part, CELL_UNDERLINE);
    }
    canvas_cursor(c, line.top, line.left + cursor - hidden);
}
