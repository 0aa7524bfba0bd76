/* Numbers from and to text. */
#include <config.h>

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(struct span text, int64_t min, int64_t max, int64_t *out)
{
    int64_t n = 0;
    size_t i = 0;
    bool negative = text.len && text.data[0] == '-';
    i += negative;
    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return false;
    }
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

#define DIGITS_MAX   19  /* of a mantissa: they fit into 64 bits */
#define EXPONENT_MAX 400 /* of ten: beyond any double and any int64_t */

/* Digits as a whole number, and where the point was. */
struct decimal {
    bool negative, any;
    bool more; /* digits that are not 0 were cut off */
    uint64_t mantissa;
    int exponent; /* of ten */
};

static void take_digit(struct decimal *d, unsigned digit, bool behind_point, size_t *count)
{
    d->any = true;
    if (*count == DIGITS_MAX || (behind_point && d->exponent <= -EXPONENT_MAX)) {
        d->more = d->more || digit != 0;
        if (!behind_point && d->exponent < EXPONENT_MAX)
            d->exponent++;
        return;
    }
    d->mantissa = d->mantissa * 10 + digit;
    *count += d->mantissa != 0; /* zeros in front do not count */
    d->exponent -= behind_point;
}

/* Takes a number in front of *text; what stands behind it stays there. */
static struct decimal take_decimal(struct span *text)
{
    struct decimal d = {0};
    size_t i = 0, count = 0;
    bool point = false;
    if (text->len && (text->data[0] == '-' || text->data[0] == '+'))
        d.negative = text->data[i++] == '-';
    for (; i < text->len; i++) {
        char c = text->data[i];
        if (c >= '0' && c <= '9')
            take_digit(&d, (unsigned)(c - '0'), point, &count);
        else if (c == '.' && !point)
            point = true;
        else
            break;
    }
    *text = span_sub(*text, i, text->len);
    return d;
}

/* "e3", "E-2" with nothing behind; false: none. */
static bool take_exponent(struct span *text, int *exponent)
{
    int64_t e;
    if (text->len < 2 || (text->data[0] != 'e' && text->data[0] != 'E'))
        return false;
    size_t skip = text->data[1] == '+' ? 2 : 1;
    if (skip == 2 && text->len > 2 && text->data[2] == '-')
        return false;
    if (!number_parse(span_sub(*text, skip, text->len), INT64_MIN, INT64_MAX, &e))
        return false;
    e = e > EXPONENT_MAX ? EXPONENT_MAX : e < -EXPONENT_MAX ? -EXPONENT_MAX : e;
    *exponent += (int)e;
    *text = span_sub(*text, text->len, 0);
    return true;
}

/* The nearest double, times 2^two. Up to 2^53 and 10^22 both are exact, so one
 * operation rounds right; the rest goes to strtod without a decimal point, which
 * would be the locale's. */
static double real_of(const struct decimal *d, int two)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int most = (int)BN_COUNT(tens) - 1;
    double n;
    if (d->mantissa <= UINT64_C(1) << 53 && d->exponent >= -most && d->exponent <= most) {
        n = (double)d->mantissa;
        n = d->exponent < 0 ? n / tens[-d->exponent] : n * tens[d->exponent];
    } else {
        char text[NUMBER_TEXT_MAX];
        (void)snprintf(text, sizeof(text), "%llue%d", (unsigned long long)d->mantissa, d->exponent);
        n = strtod(text, NULL);
    }
    n = ldexp(n, two);
    return d->negative ? -n : n;
}

bool number_parse_real(struct span text, double *out)
{
    struct decimal d = take_decimal(&text);
    (void)take_exponent(&text, &d.exponent);
    double n = real_of(&d, 0);
    if (!d.any || text.len || !isfinite(n))
        return false;
    *out = n;
    return true;
}

struct suffix {
    const char *name;
    int ten, two; /* powers of them */
};

static const struct suffix *find_suffix(const struct suffix *list, size_t n, struct span text)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(text, list[i].name))
            return &list[i];
    return NULL;
}

/* mantissa * 2^two * 10^exponent * scale, away from zero to a whole number.
 * 2^128 over 10^18 is above int64_t, so an overflow on the way is one at the
 * end; hence at most 18 places are kept. */
