/* The one function of a fuzz target; libFuzzer or replay.c call it. */
#ifndef BINNACLE_TEST_FUZZ_FUZZ_H
#define BINNACLE_TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
