/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A builder that decodes base64 and tells the events of its text: see filler.h. */
#include "filler.h"

#include <stdlib.h>
#include <string.h>

static int note_integer(void *self, int64_t value)
{
    struct filler *filler = self;

    filler->announced = value;
    return transcript_builder.integer(self, value);
}

/* Was the last event the name of an argument? */
static bool is_named(const struct filler *filler)
{
    static const char event[] = "keyword ";
    const struct pyon_out *out = &filler->transcript.out;
    const char *p = out->cur > out->start ? out->cur - 1 : out->start;

    while (p > out->start && p[-1] != '\n')
        p--;
    return (size_t)(out->cur - p) >= strlen(event) && memcmp(p, event, strlen(event)) == 0;
}

/* Fills the size that was announced. Returns 0; 1 if the builder knows none; or -1. */
static int announced_size(const struct filler *filler, size_t most, size_t *size)
{
    if (is_named(filler))
        abort(); /* only arguments without a name are asked about */
    if (filler->announced == FILLER_FAILS)
        return -1;
    if (filler->announced < 0 || filler->announced > FILLER_MOST)
        return 1;
    *size = (size_t)filler->announced;
    return pyon_base64_encoded_size(*size) > most;
}

/* An empty block is at NULL: that must make no difference. */
static unsigned char *new_block(size_t size)
{
    unsigned char *block = size > 0 ? malloc(size) : NULL;

    if (size > 0 && !block)
        abort();
    return block;
}

/* The event of the text of the block. */
static int push(struct filler *filler, const unsigned char *block, size_t size, bool bytes)
{
    const struct pyon_builder *builder = &transcript_builder;
    size_t length = pyon_base64_encoded_size(size);
    char *text = malloc(length + 1);
    int status;

    if (!text)
        abort();
    pyon_base64_encode(text, block, size);
    status = bytes ? builder->bytes(filler, text, length, PYON_FLAG_ARGUMENT)
                   : builder->string(filler, text, length, PYON_FLAG_ARGUMENT | PYON_FLAG_ASCII);
    free(text);
    return status;
}

static int take(void *self, const char *text, size_t available, const char *ending,
                size_t ending_length, bool bytes, size_t *length)
{
    struct filler *filler = self;
    unsigned char *block;
    size_t size, decoded;
    int status = announced_size(filler, available, &size);

    if (status != 0)
        return status;
    *length = pyon_base64_encoded_size(size);
    if (available - *length < ending_length || memcmp(text + *length, ending, ending_length) != 0 ||
        pyon_base64_decoded_size(text, *length, &decoded) < 0 || decoded != size)
        return 1;
    block = new_block(size);
    status = size > 0 && pyon_base64_decode(block, text, *length, NULL) < 0
                 ? 1
                 : push(filler, block, size, bytes);
    filler->taken += status == 0;
    free(block);
    return status;
}

static int begin(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    struct filler *filler = self;
    int status = announced_size(filler, most, size);

    if (filler->begun > filler->completed + filler->dropped)
        abort(); /* only one may be open */
    if (status != 0)
        return status;
    filler->block = new_block(*size);
    filler->size = *size;
    filler->bytes = bytes;
    filler->begun++;
    *data = filler->block;
    return 0;
}

static int end(void *self, bool complete)
{
    struct filler *filler = self;
    int status = 0;

    if (filler->begun != filler->completed + filler->dropped + 1)
        abort(); /* each may end only once */
    if (complete)
        filler->completed++;
    else
        filler->dropped++;
    if (filler->fails_at_end)
        status = -1;
    else if (complete)
        status = push(filler, filler->block, filler->size, filler->bytes);
    free(filler->block);
    filler->block = NULL;
    return status;
}

void filler_init(struct filler *filler, bool begins, bool takes)
{
    *filler = (struct filler){.builder = transcript_builder, .announced = -1};
    transcript_init(&filler->transcript);
    filler->builder.integer = note_integer;
    if (begins) {
        filler->builder.payload_begin = begin;
        filler->builder.payload_end = end;
    }
    if (takes)
        filler->builder.payload = take;
    filler->transcript.builder = &filler->builder;
}

char *filler_text(struct filler *filler)
{
    free(filler->block); /* of a payload without payload_end */
    filler->block = NULL;
    return transcript_text(&filler->transcript);
}
