/* The built-in themes, and reading others from YAML:
 *
 *   roles:
 *     title: {fg: 255, bg: 24, bold: true}
 *
 * What a file leaves out stays as in the default theme; a role without a colour
 * of its own takes that of "text". */
#include <config.h>

#include "tui/theme.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/yaml.h"
#include "tui/palette.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDERS        2
#define SUFFIX         ".yaml"
#define CONTRAST_LEAST 2.0 /* of colours that were made coarser */
#define NAME_TOO_FAR   4   /* edits after which no name is proposed any more */

static const struct look default_looks[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, 0},
    [ROLE_DIM] = {-1, -1, LOOK_DIM},
    [ROLE_TITLE] = {-1, -1, LOOK_BOLD | LOOK_REVERSE},
    [ROLE_PRODUCTION] = {1, -1, LOOK_BOLD | LOOK_REVERSE},
    [ROLE_HEADER] = {-1, -1, LOOK_BOLD},
    [ROLE_SORTED] = {-1, -1, LOOK_BOLD | LOOK_UNDERLINE},
    [ROLE_SELECTED] = {-1, -1, LOOK_REVERSE},
    [ROLE_MARKED] = {6, -1, LOOK_BOLD},
    [ROLE_MATCH] = {0, 3, 0},
    [ROLE_KEY] = {6, -1, LOOK_BOLD},
    [ROLE_HINT] = {-1, -1, 0},
    [ROLE_INPUT] = {-1, -1, LOOK_BOLD},
    [ROLE_FAULT] = {1, -1, LOOK_BOLD},
    [ROLE_LINK] = {6, -1, LOOK_UNDERLINE},
    [ROLE_CHANGED] = {-1, -1, LOOK_BOLD | LOOK_REVERSE},
    [ROLE_STALE] = {-1, -1, LOOK_DIM},
    [ROLE_OFF] = {-1, -1, LOOK_DIM},
    [ROLE_OK] = {2, -1, 0},
    [ROLE_NOTICE] = {6, -1, 0},
    [ROLE_PROGRESS] = {6, -1, 0},
    [ROLE_UNKNOWN] = {5, -1, 0},
    [ROLE_WARNING] = {3, -1, 0},
    [ROLE_CRITICAL] = {1, -1, LOOK_BOLD},
};

static const uint16_t mono_flags[ROLE_COUNT] = {
    [ROLE_DIM] = LOOK_DIM,
    [ROLE_TITLE] = LOOK_BOLD | LOOK_REVERSE,
    [ROLE_PRODUCTION] = LOOK_BOLD | LOOK_REVERSE | LOOK_UNDERLINE,
    [ROLE_HEADER] = LOOK_BOLD,
    [ROLE_SORTED] = LOOK_BOLD | LOOK_UNDERLINE,
    [ROLE_SELECTED] = LOOK_REVERSE,
    [ROLE_MARKED] = LOOK_BOLD,
    [ROLE_MATCH] = LOOK_REVERSE,
    [ROLE_KEY] = LOOK_BOLD,
    [ROLE_INPUT] = LOOK_BOLD,
    [ROLE_FAULT] = LOOK_BOLD | LOOK_REVERSE,
    [ROLE_LINK] = LOOK_UNDERLINE,
    [ROLE_CHANGED] = LOOK_BOLD | LOOK_REVERSE,
    [ROLE_STALE] = LOOK_DIM,
    [ROLE_OFF] = LOOK_DIM,
    [ROLE_UNKNOWN] = LOOK_UNDERLINE,
    [ROLE_WARNING] = LOOK_BOLD,
    [ROLE_CRITICAL] = LOOK_BOLD | LOOK_REVERSE,
};

static const struct {
    const char *name;
    uint16_t flag;
} flag_names[] = {
    {"bold", LOOK_BOLD},
    {"underline", LOOK_UNDERLINE},
    {"reverse", LOOK_REVERSE},
    {"dim", LOOK_DIM},
};

void theme_default(struct theme *out)
{
    *out = (struct theme){.name = "default"};
    memcpy(out->looks, default_looks, sizeof(default_looks));
}

void theme_mono(struct theme *out)
{
    *out = (struct theme){.name = "monochrome"};
    for (size_t i = 0; i < ROLE_COUNT; i++)
        out->looks[i] = (struct look){-1, -1, mono_flags[i]};
}

