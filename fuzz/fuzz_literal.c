/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialect of Python's literals, on any text. All that it takes is of version 1, with the same events. */
#include "pyon_host.h"
#include "support/fuzz_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct transcript literal, v1;
    struct pyon_error error;
    char *expected, *got;

    fuzz_parse(&pyon_literal, data, size);
    transcript_init(&literal);
    if (transcript_parse(&literal, &pyon_literal, (const char *)data, size, &error) != 0) {
        transcript_free(&literal);
        return 0;
    }
    transcript_init(&v1);
    if (transcript_parse(&v1, &pyon_v1, (const char *)data, size, &error) != 0)
        fuzz_fail_bytes("no text of version 1", (const char *)data, size);
    expected = transcript_text(&v1);
    got = transcript_text(&literal);
    if (strcmp(expected, got) != 0)
        fuzz_fail_bytes("other events", (const char *)data, size);
    free(expected);
    free(got);
    return 0;
}
