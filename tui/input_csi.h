/* What a complete control sequence from a terminal says. Pure. */
#ifndef BINNACLE_TUI_INPUT_CSI_H
#define BINNACLE_TUI_INPUT_CSI_H

#include "tui/input.h"

enum csi_meaning {
    CSI_NOTHING, /* swallowed */
    CSI_EVENT,
    CSI_PASTE_START,
    CSI_X10_MOUSE, /* three bytes follow that belong to it */
    CSI_MODE,      /* DECRQM's answer: event->key is the mode, event->button its state */
};

/* body: the bytes after "ESC [" up to and with the final byte. */
enum csi_meaning csi_decode(struct span body, struct input_event *out);
/* body: the bytes after "ESC O" up to and with the final byte. */
enum csi_meaning ss3_decode(struct span body, struct input_event *out);

/* The key of a control byte (0x00-0x1f, 0x7f). */
uint32_t key_of_control(unsigned char byte);

#endif