/* Two colours that fall together, or nearly, would hide the text. */
static void keep_apart(struct look *look, int colours)
{
    int16_t white = (int16_t)(colours >= 16 ? 15 : 7);
    if (look->fg < 0 || look->bg < 0 || palette_contrast(look->fg, look->bg) >= CONTRAST_LEAST)
        return;
    bool light = palette_contrast(look->bg, 0) > palette_contrast(look->bg, white);
    look->fg = light ? 0 : white;
    look->flags |= light ? 0 : LOOK_BOLD;
}

void theme_for_colours(const struct theme *in, int colours, struct theme *out)
{
    if (colours < 8) {
        theme_mono(out);
        return;
    }
    *out = *in;
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        struct look *look = &out->looks[i];
        bool bright = look->fg >= 0 && palette_nearest(look->fg, 16) >= 8;
        look->fg = palette_nearest(look->fg, colours);
        look->bg = palette_nearest(look->bg, colours);
        if (colours < 16 && bright && look->fg != 0)
            look->flags |= LOOK_BOLD; /* how terminals of eight colours show bright ones */
        if (colours < 256)
            keep_apart(look, colours);
    }
}

static const char *nearest_role(struct span name)
{
    const char *best = NULL;
    size_t least = NAME_TOO_FAR;
    for (int i = 0; i < ROLE_COUNT; i++) {
        size_t n = span_distance(name, span_from(role_name((enum role)i)));
        if (n < least) {
            least = n;
            best = role_name((enum role)i);
        }
    }
    return best;
}

static bool read_flag(const char *file, const struct yaml_node *node, struct look *look,
                      struct err *err)
{
    bool on;
    for (size_t i = 0; i < BN_COUNT(flag_names); i++) {
        if (!span_is(node->key, flag_names[i].name))
            continue;
        if (!yaml_bool(node, &on))
            return err_set(err, ERR_CONFIG, "%s:%d: %s is \"%.*s\": write true or false", file,
                           node->line, flag_names[i].name, SPAN_ARG(node->text));
        look->flags =
            (uint16_t)(on ? look->flags | flag_names[i].flag : look->flags & ~flag_names[i].flag);
        return true;
    }
    return err_set(err, ERR_CONFIG,
                   "%s:%d: a role has fg, bg, bold, underline, reverse and dim, not \"%.*s\"", file,
                   node->key_line, SPAN_ARG(node->key));
}

static bool read_look(const char *file, const struct yaml_node *node, struct look *look,
                      struct err *err)
{
    if (node->type != YAML_MAP)
        return err_set(err, ERR_CONFIG, "%s:%d: role %.*s is no map: write {fg: 252, bold: true}",
                       file, node->line, SPAN_ARG(node->key));
    *look = (struct look){-1, -1, 0};
    for (const struct yaml_node *n = node->first; n; n = n->next) {
        int16_t *colour = span_is(n->key, "fg") ? &look->fg : &look->bg;
        if (!span_is(n->key, "fg") && !span_is(n->key, "bg")) {
            if (!read_flag(file, n, look, err))
                return false;
        } else if (n->type != YAML_SCALAR || !palette_parse(n->text, colour)) {
            return err_set(err, ERR_CONFIG,
                           "%s:%d: colour \"%.*s\" of role %.*s is not known: write 0 to 255, "
                           "red, bright-red, #ff8700 or default",
                           file, n->line, SPAN_ARG(n->text), SPAN_ARG(node->key));
        }
    }
    return true;
}

static bool read_roles(const char *file, const struct yaml_node *roles, struct theme *theme,
                       struct err *err)
{
    for (const struct yaml_node *n = roles->first; n; n = n->next) {
        enum role role;
        if (!role_parse(n->key, &role)) {
            const char *near = nearest_role(n->key);
            return err_set(err, ERR_CONFIG, "%s:%d: role \"%.*s\" is not known%s%s%s", file,
                           n->key_line, SPAN_ARG(n->key), near ? ": did you mean \"" : "",
                           near ? near : "", near ? "\"?" : "");
        }
        if (!read_look(file, n, &theme->looks[role], err))
            return false;
    }
    return true;
}

static void inherit(struct theme *theme)
{
    const struct look *text = &theme->looks[ROLE_TEXT];
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        struct look *look = &theme->looks[i];
        if (look->fg < 0)
            look->fg = text->fg;
        if (look->bg < 0)
            look->bg = text->bg;
    }
}

