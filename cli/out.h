/* Standard output as a command writes it: collected, written in large pieces,
 * and told apart when it fails. */
#ifndef BINNACLE_CLI_OUT_H
#define BINNACLE_CLI_OUT_H

#include "base/strbuf.h"

struct out {
    struct strbuf text; /* append here, then out_turn() */
    int fd;             /* where it goes */
    int error;          /* errno of the first failed write; what follows is dropped */
};

void out_init(struct out *o);
/* The same into a file that is open; it is closed by who has opened it. */
void out_init_file(struct out *o, int fd);
/* Writes what has grown large. False: nobody takes it any more. */
bool out_turn(struct out *o);
/* Writes all of it. False: error says why not all was taken. */
bool out_flush(struct out *o);
/* Writes the rest and releases. status, or 1 with a sentence on standard error
 * when output was lost; a reader that closed the pipe is not an error. */
int out_end(struct out *o, int status);

#endif
