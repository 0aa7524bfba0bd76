/* Words of a peer, made fit to stand in a sentence. */
#include <config.h>

#include "net/plain.h"

#include "base/utf8.h"

#include <string.h>

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

void plain_add(struct strbuf *out, struct span text, size_t max)
{
    size_t room = max;
    bool blank = false, any = false;

    while (text.len > 0) {
        uint32_t code;
        char bytes[4];
        const size_t used = utf8_decode(text, &code);
        size_t n;

        text = span_sub(text, used, text.len);
        if (code == ' ' || is_control(code)) {
            blank = true;
            continue;
        }
        n = utf8_encode(code, bytes);
        if (n + (blank && any) + 3 > room && n + (blank && any) + text.len > room) {
            strbuf_adds(out, "...");
            return;
        }
        if (blank && any) {
            strbuf_addc(out, ' ');
            room--;
        }
        strbuf_add(out, span_make(bytes, n));
        room -= n < room ? n : room;
        blank = false;
        any = true;
    }
}

char *plain_text(struct span text, char *out, size_t size)
{
    struct strbuf plain = STRBUF_INIT(size);

    plain_add(&plain, text, size - 1);
    memcpy(out, strbuf_cstr(&plain), plain.len < size ? plain.len + 1 : size);
    out[size - 1] = 0;
    strbuf_clear(&plain);
    return out;
}
