/* What every test of the base layer includes: cmocka and what it needs. */
#ifndef BINNACLE_TEST_UNIT_BASE_TEST_H
#define BINNACLE_TEST_UNIT_BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
