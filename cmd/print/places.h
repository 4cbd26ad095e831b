/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Places in a file, by path, and the counts of each. */
#ifndef CMD_PRINT_PLACES_H
#define CMD_PRINT_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
    uint64_t bytes, count;
    char *path;
    struct place *parent;
    struct place *next; /* in the same bucket */
};

#define PLACE_BUCKETS 65536
#define MOST_PLACES 100000 /* more are counted in their parent, so that memory is bounded */

struct places {
    struct place root;
    size_t depth; /* levels that are told apart */
    size_t count;
    struct place **buckets; /* PLACE_BUCKETS of them */
};

/* places_free() it. False without memory. */
bool places_init(struct places *places, size_t depth);
void places_free(struct places *places);

/* Forgets all places. */
void places_clear(struct places *places);

/* The member of a place to which that step of a path leads; if it is NULL, all items: new if it is not there yet. The place
   itself if there are too many; NULL without memory. */
struct place *places_child(struct places *places, struct place *place, const char *step,
                           size_t length);

/* All of them but the root: a new array, free() it; NULL without memory. */
struct place **places_all(struct places *places, size_t *count);

#endif