static int64_t whole_of(struct decimal d, unsigned two, int64_t scale)
{
    const int64_t end = d.negative ? INT64_MIN : INT64_MAX;
    const unsigned __int128 most = (unsigned __int128)INT64_MAX + d.negative;
    unsigned __int128 n, divisor = 1;
    for (; d.exponent < -18 && d.mantissa; d.exponent++) {
        d.more = d.more || d.mantissa % 10 != 0;
        d.mantissa /= 10;
    }
    if (__builtin_mul_overflow((unsigned __int128)d.mantissa, (unsigned __int128)scale, &n) ||
        __builtin_mul_overflow(n, (unsigned __int128)1 << two, &n))
        return end;
    for (; d.exponent < 0 && n; d.exponent++)
        divisor *= 10;
    for (; d.exponent > 0 && n; d.exponent--)
        if (__builtin_mul_overflow(n, 10u, &n))
            return end;
    n = n / divisor + (n % divisor != 0 || d.more);
    if (n >= most)
        return end;
    return d.negative ? -(int64_t)n : (int64_t)n;
}

bool quantity_parse(struct span text, int64_t scale, int64_t *out)
{
    static const struct suffix suffixes[] = {
        {"", 0, 0},    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"k", 3, 0},   {"M", 6, 0},
        {"G", 9, 0},   {"T", 12, 0},  {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
        {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
    };
    const struct suffix *suffix = &suffixes[0];
    bn_assert(scale > 0);
    struct decimal d = take_decimal(&text);
    if (!d.any)
        return false;
    if (!take_exponent(&text, &d.exponent))
        suffix = find_suffix(suffixes, BN_COUNT(suffixes), text);
    if (!suffix)
        return false;
    d.exponent += suffix->ten;
    *out = whole_of(d, (unsigned)suffix->two, scale);
    return true;
}

bool number_parse_human(struct span text, double *out)
{
    static const struct suffix suffixes[] = {
        {"", 0, 0},    {"k", 3, 0},   {"K", 3, 0},   {"M", 6, 0},   {"G", 9, 0},  {"T", 12, 0},
        {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30}, {"Ti", 0, 40}, {"%", -2, 0}, {"m", -3, 0},
    };
    struct decimal d = take_decimal(&text);
    const struct suffix *suffix = find_suffix(suffixes, BN_COUNT(suffixes), text);
    if (!d.any || !suffix)
        return false;
    d.exponent += suffix->ten;
    double n = real_of(&d, suffix->two);
    if (!isfinite(n))
        return false;
    *out = n;
    return true;
}

/* One place of a number from 0 to 99.9 and its unit: "1.2k", "3G". Only whole
 * numbers are printed, so that no locale's decimal point comes in. */
static void format_scaled(int64_t n, unsigned step, const char *const *units, char *out)
{
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, rest = 0, scale = 1;
    const char *sign = n < 0 ? "-" : "";
    size_t unit = 0;
    for (; size / scale >= step && unit < 6; unit++)
        scale *= step;
    rest = size % scale;
    size /= scale;
    unsigned tenths = (unsigned)(((unsigned __int128)rest * 10 + scale / 2) / scale);
    if (size >= 100 || scale == 1) { /* no place behind the point */
        size += rest >= scale - rest && scale > 1;
        tenths = 0;
    } else if (tenths == 10) {
        size++;
        tenths = 0;
    }
    if (size == step && unit < 6) {
        size = 1;
        unit++;
    }
    if (tenths)
        (void)snprintf(out, NUMBER_TEXT_MAX, "%s%llu.%u%s", sign, (unsigned long long)size, tenths,
                       units[unit]);
    else
        (void)snprintf(out, NUMBER_TEXT_MAX, "%s%llu%s", sign, (unsigned long long)size,
                       units[unit]);
}

void number_format_count(int64_t n, char out[NUMBER_TEXT_MAX])
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
    format_scaled(n, 1000, units, out);
}

void number_format_bytes(int64_t bytes, char out[NUMBER_TEXT_MAX])
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    format_scaled(bytes, 1024, units, out);
}

void number_format_percent(double ratio, char out[NUMBER_TEXT_MAX])
{
    if (fabs(ratio) < 1e9)
        (void)snprintf(out, NUMBER_TEXT_MAX, "%.0f%%", ratio * 100);
    else /* a division by nothing */
        (void)snprintf(out, NUMBER_TEXT_MAX, "?");
}

void number_format_real(double n, char out[NUMBER_TEXT_MAX])
{
    bn_assert(isfinite(n));
    (void)snprintf(out, NUMBER_TEXT_MAX, "%.15g", n);
    char *comma = strpbrk(out, ".,");
    if (comma) /* the decimal point of the locale */
        *comma = '.';
    double again;
    if (number_parse_real(span_from(out), &again) && again == n)
        return;
    (void)snprintf(out, NUMBER_TEXT_MAX, "%.17g", n);
    comma = strpbrk(out, ".,");
    if (comma)
        *comma = '.';
}
