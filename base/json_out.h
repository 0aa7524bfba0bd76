/* Writing JSON: commas, quotes and escapes are right by construction. What does
 * not fit shows in out->failed. */
#ifndef BINNACLE_BASE_JSON_OUT_H
#define BINNACLE_BASE_JSON_OUT_H

#include "base/strbuf.h"

#define JSON_OUT_DEPTH 80

struct json_out {
    struct strbuf *out;
    unsigned depth;
    int indent; /* spaces per level; 0: one line */
    bool has_item[JSON_OUT_DEPTH];
    bool after_key;
};

void json_out_init(struct json_out *j, struct strbuf *out, int indent);
void json_object(struct json_out *j);
void json_object_end(struct json_out *j);
void json_array(struct json_out *j);
void json_array_end(struct json_out *j);
void json_key(struct json_out *j, const char *key);
void json_key_span(struct json_out *j, struct span key);
/* Bad UTF-8 becomes U+FFFD; control characters are escaped. */
void json_text(struct json_out *j, struct span text);
void json_cstr(struct json_out *j, const char *text); /* NULL gives null */
/* A member that is a text; NULL: there is none. */
void json_key_cstr(struct json_out *j, const char *key, const char *text);
void json_int(struct json_out *j, int64_t n);
void json_real(struct json_out *j, double n); /* not finite gives null */
void json_bool(struct json_out *j, bool b);
void json_null(struct json_out *j);
/* A value that is JSON already. */
void json_raw(struct json_out *j, struct span json);

#endif
