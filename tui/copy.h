/* What the copy commands put on the clipboard, and how it gets there. */
#ifndef BINNACLE_TUI_COPY_H
#define BINNACLE_TUI_COPY_H

#include "tui/ui.h"

/* "name": what can be pasted behind kubectl (`-n shop api-7f9`), "bare", "row"
 * (cells and tabs), "command" (kubectl get ...), "marks", "plan" (of an action, for a shell), "screen". */
bool copy_text(struct ui *ui, struct span what, struct strbuf *out, struct err *err);
/* OSC 52, and a private file whose path the message names. */
bool copy_out(struct ui *ui, struct span text, struct err *err);

#endif
