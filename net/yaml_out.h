/* An API server's object as people read it. */
#ifndef BINNACLE_NET_YAML_OUT_H
#define BINNACLE_NET_YAML_OUT_H

#include "base/err.h"
#include "base/strbuf.h"

/* JSON of an object as `kubectl get -o yaml` shows it, without managedFields, values of a Secret
 * masked. */
bool yaml_of_object(struct span json, struct strbuf *out, struct err *err) BN_MUST_USE;

#endif
