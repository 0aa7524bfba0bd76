/* The dashboard's state, shared by commands and screens. One thread. */
#ifndef BINNACLE_TUI_UI_H
#define BINNACLE_TUI_UI_H

#include "app/session.h"
#include "base/timetext.h"
#include "model/system.h"
#include "tui/naming.h"
#include "tui/screen.h"
#include "tui/term.h"
#include "widgets/prompt.h"

#define UI_DEPTH   16
#define UI_HISTORY 100
#define UI_HITS    64
#define UI_SCOPES  9

enum prompt_mode { PROMPT_NONE, PROMPT_COMMAND, PROMPT_FILTER, PROMPT_SEARCH };

struct ui_message {
    char text[ERR_MESSAGE_MAX];
    enum role role;
    int64_t until_ms; /* monotonic; TIME_FOREVER for errors until a key */
    bool of_prompt;   /* goes with what is being typed */
};

/* Places gone back and forth in; a ring of the last UI_HISTORY. */
struct trail {
    struct place places[UI_HISTORY];
    size_t count, at; /* at: present one */
};

/* What a click in the lines around the body does. */
struct ui_hit {
    int row, from, to;             /* cells from..to-1 */
    const struct binding *binding; /* a key hint, or NULL */
    size_t depth;                  /* a crumb: screens that stay */
    const char *command;           /* what else it runs, or NULL */
};

struct export; /* export.h */

struct ui {
    struct session *session; /* borrowed */
    struct store *store;     /* the session's */
    struct term *term;       /* borrowed */
    struct canvas *canvas;   /* owned */
    struct theme theme;

    struct screen *stack[UI_DEPTH]; /* owned; home is the first */
    size_t depth;
    struct trail history; /* [ ] - */
    struct trail undo;    /* u U */

    struct feed *feed; /* what has changed; owned */
    bool whole;        /* what ui_whole() said last, until seen */
    bool ready;        /* all has been seen once */
    bool seen;         /* and so from now on changes are news */
    int64_t
        cluster_ms; /* the session's monotonic: when the cluster had been seen whole; 0: not yet */
    struct health *health;        /* how systems have been; owned */
    struct system_state *systems; /* see ui_systems(); owned */
    uint64_t systems_version;     /* of the store when they were judged */
    int64_t systems_ms;           /* and when; TIME_NONE: never */

    enum prompt_mode prompting;
    struct prompt *prompt;     /* owned */
    struct strbuf completions; /* of the prompt, "word\thelp" lines */
    size_t chosen;             /* of them, by Tab, from 1; 0: none */
    struct history *lines;     /* typed commands; owned */
    struct history *filters;   /* typed filters and searches; owned */
    struct place before;       /* of the top screen when a filter was begun */
    uint32_t chord;            /* first key of a chord, 0: none */
    struct ui_message message;

    struct export *export;       /* a table on its way into a file; NULL: none; owned */
    struct map *marks;           /* marked rows (see marks.h); owned */
    struct map *pins;            /* pinned rows; owned */
    struct ui_hit hits[UI_HITS]; /* of the last frame */
    size_t nhits;
    int clicked;                 /* screen row that the last click chose; -1: none since a key */
    bool mouse;                  /* wanted; screens of text leave it to the terminal */
    bool mouse_on;               /* as the terminal was told */
    char scopes[UI_SCOPES][256]; /* namespaces chosen so far: keys 1 to 9 */
    size_t nscopes;
    struct doing *preview;  /* the plan beside a form; owned; NULL: none */
    unsigned previews;      /* how many there were */
    struct doing *doing;    /* the last guided action (actions/doing.h); owned; NULL: none */
    struct answers *asked;  /* what it, or its form, was filled in with (acting.h); owned */
    char asked_run[40];     /* the run that is gone on with by it; "": it is a new one */
    bool noticed;           /* runs without an end have been told of */
    bool begun;             /* it was opened where it begins, or a key was pressed */
    int64_t write_until_ms; /* monotonic: until when a production context may be changed */
    bool paused, zoomed, quit;
    int64_t paused_ms;       /* monotonic: since when */
    uint64_t paused_changes; /* puts of the store then */
    bool quit_armed;         /* the key before this one asked to quit */
    uint64_t arm_count;      /* grows with each such first ask */
    int64_t now_ms;          /* wall, set once a turn */
    int64_t mono_ms;
    int64_t wake_ms;    /* wall: what is shown changes by time alone then; see ui_wake() */
    uint64_t ages_mark; /* which sources were said to be slow (ages.h) */
    char title[256];    /* of the terminal's window, as it was told */
    uint64_t events;    /* input events taken, for the test mark */
    bool dirty;         /* must be drawn again, at once */
    bool resized;       /* the terminal's size must be asked again */
    char scope[256];    /* namespaces that tables start with; "": all */
    const char *verb;   /* name of the command that runs; static */
};

