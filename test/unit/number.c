/* Numbers, quantities of Kubernetes, counts for people. */
#include <config.h>

#include "base/number.h"

#include "base/strbuf.h"
#include "test/unit/base_test.h"

#include <float.h>
#include <math.h>

static void integers_have_a_range(void **state)
{
    (void)state;
    int64_t n = -7;
    assert_true(number_parse(SPAN("9223372036854775807"), INT64_MIN, INT64_MAX, &n));
    assert_int_equal(n, INT64_MAX);
    assert_true(number_parse(SPAN("-9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    assert_int_equal(n, INT64_MIN);
    assert_true(number_parse(SPAN("007"), 0, 10, &n));
    assert_int_equal(n, 7);
    static const char *const bad[] = {"",   "-",   "+5",  "11",  "-1", "5 ",
                                      " 5", "0x5", "5.0", "1e3", "",   "9223372036854775808"};
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(number_parse(span_from(bad[i]), 0, 10, &n));
    assert_false(number_parse(SPAN("9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    assert_false(number_parse(SPAN("-9223372036854775809"), INT64_MIN, INT64_MAX, &n));
    assert_false(number_parse(SPAN("5\0"), 0, 10, &n));
    assert_int_equal(n, 7);
}

static void reals_are_the_nearest_double(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        double n;
    } good[] = {
        {"0", 0},         {"2.3", 2.3},
        {"-1.5", -1.5},   {"2e3", 2000},
        {".5", 0.5},      {"5.", 5},
        {"+7", 7},        {"1E-2", 0.01},
        {"0.1", 0.1},     {"1e400", 0},
        {"0.7", 0.7},     {"1e-500", 0},
        {"1e22", 1e22},   {"123456789.125", 123456789.125},
        {"1e308", 1e308},
    };

    for (size_t i = 0; i < BN_COUNT(good); i++) {
        double n = -7;
        bool finite = !span_is(span_from(good[i].text), "1e400");
        assert_int_equal(number_parse_real(span_from(good[i].text), &n), finite);
        assert_true(n == (finite ? good[i].n : -7));
    }
    static const char *const bad[] = {"",     ".",     "-",     "e5",       "1e",
                                      "1e+",  "1e+-5", "1,5",   "nan",      "inf",
                                      "0x10", "1 ",    "1.2.3", "infinity", "1e5x"};
    double n = -7;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(number_parse_real(span_from(bad[i]), &n));
    assert_true(n == -7);
}

struct quantity {
    const char *text;
    int64_t scale, n;
};

/* [apimachinery pkg/api/resource/quantity.go: Value() and MilliValue()] */
static void quantities_round_away_from_zero(void **state)
{
    (void)state;
    static const struct quantity good[] = {
        {"0", 1, 0},
        {"-0", 1, 0},
        {"250m", 1000, 250},
        {"250m", 1, 1},
        {"-250m", 1, -1},
        {"1.5Gi", 1, INT64_C(1610612736)},
        {"1.5", 1000, 1500},
        {"2e3", 1, 2000},
        {"2E3", 1, 2000},
        {"12e-1", 1, 2},
        {"2E", 1, INT64_C(2000000000000000000)},
        {"1Ei", 1, INT64_C(1152921504606846976)},
        {"123456n", 1000, 1},
        {"1500000n", 1000, 2},
        {"100u", 1000, 1},
        {"1k", 1, 1000},
        {"64Mi", 1, INT64_C(67108864)},
        {".5Ki", 1, 512},
        {"5.", 1, 5},
        {"+5", 1, 5},
        {"9223372036854775807", 1, INT64_MAX},
        {"9223372036854775806", 1, INT64_MAX - 1},
        {"9007199254740993", 1, INT64_C(9007199254740993)},
        {"9007199254740993m", 1000, INT64_C(9007199254740993)},
        {"0.1", 1000, 100},
        {"0.3", 1000, 300},
        {"1.1Gi", 1, INT64_C(1181116007)},
        {"000000000000000000000000000001", 1, 1},
        {"1.00000000000000000000000000000000000000", 1, 1},
        {"1.00000000000000000000000000000000000001", 1, 2},
        {"0.000000000000000000000000000001", 1, 1},
        {"0e999999999", 1, 0},
        {"1e-999999999", 1, 1},
    };
    for (size_t i = 0; i < BN_COUNT(good); i++) {
        int64_t n = -7;
        assert_true(quantity_parse(span_from(good[i].text), good[i].scale, &n));
        assert_int_equal(n, good[i].n);
    }
}

static void quantities_saturate(void **state)
{
    (void)state;
    static const struct quantity good[] = {
        {"9223372036854775808", 1, INT64_MAX},
        {"-9223372036854775808", 1, INT64_MIN},
        {"-9223372036854775809", 1, INT64_MIN},
        {"10E", 1, INT64_MAX},
        {"-10E", 1, INT64_MIN},
        {"9Ei", 1000, INT64_MAX},
        {"9999999999999999999Ei", 1000, INT64_MAX},
        {"0.9999999999999999999Ei", 1000000, INT64_MAX},
        {"1e400", 1, INT64_MAX},
        {"-1e999999999", 1, INT64_MIN},
        {"99999999999999999999999999999999999999999999", 1, INT64_MAX},
    };
    for (size_t i = 0; i < BN_COUNT(good); i++) {
        int64_t n = -7;
        assert_true(quantity_parse(span_from(good[i].text), good[i].scale, &n));
        assert_int_equal(n, good[i].n);
    }
}

static void a_megabyte_of_digits_does_no_harm(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    int64_t n = 0;
    double real = 0;
    strbuf_adds(&text, "0.");
    strbuf_fill(&text, '0', 500000);
    strbuf_fill(&text, '9', 500000);
    assert_true(quantity_parse(strbuf_span(&text), 1, &n));
    assert_int_equal(n, 1);
    assert_true(number_parse_real(strbuf_span(&text), &real));
    assert_true(real < 1e-300);
    strbuf_truncate(&text, 0);
    strbuf_fill(&text, '9', 1000000);
    assert_true(quantity_parse(strbuf_span(&text), 1, &n));
    assert_int_equal(n, INT64_MAX);
    assert_false(number_parse_real(strbuf_span(&text), &real));
    strbuf_clear(&text);
}

static void what_is_no_quantity_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "m",   "Mi",  "1 Gi",  "1gi",  "1e",  "1KB", "0x10",
                                      "1K", "1mi", "--1", "1.2.3", "1e3k", "1e+", "NaN", "1Gi "};
    int64_t n = -7;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(quantity_parse(span_from(bad[i]), 1, &n));
    assert_int_equal(n, -7);
}

static void people_write_units(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        double n;
    } good[] = {{"3", 3},       {"1.5k", 1500},   {"2M", 2e6}, {"512Mi", 536870912},
                {"80%", 0.8},   {"99.9%", 0.999}, {"1K", 1e3}, {"250m", 0.25},
                {"-1.5", -1.5}, {"1Ti", 0x1p40}};

    static const char *const bad[] = {"", "%", "k", "3 k", "3kk", "80 %", "1e3", "three"};
    double n = -7;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(number_parse_human(span_from(bad[i]), &n));
    assert_true(n == -7);
    for (size_t i = 0; i < BN_COUNT(good); i++) {
        assert_true(number_parse_human(span_from(good[i].text), &n));
        assert_true(n == good[i].n);
    }
}

static void counts_and_bytes_are_short(void **state)
{
    (void)state;

    static const struct {
        int64_t n;
        const char *count, *bytes;
    } cases[] = {
        {0, "0", "0"},
        {7, "7", "7"},
        {999, "999", "999"},
        {1000, "1k", "1000"},
        {1023, "1k", "1023"},
        {1024, "1k", "1Ki"},
        {1234, "1.2k", "1.2Ki"},
        {1250, "1.3k", "1.2Ki"},
        {-1234, "-1.2k", "-1.2Ki"},
        {99950, "100k", "97.6Ki"},
        {99949, "99.9k", "97.6Ki"},
        {999949, "1M", "977Ki"},
        {999499, "999k", "976Ki"},
        {41200000000, "41.2G", "38.4Gi"},
        {536870912, "537M", "512Mi"},
        {1610612736, "1.6G", "1.5Gi"},
        {INT64_C(1048575), "1M", "1Mi"},
        {INT64_MAX, "9.2E", "8Ei"},
        {INT64_MIN, "-9.2E", "-8Ei"},
    };

    char text[NUMBER_TEXT_MAX];
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        number_format_bytes(cases[i].n, text);
        assert_string_equal(text, cases[i].bytes);
        number_format_count(cases[i].n, text);

        assert_string_equal(text, cases[i].count);
    }
    for (int64_t n = 1; n > 0 && n < INT64_MAX / 3; n = n * 3 / 2 + 1) {
        number_format_bytes(n, text);
        assert_in_range(span_from(text).len, 1, 6);
        number_format_count(n, text);
        assert_in_range(span_from(text).len, 1, 6);
    }
}

static void percents(void **state)
{
    (void)state;
    char text[NUMBER_TEXT_MAX];
    number_format_percent(0.414, text);
    assert_string_equal(text, "41%");
    number_format_percent(1, text);
    assert_string_equal(text, "100%");
    number_format_percent((double)NAN, text);
    assert_string_equal(text, "?");
    number_format_percent(DBL_MAX, text);
    assert_true(span_from(text).len < NUMBER_TEXT_MAX);
}

static void reals_read_back(void **state)
{
    (void)state;
    static const double numbers[] = {0,
                                     0.1,
                                     2.3,
                                     -1.5,
                                     1.0 / 3,
                                     1e300,
                                     123456,
                                     1e-7,
                                     DBL_MAX,
                                     DBL_MIN,
                                     0.30000000000000004,
                                     1e21,
                                     -2e-300,
                                     0x1p-1074};
    char text[NUMBER_TEXT_MAX];
    for (size_t i = 0; i < BN_COUNT(numbers); i++) {
        double again = -7;
        number_format_real(numbers[i], text);
        assert_true(number_parse_real(span_from(text), &again));
        assert_true(again == numbers[i]);
    }
    number_format_real(0.1, text);
    assert_string_equal(text, "0.1");
    number_format_real(2, text);
    assert_string_equal(text, "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_a_range),
        cmocka_unit_test(reals_are_the_nearest_double),
        cmocka_unit_test(quantities_round_away_from_zero),
        cmocka_unit_test(quantities_saturate),
        cmocka_unit_test(a_megabyte_of_digits_does_no_harm),
        cmocka_unit_test(what_is_no_quantity_is_refused),
        cmocka_unit_test(people_write_units),
        cmocka_unit_test(counts_and_bytes_are_short),
        cmocka_unit_test(percents),
        cmocka_unit_test(reals_read_back),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
