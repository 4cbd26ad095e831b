/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "matches.h"

#include <stdlib.h>

void put(struct pyon_out *out, const void *text, size_t length)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    if (pyon_write_raw(&writer, text, length) < 0)
        abort();
}

int put_match(void *self, const struct pyon_match *match)
{
    struct pyon_out *out = self;
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    put(out, match->path, match->path_length);
    put(out, " = ", 3);
    if (match->is_part)
        put(out, match->part.shape, match->part.ndim * sizeof *match->part.shape);
    else if (pyon_write_node(&writer, match->node, false, NULL, NULL) < 0)
        put(out, "?", 1);
    put(out, "\n", 1);
    return 0;
}

char *detach(struct pyon_out *out)
{
    size_t length;
    char *text = pyon_out_detach(out, &length);

    if (!text)
        abort();
    return text;
}
