/* A screen: what fills the body between the title and the key line. */
#ifndef BINNACLE_TUI_SCREEN_H
#define BINNACLE_TUI_SCREEN_H

#include "model/view.h"
#include "tui/command.h"
#include "tui/input.h"
#include "widgets/canvas.h"

#define PLACE_TEXT_MAX 512
#define PLACE_KEY_MAX  600

/* A row by its name, whether it is there or not. */
struct row_name {
    bool set;
    uint16_t kind, source;
    char key[PLACE_KEY_MAX];
    size_t key_len;
};

/* Where one stands, as it can be gone back to: history, undo, `-`. */
struct place {
    const struct screen_class *cls;
    int kind;                /* index in the session's kinds, or -1 */
    uint16_t source;         /* of the row, or SOURCE_ANY */
    char key[PLACE_KEY_MAX]; /* the row that is shown or selected; "" none */
    size_t key_len;
    char filter[PLACE_TEXT_MAX];
    char sort[128];
    char scope[256];              /* namespaces: "" all, "a,b", "!kube-*" */
    char part[64];                /* detail: "fields", "yaml", "events"; log: container */
    char columns[PLACE_TEXT_MAX]; /* table: "+node -ip": beside the usual ones */
    struct row_name root;         /* table: only rows that belong to this one (drill.h) */
    bool wide, problems, previous;
    bool scoped; /* the namespaces to start with have been taken up */
};

struct screen {
    const struct screen_class *cls;
    struct place place; /* kept true by the screen */
    void *state;        /* owned: cls->state_size bytes, zeroed by screen_open() */
};

/* What moves a cursor or text; each screen does with it what fits. */
enum move {
    MOVE_UP,
    MOVE_DOWN,
    MOVE_PAGE_UP,
    MOVE_PAGE_DOWN,
    MOVE_HALF_UP,
    MOVE_HALF_DOWN,
    MOVE_FIRST,
    MOVE_LAST, /* up to here: those of a list */
    MOVE_LEFT,
    MOVE_RIGHT,
    MOVE_NEXT_PROBLEM,
    MOVE_PREVIOUS_PROBLEM,
};

struct screen_class {
    const char *name; /* "table": for crumbs and tests */
    unsigned context; /* enum context; see also context_now */
    size_t state_size;
    bool aside;   /* looked at in between: another such screen takes its place */
    bool is_list; /* its state begins with a struct list, which move and mouse act on */
    /* Takes up s->place. False: *err, the screen is not opened. NULL: nothing to do. */
    bool (*open)(struct screen *s, struct ui *ui, struct err *err);
    void (*close)(struct screen *s, struct ui *ui); /* NULL: nothing to do */
    /* The place has been changed (filter, sort, scope, wide...): take it up. NULL: it is
     * only looked at when drawing. */
    bool (*changed)(struct screen *s, struct ui *ui, struct err *err);
    /* Draws the body; called only when something may have changed. */
    void (*draw)(struct screen *s, struct ui *ui, struct canvas *c, struct rect body);
    /* Appends the crumb ("pods"; NULL: the name) and what stands right in the second
     * line ("12/340"; NULL: nothing), as last drawn. */
    void (*crumb)(const struct screen *s, const struct ui *ui, struct strbuf *out);
    void (*figures)(const struct screen *s, const struct ui *ui, struct strbuf *out);
    /* Appends what hides rows, a line each: a filter, namespaces. NULL: nothing does. */
    void (*chips)(const struct screen *s, const struct ui *ui, struct strbuf *out);
    /* NULL: a list's. */
    void (*move)(struct screen *s, struct ui *ui, enum move move);
    /* Row under the cursor; false: none. NULL: never. */
    bool (*selected)(const struct screen *s, const struct ui *ui, struct handle *row);
    /* Enter. NULL: nothing. */
    void (*enter)(struct screen *s, struct ui *ui);
    /* A command of this screen's own ("follow", "wrap"); false: not one of its. NULL: none. */
    bool (*verb)(struct screen *s, struct ui *ui, const char *verb, struct span arg);
    /* A key before it is looked up: letters that narrow a list. False: not taken. NULL: none. */
    bool (*key)(struct screen *s, struct ui *ui, uint32_t key);
    /* A line that was pasted; false: not taken. NULL: none is. */
    bool (*paste)(struct screen *s, struct ui *ui, struct span text);
    /* Filter or search text as it is typed; NULL: has none. */
    void (*typed)(struct screen *s, struct ui *ui, struct span text);
    /* What the screen shows now, where that changes. NULL: context. */
    unsigned (*context_now)(const struct screen *s);
    /* Mouse in the body (coordinates of the canvas); false: it means nothing to it. NULL: a
     * list's, or not wanted (the terminal's own selection works there). */
    bool (*mouse)(struct screen *s, struct ui *ui, const struct input_event *ev);
    /* Called once a turn; true: must be drawn again. NULL: by store version only. */
    bool (*turn)(struct screen *s, struct ui *ui);
    /* Esc inside the screen: one layer back; false: nothing left, close me. NULL: false. */
    bool (*back)(struct screen *s, struct ui *ui);
};

extern const struct screen_class screen_home;
extern const struct screen_class screen_table;
extern const struct screen_class screen_containers;
extern const struct screen_class screen_pins;
extern const struct screen_class screen_detail;
extern const struct screen_class screen_log;
extern const struct screen_class screen_sources;
extern const struct screen_class screen_messages;
extern const struct screen_class screen_changes;
extern const struct screen_class screen_find;
extern const struct screen_class screen_contexts;
extern const struct screen_class screen_help;
extern const struct screen_class screen_actions;
extern const struct screen_class screen_form;
extern const struct screen_class screen_doing;

#endif
