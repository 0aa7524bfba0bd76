/* Fuzz target: names of keys. What is read as a key is written as a name that reads as
 * the same key, and a name of it that is text. */
#include <config.h>

#include "base/utf8.h"
#include "test/fuzz/fuzz.h"
#include "widgets/keysym.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_make((const char *)data, size), name;
    char out[KEY_NAME_MAX];
    uint32_t key, again;
    while (span_split(&rest, '\n', &name)) {
        if (!key_parse(name, &key))
            continue;
        key_format(key, out);
        bn_assert(utf8_valid(span_from(out)));
        bn_assert(key_parse(span_from(out), &again) && again == key);
        bn_assert(!key_is_text(key) || key < KEYSYM_NONE);
    }
    if (size >= 4) { /* any number has some name */
        memcpy(&key, data, 4);
        key_format(key, out);
        bn_assert(memchr(out, '\0', sizeof(out)) != NULL);
    }
    return 0;
}
