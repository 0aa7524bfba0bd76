/* What a plain scalar means by YAML 1.2's core schema; 017 is octal, as
 * Kubernetes reads the modes of files. */
#ifndef BINNACLE_BASE_YAML_SCALAR_H
#define BINNACLE_BASE_YAML_SCALAR_H

#include "base/span.h"

enum yaml_scalar {
    YAML_IS_TEXT,
    YAML_IS_NULL,
    YAML_IS_TRUE,
    YAML_IS_FALSE,
    YAML_IS_NUMBER, /* as JSON writes it, but for a plus in front */
    YAML_IS_BASED,  /* 0x1f, 0o17, 017: a whole number of another base */
    YAML_IS_REAL,   /* .5, 5., 089 */
};

enum yaml_scalar yaml_scalar_of(struct span text);
/* Value of a YAML_IS_BASED; false: it is not one. */
bool yaml_based(struct span text, int64_t *out) BN_MUST_USE;

#endif
