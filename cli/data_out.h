/* One way to say structured data, written as JSON or as YAML. */
#ifndef BINNACLE_CLI_DATA_OUT_H
#define BINNACLE_CLI_DATA_OUT_H

#include "base/json_out.h"

#define DATA_DEPTH 16

struct data_out {
    struct strbuf *out;
    bool yaml;
    struct json_out json;
    /* YAML: */
    unsigned depth;
    bool list[DATA_DEPTH];  /* a list, else a map */
    bool empty[DATA_DEPTH]; /* nothing in it yet */
    bool started, after_key, after_dash;
};

/* indent: of JSON; 0: one line. */
void data_init(struct data_out *d, struct strbuf *out, bool yaml, int indent);
void data_object(struct data_out *d);
void data_object_end(struct data_out *d);
void data_array(struct data_out *d);
void data_array_end(struct data_out *d);
void data_key(struct data_out *d, const char *key);
void data_text(struct data_out *d, struct span text);
void data_cstr(struct data_out *d, const char *text); /* NULL gives null */
void data_int(struct data_out *d, int64_t n);
void data_real(struct data_out *d, double n);
void data_bool(struct data_out *d, bool b);
void data_null(struct data_out *d);
/* "2026-02-13T09:00:00Z", or null for TIME_NONE. */
void data_instant(struct data_out *d, int64_t ms);
/* Ends the document with a line feed. */
void data_end(struct data_out *d);

#endif
