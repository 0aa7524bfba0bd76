/* Fuzz target: numbers, quantities, instants and durations from text. */
#include <config.h>

#include "base/number.h"

#include "base/timetext.h"
#include "test/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>

static void numbers(struct span text)
{
    int64_t whole, again, thousandths;
    double real, human;
    char out[NUMBER_TEXT_MAX];
    bool is_whole = number_parse(text, INT64_MIN, INT64_MAX, &whole);
    bool is_real = number_parse_real(text, &real);
    if (is_whole) {
        bn_assert(is_real && fabs(real - (double)whole) <= fabs(real) * 1e-15);
        bn_assert(quantity_parse(text, 1, &again) && again == whole);
        number_format_count(whole, out);
        number_format_bytes(whole, out);
    }
    if (is_real) {
        bn_assert(isfinite(real));
        number_format_real(real, out);
        bn_assert(number_parse_real(span_from(out), &human));
        number_format_percent(real, out);
    }
    if (number_parse_human(text, &human))
        bn_assert(isfinite(human));
    if (quantity_parse(text, 1000, &thousandths)) {
        bn_assert(quantity_parse(text, 1, &whole));
        bn_assert(whole == INT64_MAX || whole == INT64_MIN || thousandths == INT64_MAX ||
                  thousandths == INT64_MIN || llabs(whole) >= llabs(thousandths / 1000));
    }
}

static void times(struct span text)
{
    int64_t ms, again;
    char out[TIMETEXT_MAX];
    if (time_parse(text, &ms)) {
        time_format(ms, out);
        time_format_clock(ms, true, out);
        time_format(ms, out);
        if (ms >= INT64_C(-62135596800000) && ms < INT64_C(253402300800000)) /* years 1 to 9999 */
            bn_assert(time_parse(span_from(out), &again) && again == ms);
    }
    if (duration_parse(text, &ms)) {
        bn_assert(ms >= 0);
        duration_format(ms, out);
        bn_assert(duration_parse(span_from(out), &again) && again <= ms);
        duration_format_short(ms, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    numbers(span_make((const char *)data, size));
    times(span_make((const char *)data, size));
    return 0;
}
