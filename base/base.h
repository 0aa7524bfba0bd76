/* Attributes and the few macros that every file may use. */
#ifndef BINNACLE_BASE_BASE_H
#define BINNACLE_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define BN_MUST_USE          __attribute__((warn_unused_result))
/* A struct without gaps, its pointers like those to an int32_t. */
#define BN_PACKED   __attribute__((packed, aligned(4)))
#define BN_NORETURN __attribute__((noreturn))
#define BN_UNUSED   __attribute__((unused))

/* Elements of an array (not of a pointer). */
#define BN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* States what cannot be false if the code is right. Compiled into releases
 * too: restores the terminal (see bug_on_abort()), says where, aborts. Never
 * for input, network or memory. */
#define bn_assert(condition) ((condition) ? (void)0 : bug_found(#condition, __FILE__, __LINE__))

void bug_found(const char *condition, const char *file, int line) BN_NORETURN;

/* Registers what bug_found() and memory exhaustion run before the program
 * ends; NULL: nothing. Async-signal-safe functions only. */
void bug_on_abort(void (*restore)(void));
/* Runs what bug_on_abort() registered. */
void bug_restore(void);

#endif
