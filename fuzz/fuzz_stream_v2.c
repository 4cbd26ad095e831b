/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Streams of version 2, any text in any pieces. */
#include "support/fuzz_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_stream(&pyon_v2, data, size);
    return 0;
}
