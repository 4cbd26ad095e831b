/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The parser before its first value, between two values, and after the last value. */
#include "read/parser.h"

#include <stdlib.h>

void pyon_begin(struct parser *parser)
{
    parser->builder = parser->host;
    parser->state = STATE_START;
    parser->condition = parser->dialect->outside;
    parser->frames[0] = (struct frame){.kind = FRAME_DOCUMENT, .selects = parser->selector != NULL};
    parser->depth = 0;
    parser->asked = parser->answered = false;
    parser->skips = parser->host == &pyon_null_builder && !parser->selector;
    parser->floor = 0;
    if (parser->selector)
        parser->builder = &pyon_null_builder;
    parser->waits = false;
    parser->sign = 0;
    parser->operator_count = 0;
    parser->keyword_count = 0;
    parser->keyword_size = 0;
    parser->deferred = PYON_OK;
}

void pyon_parser_init(struct parser *parser, const struct pyon_dialect *dialect,
                      const struct pyon_builder *builder, void *self,
                      const struct pyon_options *options)
{
    /* The rest, with the first frames, is filled when it is needed; a message is short enough for
       clearing it to show. */
    parser->dialect = dialect;
    parser->host = builder;
    parser->self = self;
    parser->selector = options ? options->selector : NULL;
    parser->base = 0;
    parser->by_token = false;
    parser->frames = parser->first_frames;
    parser->capacity = FIRST_FRAMES;
    parser->max_depth = options && options->max_depth ? options->max_depth : dialect->max_depth;
    parser->scratch = NULL;
    parser->scratch_capacity = 0;
    parser->operators = NULL;
    parser->operator_capacity = 0;
    parser->keywords = NULL;
    parser->keyword_capacity = 0;
    parser->keyword_text = NULL;
    parser->keyword_text_capacity = 0;
    pyon_begin(parser);
}

void pyon_parser_free(struct parser *parser)
{
    if (parser->frames != parser->first_frames)
        free(parser->frames);
    free(parser->operators);
    free(parser->keywords);
    free(parser->keyword_text);
    free(parser->scratch);
}
