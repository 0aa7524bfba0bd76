/* Text that scrolls: YAML, logs. Keeps lines up to a cap of bytes; the oldest
 * go first. */
#ifndef BINNACLE_WIDGETS_PAGER_H
#define BINNACLE_WIDGETS_PAGER_H

#include "widgets/canvas.h"

struct pager;

/* Owned; keeps at most cap bytes and lines of at most 16 KiB (longer are cut
 * into several). */
struct pager *pager_new(size_t cap) BN_MUST_USE;
void pager_free(struct pager *p); /* NULL is allowed */
void pager_clear(struct pager *p);
/* Appends bytes; a line ends at '\n' and may come in pieces. "\r\n" is "\n". */
void pager_add(struct pager *p, struct span bytes);
/* Takes the last lines away again; all of them have their ends. */
void pager_drop(struct pager *p, size_t lines);
size_t pager_lines(const struct pager *p);       /* that match, when only matches are shown */
uint64_t pager_forgotten(const struct pager *p); /* lines that the cap has pushed out */

/* Scrolling. Any step up stops following; to the last line starts it. */
void pager_scroll(struct pager *p, long lines);
void pager_scroll_columns(struct pager *p, int columns);
void pager_page(struct pager *p, int halves); /* half pages, as last drawn */
void pager_first(struct pager *p);
void pager_last(struct pager *p);
bool pager_following(const struct pager *p);
void pager_follow(struct pager *p, bool on);
bool pager_wrapping(const struct pager *p);
void pager_wrap(struct pager *p, bool on);
/* Wrapped lines break between words where they can, and go on below their first one: for prose. */
void pager_words(struct pager *p);

/* Search: plain text, smart case. "" ends it. Matches are highlighted. */
void pager_search(struct pager *p, struct span text);
/* To the next (dir > 0) or previous match; false: none. Wraps. */
bool pager_next(struct pager *p, int dir);
/* Only lines that match the search. */
void pager_only(struct pager *p, bool on);

bool pager_is_searched(const struct pager *p); /* a search has been given */

/* How a line looks: its role, and parts that have others (bytes from..to-1, in
 * order, apart from each other). */
#define PAGER_PARTS_MAX 32

struct pager_paint {
    enum role role;

    struct {
        size_t from, to;
        enum role role;
    } parts[PAGER_PARTS_MAX];

    size_t count;
};

typedef void pager_paint_fn(struct span line, struct pager_paint *out);
/* For paint functions: one more part, while there is room. */
void pager_paint_add(struct pager_paint *p, size_t from, size_t to, enum role role);

/* Draws the page. paint may be NULL: all is ROLE_TEXT. */
void pager_draw(struct pager *p, struct canvas *c, struct rect area, pager_paint_fn *paint);
/* "120-160/4000" or "4000 lines, follow". */
void pager_position(const struct pager *p, struct strbuf *out);

#endif