static void name_theme(struct theme *theme, const char *file)
{
    const char *slash = strrchr(file, '/');
    struct span name = span_from(slash ? slash + 1 : file);
    if (span_ends(name, SUFFIX))
        name.len -= strlen(SUFFIX);
    (void)snprintf(theme->name, sizeof(theme->name), "%.*s", SPAN_ARG(name));
}

static bool read_file(const char *file, struct theme *out, struct err *err)
{
    bool ok = false;
    struct theme theme;
    struct yaml_doc *doc = yaml_load(file, err);
    if (!doc)
        return false;
    theme_default(&theme);
    name_theme(&theme, file);
    const struct yaml_node *root = yaml_count(doc) ? yaml_root(doc, 0) : NULL;
    const struct yaml_node *roles = yaml_get(root, "roles");
    if (!root || !roles || roles->type != YAML_MAP) {
        (void)err_set(err, ERR_CONFIG, "%s: a theme starts with \"roles:\" and names roles below",
                      file);
        goto out;
    }
    for (const struct yaml_node *n = root->first; n; n = n->next)
        if (!span_is(n->key, "roles")) {
            (void)err_set(err, ERR_CONFIG,
                          "%s:%d: a theme has \"roles:\" and nothing else, not \"%.*s\"", file,
                          n->key_line, SPAN_ARG(n->key));
            goto out;
        }
    if (!read_roles(file, roles, &theme, err))
        goto out;
    inherit(&theme);
    *out = theme;
    ok = true;
out:
    yaml_doc_free(doc);
    return ok;
}

/* The i-th folder of themes, owned; NULL: there is none. */
static char *folder(int i)
{
    return i == 0 ? file_config_path("themes") : file_data_path("themes");
}

/* ERR_NOTFOUND when the folder has no such theme. */
static bool load_from(const char *in, const char *name, struct theme *out, struct err *err)
{
    struct strbuf path = STRBUF_INIT(4096);
    strbuf_addf(&path, "%s/%s" SUFFIX, in, name);
    bool ok = path.failed ? err_set(err, ERR_NOTFOUND, "the path of theme %s is too long", name)
                          : read_file(strbuf_cstr(&path), out, err);
    strbuf_clear(&path);
    return ok;
}

bool theme_load(const char *name, struct theme *out, struct err *err)
{
    struct strbuf names = STRBUF_INIT(2048);
    if (strchr(name, '/'))
        return read_file(name, out, err);
    for (int i = 0; i < FOLDERS; i++) {
        struct err why;
        char *in = folder(i);
        bool ok = in && load_from(in, name, out, &why);
        bool absent = !in || (!ok && why.kind == ERR_NOTFOUND);
        free(in);
        if (ok)
            return true;
        if (!absent) {
            if (err)
                *err = why;
            return false;
        }
    }
    bool mono = strcmp(name, "monochrome") == 0;
    if (mono || strcmp(name, "default") == 0) {
        (mono ? theme_mono : theme_default)(out);
        return true;
    }
    theme_names(&names);
    (void)err_set(err, ERR_NOTFOUND, "there is no theme \"%s\": there are %s", name,
                  strbuf_cstr(&names));
    strbuf_clear(&names);
    return false;
}

/* Adds a name that is not there yet. */
static void add_name(struct strbuf *out, struct span name)
{
    struct span rest = strbuf_span(out), one;
    while (span_split(&rest, ' ', &one))
        if (span_eq(one, name))
            return;
    if (out->len)
        strbuf_addc(out, ' ');
    strbuf_add(out, name);
}

void theme_names(struct strbuf *out)
{
    add_name(out, SPAN("default"));
    add_name(out, SPAN("monochrome"));
    for (int i = 0; i < FOLDERS; i++) {
        char *path = folder(i);
        DIR *dir = path ? opendir(path) : NULL;
        const struct dirent *entry;
        while (dir && (entry = readdir(dir))) {
            struct span name = span_from(entry->d_name);
            if (name.len > strlen(SUFFIX) && span_ends(name, SUFFIX) && name.data[0] != '.')
                add_name(out, span_sub(name, 0, name.len - strlen(SUFFIX)));
        }
        if (dir)
            closedir(dir);
        free(path);
    }
}