struct screen *ui_top(const struct ui *ui);
/* enum context of what the top screen shows. */
unsigned ui_context(const struct ui *ui);

/* Opens a screen on top (place copied); closes what stands above home when the
 * stack is full. False: nothing changed, *err says why. */
bool ui_open(struct ui *ui, const struct place *place, struct err *err);
/* The same, straight on home: what stood between is left (history leads back). */
bool ui_open_on_home(struct ui *ui, const struct place *place, struct err *err);
/* Sets a place's row: kind, source, key. False: its name is too long. */
bool ui_place_row(const struct ui *ui, struct handle row, struct place *place, struct err *err);
/* The same with a place made here. kind < 0, row.kind unused: none. */
bool ui_open_table(struct ui *ui, int kind, const char *filter, struct err *err);
bool ui_open_row(struct ui *ui, const struct screen_class *cls, struct handle row, const char *part,
                 struct err *err);
void ui_close(struct ui *ui);
/* Closes screens until depth are left. */
void ui_close_to(struct ui *ui, size_t depth);
/* Takes up the session's new store: nothing of the old one stays. */
void ui_restart(struct ui *ui);
/* Replaces the top screen's place by one that differs in filter, sort, scope ...;
 * remembers the old one for undo. */
bool ui_change(struct ui *ui, const struct place *place, struct err *err);
/* What has been changed already, letter by letter: remembers the place before. */
void ui_changed_from(struct ui *ui, const struct place *before);
bool ui_undo(struct ui *ui, int steps);    /* > 0: undo, < 0: redo; false: nothing left */
bool ui_history(struct ui *ui, int steps); /* < 0: back */

/* One line above the keys. Errors stay until the next key. Also logged. */
void ui_say(struct ui *ui, enum role role, const char *fmt, ...) BN_PRINTF(3, 4);
void ui_say_err(struct ui *ui, const struct err *err);

/* Starts the prompt with a text. */
void ui_prompt(struct ui *ui, enum prompt_mode mode, struct span text);
/* Runs a command line; what fails is said. */
void ui_run(struct ui *ui, const char *line);
/* Moves the cursor of the top screen. */
void ui_move(struct ui *ui, enum move move);
/* Takes one event of the terminal. */
void ui_event(struct ui *ui, const struct input_event *ev);
/* Draws everything into ui->canvas. */
void ui_draw(struct ui *ui);
/* Title, message and keys alone, over what was drawn last: a paused screen. */
void ui_draw_frame(struct ui *ui);
/* What is drawn now will be another at this wall time though nothing changes. */
void ui_wake(struct ui *ui, int64_t wall_ms);
/* "41s", "4m": the age of something, by the unit; it is drawn again when it differs. */
void ui_age(struct ui *ui, int64_t since_ms, char out[TIMETEXT_MAX]);
/* Appends why the row stands as it stands; of a row that is no longer proven,
 * what it was when it was last heard. Nothing of one that is well. */
void ui_says(struct ui *ui, struct handle row, struct strbuf *out);
/* The level to show: unknown when it is no longer proven. *role goes with it. */
enum level ui_level(const struct ui *ui, struct handle row, enum role *role);
/* True while a kind is still being seen for the first time. */
bool ui_loading(const struct ui *ui, uint16_t kind);
/* All systems, worst first, judged once for what the store holds now;
 * session_systems()->count of them. */
const struct system_state *ui_systems(struct ui *ui);
/* What is to be done each turn, drawn or not: true: there is more of it. busy: the
 * store has more to do. */
bool ui_follow(struct ui *ui, bool busy);
/* All sources, those that are yet to be found included, have been seen whole, or will not be for
 * now; of one that lets time pass by intent its first answer is enough. */
bool ui_whole(const struct ui *ui);
/* The clock, which stands, was stepped: what comes then is told from what was seen before. */
void ui_stepped(struct ui *ui);
/* The row under the cursor of the top screen. */
bool ui_selected(const struct ui *ui, struct handle *row);
bool ui_ascii(const struct ui *ui);

#endif
