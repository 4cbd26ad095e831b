/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading and writing version 1. */
#include "support/fuzz_roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_round_trip(&pyon_v1, data, size);
    return 0;
}
