/* The colours that terminals number: xterm's 256, of which the first 16 and 8
 * are what smaller terminals have. */
#ifndef BINNACLE_TUI_PALETTE_H
#define BINNACLE_TUI_PALETTE_H

#include "base/span.h"

/* "default" (-1), 0 to 255, "red", "bright-red", "#ff8700" (the nearest). False:
 * none of these. */
bool palette_parse(struct span text, int16_t *colour) BN_MUST_USE;
/* 0xRRGGBB of 0 to 255, as xterm has it. */
uint32_t palette_rgb(int16_t colour);
/* The nearest colour on a terminal with 16 or 8; -1 stays. */
int16_t palette_nearest(int16_t colour, int colours);
/* Contrast of two colours, 1 to 21 (WCAG 2.1, "contrast ratio"). */
double palette_contrast(int16_t a, int16_t b);

#endif
