/* Marks are kept by handle: another row of the same name is not marked. */
#include <config.h>

#include "tui/marks.h"

#include "base/map.h"

#include <string.h>

static struct span row_key(const struct handle *row)
{
    return span_make((const char *)row, sizeof(*row));
}

static void set(struct ui *ui, struct map *rows, struct handle row, bool on)
{
    if (on)
        (void)map_set(rows, row_key(&row), ui);
    else
        (void)map_remove(rows, row_key(&row));
    ui->dirty = true;
}

static bool next_alive(const struct ui *ui, const struct map *rows, size_t *at, struct handle *row)
{
    struct span key;
    while (map_next(rows, at, &key, NULL)) {
        memcpy(row, key.data, sizeof(*row));
        if (store_alive(ui->store, *row))
            return true;
    }
    return false;
}

bool marks_has(const struct ui *ui, struct handle row)
{
    return map_get(ui->marks, row_key(&row)) != NULL;
}

void marks_set(struct ui *ui, struct handle row, bool marked)
{
    set(ui, ui->marks, row, marked);
}

void marks_clear(struct ui *ui)
{
    map_free(ui->marks, NULL);
    ui->marks = map_new();
    ui->dirty = true;
}

size_t marks_count(const struct ui *ui)
{
    return map_count(ui->marks);
}

bool marks_next(const struct ui *ui, size_t *at, struct handle *row)
{
    return next_alive(ui, ui->marks, at, row);
}

bool pins_has(const struct ui *ui, struct handle row)
{
    return map_get(ui->pins, row_key(&row)) != NULL;
}

void pins_set(struct ui *ui, struct handle row, bool pinned)
{
    set(ui, ui->pins, row, pinned);
}

void pins_clear(struct ui *ui)
{
    map_free(ui->pins, NULL);
    ui->pins = map_new();
    ui->dirty = true;
}

size_t pins_count(const struct ui *ui)
{
    return map_count(ui->pins);
}

bool pins_next(const struct ui *ui, size_t *at, struct handle *row)
{
    return next_alive(ui, ui->pins, at, row);
}
