/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Places by path: a hash table with lists, which finds the member of a place by its step. */
#include "print/places.h"

#include <stdlib.h>
#include <string.h>

bool places_init(struct places *places, size_t depth)
{
    *places = (struct places){.depth = depth};
    places->buckets = calloc(PLACE_BUCKETS, sizeof(struct place *));
    return places->buckets != NULL;
}

void places_clear(struct places *places)
{
    for (size_t i = 0; i < PLACE_BUCKETS; i++) {
        struct place *place = places->buckets[i];

        while (place) {
            struct place *next = place->next;

            free(place->path);
            free(place);
            place = next;
        }
        places->buckets[i] = NULL;
    }
    places->count = 0;
    places->root = (struct place){.bytes = 0};
}

void places_free(struct places *places)
{
    if (places->buckets)
        places_clear(places);
    free(places->buckets);
}

static size_t hash(const struct place *parent, const char *step, size_t length)
{
    uint64_t h = (uint64_t)(uintptr_t)parent * UINT64_C(0x9e3779b97f4a7c15);

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)step[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h >> 40) % PLACE_BUCKETS;
}

static bool begins_with_bracket(const char *step, size_t length)
{
    return length > 0 && step[0] == '[';
}

/* The step to a member as it stands in a path. */
static char *make_path(const struct place *parent, const char *step, size_t length)
{
    const char *before = parent->path ? parent->path : "";
    size_t size = strlen(before);
    char *path = malloc(size + length + 2);

    if (!path)
        return NULL;
    memcpy(path, before, size);
    if (size > 0 && !begins_with_bracket(step, length))
        path[size++] = '.';
    memcpy(path + size, step, length);
    path[size + length] = '\0';
    return path;
}

static struct place *add(struct places *places, struct place *parent, const char *step,
                         size_t length, size_t bucket)
{
    struct place *place = calloc(1, sizeof *place);

    if (!place)
        return NULL;
    place->path = make_path(parent, step, length);
    if (!place->path) {
        free(place);
        return NULL;
    }
    place->parent = parent;
    place->next = places->buckets[bucket];
    places->buckets[bucket] = place;
    places->count++;
    return place;
}

/* Is it the member of that step? Its path ends with the step. */
static bool is_member(const struct place *place, const struct place *parent, const char *step,
                      size_t length)
{
    size_t before = parent->path ? strlen(parent->path) : 0, size = strlen(place->path);

    before += before > 0 && !begins_with_bracket(step, length);
    return place->parent == parent && size == before + length &&
           memcmp(place->path + before, step, length) == 0;
}

struct place *places_child(struct places *places, struct place *place, const char *step,
                           size_t length)
{
    static const char items[] = "[*]";
    struct place *child;
    size_t bucket;

    if (!step) {
        step = items;
        length = sizeof items - 1;
    }
    bucket = hash(place, step, length);
    for (child = places->buckets[bucket]; child; child = child->next)
        if (is_member(child, place, step, length))
            return child;
    return places->count < MOST_PLACES ? add(places, place, step, length, bucket) : place;
}

struct place **places_all(struct places *places, size_t *count)
{
    struct place **all = malloc((places->count + 1) * sizeof(struct place *));

    *count = 0;
    for (size_t i = 0; all && i < PLACE_BUCKETS; i++)
        for (struct place *place = places->buckets[i]; place; place = place->next)
            all[(*count)++] = place;
    return all;
}
