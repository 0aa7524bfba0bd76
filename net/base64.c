/* Base64 both ways. */
#include <config.h>

#include "net/base64.h"

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

bool base64_decode(struct span text, struct strbuf *out)
{
    uint32_t bits = 0;
    unsigned have = 0, padding = 0;
    size_t digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.data[i];
        const int digit = digit_of(c);

        if (c == '\n' || c == '\r')
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        if (digit < 0 || padding > 0)
            return false;
        digits++;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            strbuf_addc(out, (char)(unsigned char)(bits >> have & 0xFF));
        }
    }
    if (digits % 4 == 1 || padding > 2 || (padding > 0 && (digits + padding) % 4 != 0))
        return false;
    return !out->failed;
}

void base64_encode(struct span bytes, struct strbuf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = 0;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)bytes.data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            strbuf_addc(out, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}
