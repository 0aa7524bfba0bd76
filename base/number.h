/* Numbers from and to text, with ranges. Nothing here depends on the locale. */
#ifndef BINNACLE_BASE_NUMBER_H
#define BINNACLE_BASE_NUMBER_H

#include "base/span.h"

#define NUMBER_TEXT_MAX 40

/* The whole text is a decimal integer from min to max. False: *out untouched. */
bool number_parse(struct span text, int64_t min, int64_t max, int64_t *out) BN_MUST_USE;
/* A finite decimal number ("12", "-1.5", "2e3"). */
bool number_parse_real(struct span text, double *out) BN_MUST_USE;

/* A Kubernetes quantity ("250m", "1.5Gi", "2e3", "123456n", "-0") times scale
 * (> 0; 1: bytes or pieces, 1000: thousandths), rounded away from zero as the API does,
 * saturated at the ends of int64. False: not a quantity; *out untouched.
 * [apimachinery pkg/api/resource/quantity.go] */
bool quantity_parse(struct span text, int64_t scale, int64_t *out) BN_MUST_USE;

/* A number with an optional unit as a person types it in a filter:
 * "3", "1.5k", "2M", "512Mi", "80%" (0.8). k M G T are 1000s, Ki Mi Gi Ti 1024s. */
bool number_parse_human(struct span text, double *out) BN_MUST_USE;

/* "0", "999", "1.2k", "41.2G" (1000s) and "512Mi", "1.5Gi" (1024s): at most 6
 * cells, a minus apart. */
void number_format_count(int64_t n, char out[NUMBER_TEXT_MAX]);
void number_format_bytes(int64_t bytes, char out[NUMBER_TEXT_MAX]);
/* The shortest text that reads back as n, which is finite: "0.1", "1e+300". */
void number_format_real(double n, char out[NUMBER_TEXT_MAX]);
/* 0.414 gives "41%". */
void number_format_percent(double ratio, char out[NUMBER_TEXT_MAX]);

#endif
