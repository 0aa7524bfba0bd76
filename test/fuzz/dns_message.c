/* Fuzz target: answers of name servers. */
#include <config.h>

#include "net/dns_message.h"

#include "test/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dns_message m;
    struct err err;
    if (!dns_message_read(span_make((const char *)data, size), &m, &err)) {
        bn_assert(err.kind == ERR_PROTO);
        return 0;
    }
    bn_assert(m.count <= DNS_RECORDS_MAX);
    for (size_t i = 0; i < m.count; i++) {
        bn_assert(strlen(m.records[i].name) < DNS_NAME_MAX);
        bn_assert(strlen(m.records[i].text) < DNS_TEXT_MAX);
        bn_assert(m.records[i].ttl_s <= INT32_MAX);
    }
    return 0;
}
