/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Reads texts into trees and writes them again. A line of input is
 *
 *     FROM TO LAYOUT TEXT
 *
 * versions, 1 or 2; c for compact, p for pretty, s for pretty and sorted; the text in hexadecimal. A line
 * of output is "= TEXT", or "! CODE OFFSET MESSAGE".
 */
#include "pyon_tree.h"

#include <stdio.h>
#include <stdlib.h>

static const struct pyon_dialect *dialect_of(char c)
{
    return c == '1' ? &pyon_v1 : &pyon_v2;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* In place. */
static size_t unhex(char *text)
{
    size_t length = 0;

    for (const char *p = text; p[0] != '\n' && p[0] != '\0'; p += 2)
        text[length++] = (char)(digit(p[0]) << 4 | digit(p[1]));
    text[length] = '\0';
    return length;
}

static void write_tree(const struct pyon_tree *tree, char version, char layout)
{
    struct pyon_out out;
    struct pyon_writer writer;
    const char *why = NULL;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect_of(version), layout != 'c');
    if (pyon_write_node(&writer, pyon_tree_root(tree), layout == 's', NULL, &why) < 0) {
        printf("! %d 0 %s\n", out.code, why ? why : pyon_error_message(out.code));
    } else {
        printf("= ");
        for (const char *p = out.start; p < out.cur; p++)
            printf("%02x", (unsigned char)*p);
        printf("\n");
    }
    pyon_out_free(&out);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) > 6) {
        size_t length = unhex(line + 6);
        struct pyon_error error;
        struct pyon_tree *tree =
            pyon_tree_parse(dialect_of(line[0]), line + 6, length, NULL, &error);

        if (tree)
            write_tree(tree, line[2], line[4]);
        else
            printf("! %d %zu %s\n", error.code, error.offset, error.message);
        pyon_tree_free(tree);
        fflush(stdout);
    }
    free(line);
    return 0;
}
