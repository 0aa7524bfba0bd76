/* An object's text for a person to edit: a file in a folder of its own that nobody else may read. */
#ifndef BINNACLE_ACTIONS_EDIT_TEXT_H
#define BINNACLE_ACTIONS_EDIT_TEXT_H

#include "base/err.h"
#include "base/span.h"

#define EDIT_WAS ".was" /* behind the file's path: that of the text as it was read */

/* Writes the text and as it was into a new folder and opens the person's editor on it, on this
 * terminal, until that ends: KUBE_EDITOR, VISUAL, EDITOR, or vi. The file's path, owned. NULL: the
 * editor failed, or nothing was changed (ERR_CANCELLED); then the file is gone. name: the object's. */
char *edit_text(const char *name, struct span text, struct err *err) BN_MUST_USE;
/* Opens the editor once more on a text that edit_text() has made; any other file is left alone. False: the
 * editor failed; the text is kept. */
bool edit_again(const char *path, struct err *err) BN_MUST_USE;
/* Overwrites and removes the folder, where it is one that edit_text() made. */
void edit_forget(const char *path);

#endif
