/* Label selectors, as object_selector() writes them. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_SELECTOR_H
#define BINNACLE_BACKENDS_KUBERNETES_SELECTOR_H

#include "base/span.h"

/* Whether labels ("a=b,c=d") have all that a selector asks for ("a=b,c in (d,e),f,!g"). An empty one
 * asks for nothing. */
bool selector_matches(struct span selector, struct span labels);

#endif
