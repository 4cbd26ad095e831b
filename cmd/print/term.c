/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The terminal. The pager is started as git does it: only for a terminal, and it ends by itself for short text. */
#include "print/term.h"

#include "system/file.h"
#include "system/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WIDTH 80   /* without a terminal */
#define WIDEST 200 /* longer lines are hard to follow */

static size_t ask_width(void)
{
    const char *columns = getenv("COLUMNS");
    long number = columns ? strtol(columns, NULL, 10) : 0;
    size_t width = number > 0 ? (size_t)number : terminal_columns();

    return width > 0 ? width : WIDTH;
}

static bool has_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]), *dot;

        if (!value || !*value)
            continue;
        dot = strchr(value, '.');
        value = dot ? dot + 1 : value; /* macOS has LC_CTYPE=UTF-8 */
        return strncasecmp(value, "utf-8", 5) == 0 || strncasecmp(value, "utf8", 4) == 0;
    }
    return terminal_has_utf8();
}

void term_init(struct term *term, size_t width)
{
    const char *no_colour = getenv("NO_COLOR");

    term->width = width > 0 ? width : ask_width();
    if (term->width < NARROWEST)
        term->width = NARROWEST;
    if (width == 0 && term->width > WIDEST)
        term->width = WIDEST;
    term->colours = !(no_colour && *no_colour) && terminal_has_colours();
    term->utf8 = has_utf8();
}

const char *term_style(const struct term *term, enum style style)
{
    static const char *const sequences[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                            "\033[36m", "\033[32m", "\033[2m"};

    return term->colours ? sequences[style] : "";
}

/* ---- The pager ---- */

void term_start_pager(void)
{
    const char *command = getenv("PYON_PAGER");

    if (!command || !*command)
        command = getenv("PAGER");
    if (!command || !*command)
        command = terminal_pager;
    if (command && strcmp(command, "cat") != 0 && terminal_is(STANDARD_OUTPUT))
        pager_start(command);
}

void term_end_pager(void)
{
    pager_end();
}
