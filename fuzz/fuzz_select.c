/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections, whole and in pieces: they find what the paths find in the tree of the whole, and what
 * they write of paths leads there. The input is a version, the size of pieces, up to four lines
 * with paths, and a text.
 */
#include "pyon_select.h"
#include "support/fuzz.h"

#include "../tests/c/support/matches.h"

enum { PATHS = 4 };

struct paths {
    struct pyon_path *paths[PATHS];
    size_t count;
};

/* The path of a match has just that match. */
static int check_again(void *self, const struct pyon_match *match)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(match->path, match->path_length, &error);
    struct pyon_out once, again;
    char *expected, *got;

    if (!path)
        fuzz_fail_bytes(error.message, match->path, match->path_length);
    pyon_out_init(&once);
    pyon_out_init(&again);
    put_match(&once, match);
    pyon_path_each(path, self, put_match, &again);
    expected = detach(&once);
    got = detach(&again);
    if (strcmp(expected, got) != 0)
        fuzz_fail(got, expected);
    free(expected);
    free(got);
    pyon_path_free(path);
    return 0;
}

static char *find_in_tree(const struct pyon_tree *tree, const struct paths *paths)
{
    struct pyon_out out;

    pyon_out_init(&out);
    for (size_t i = 0; i < paths->count; i++) {
        const struct pyon_node *root = pyon_tree_root(tree);

        pyon_path_each(paths->paths[i], root, put_match, &out);
        pyon_path_each(paths->paths[i], root, check_again, (void *)root);
        put(&out, "-\n", 2);
    }
    return detach(&out);
}

static void check_selection(const struct pyon_selection *selection, const struct paths *paths,
                            const char *expected)
{
    struct pyon_out out;
    char *got;

    pyon_out_init(&out);
    for (size_t i = 0; i < paths->count; i++) {
        pyon_selection_each(selection, i, put_match, &out);
        put(&out, "-\n", 2);
    }
    got = detach(&out);
    if (strcmp(expected, got) != 0)
        fuzz_fail(got, expected);
    free(got);
}

/* In pieces: if the stream has a value, it is that of the whole text, unless more text follows the
   value. */
static void read_pieces(struct pyon_selection *selection, const struct pyon_dialect *dialect,
                        size_t piece, const char *text, size_t length, const struct paths *paths,
                        const char *expected)
{
    struct pyon_stream *stream = pyon_selection_stream(selection, dialect, NULL);
    struct pyon_error error;
    int status = PYON_STREAM_MORE;
    size_t at = 0;

    if (!stream)
        abort();
    while (at < length && status == PYON_STREAM_MORE) {
        size_t size = piece < length - at ? piece : length - at;
        char *space = pyon_stream_space(stream, size);

        if (!space)
            abort();
        memcpy(space, text + at, size);
        pyon_stream_add(stream, size);
        at += size;
        if (at == length)
            pyon_stream_end(stream);
        status = pyon_stream_next(stream, &error);
    }
    if (status == PYON_STREAM_VALUE && expected && at == length && text[length - 1] == ']') {
        if (pyon_selection_take(selection) < 0)
            abort();
        check_selection(selection, paths, expected);
    }
    pyon_stream_free(stream);
    pyon_selection_reset(selection);
}

static void check_text(const struct pyon_dialect *dialect, size_t piece, const char *text,
                       size_t length, const struct paths *paths)
{
    struct pyon_selection *selection =
        pyon_selection_new((const struct pyon_path *const *)paths->paths, paths->count);
    struct pyon_error error, wrong = {.code = PYON_OK};
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, length, NULL, &error);
    char *expected = tree ? find_in_tree(tree, paths) : NULL;

    if (!selection)
        abort();
    if (pyon_selection_parse(selection, dialect, text, length, NULL, &wrong) == 0 && tree)
        check_selection(selection, paths, expected);
    if (tree ? wrong.code != PYON_OK : wrong.code != error.code || wrong.offset != error.offset)
        /* Nothing is computed where it is skipped. */
        if (error.code != PYON_ERROR_LARGE && !pyon_error_is_evaluation(error.code))
            fuzz_fail_bytes("another error", text, length);
    read_pieces(selection, dialect, piece, text, length, paths, expected);
    free(expected);
    pyon_tree_free(tree);
    pyon_selection_free(selection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct paths paths = {.count = 0};
    const char *p = (const char *)data + 2, *line_end;
    struct pyon_error error;
    char *text;

    if (size < 2)
        return 0;
    size -= 2;
    while (paths.count < PATHS && (line_end = memchr(p, '\n', size))) {
        struct pyon_path *path = pyon_path_parse(p, (size_t)(line_end - p), &error);

        if (path)
            paths.paths[paths.count++] = path;
        else if (error.offset > (size_t)(line_end - p))
            fuzz_fail_bytes("the error of a path is not in it", p, (size_t)(line_end - p));
        size -= (size_t)(line_end - p) + 1;
        p = line_end + 1;
    }
    text = fuzz_text((const uint8_t *)p, size);
    check_text(data[0] % 2 ? &pyon_v1 : &pyon_v2, 1 + data[1], text, size, &paths);
    free(text);
    while (paths.count > 0)
        pyon_path_free(paths.paths[--paths.count]);
    return 0;
}
