/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The commands of `pyon`, as tables. One table is the source of the parser of command lines, of the
 * help, of the man pages and of the completion of shells.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "print/printf.h"

#include <stdbool.h>
#include <stddef.h>

/* The status that a command returns, which becomes that of the process. */
enum {
    EXIT_FINE = 0,
    EXIT_NO = 1,     /* a file is invalid, a path is not there, or files differ */
    EXIT_TROUBLE = 2 /* a wrong command line, a file that cannot be read or written */
};

/* The worse of two of them. */
static inline int worse(int a, int b)
{
    return a > b ? a : b;
}

struct option {
    char letter;          /* 0 for none */
    const char *name;     /* of the long form, without dashes */
    const char *argument; /* what it takes, for the help: "N"; NULL if it takes nothing */
    const char *help;     /* one line, without a final stop */
};

#define MOST_OPTIONS 24

struct command;

/* A command line that has been parsed. All is borrowed from it. */
struct arguments {
    const struct command *command;
    const char *values
        [MOST_OPTIONS]; /* by the place in the table: NULL if it was not given; "" without argument */
    const char *const *operands;
    size_t count; /* of operands */
};

struct command {
    const char *name;
    const char *operands; /* for the help: "FILE [PATH]" */
    const char *summary;  /* one line, without a final stop */
    const char *text;     /* for the help; line ends are blanks, two of them end a paragraph */
    const struct option *options; /* the last one has no name */
    const char *examples;         /* lines "command  # what it does" */
    size_t least, most;           /* operands */
    int (*run)(const struct arguments *arguments);
};

/* All commands; the last one has no name. */
extern const struct command *const commands[];

/* The options that every command takes: the first entries of each table. */
#define COMMON_OPTIONS                                                                             \
    {0, "v1", NULL, "the text is version 1; without it, the command tells by itself"},             \
        {0, "v2", NULL, "the text is version 2"},                                                  \
    {                                                                                              \
        'h', "help", NULL, "show this help"                                                        \
    }

/* The whole program, for main(): `words` are the arguments, without the name of the program. Returns its status. */
int run_program(int count, char **words);

/* Was the option of that long name given? */
bool has_option(const struct arguments *arguments, const char *name);

/* Its argument, or NULL if it was not given. */
const char *option_value(const struct arguments *arguments, const char *name);

/* Fills a number that an option has: false, with a message, if it is none that is >= `least`. Leaves
   `value` as it is if the option was not given. */
bool option_number(const struct arguments *arguments, const char *name, long least, long *value);
bool option_real(const struct arguments *arguments, const char *name, double *value);

/* Parses what follows the name of a command: EXIT_FINE; EXIT_TROUBLE with a message; or -1 after it
   has shown the help. `words` is reordered: operands are left in it. */
int parse_arguments(struct arguments *arguments, const struct command *command, char **words,
                    int count);

/* ---- help.c ---- */

void show_help(const struct command *command);
void show_overview(void);
void show_man(const struct command *command); /* NULL: of `pyon` itself */
int show_completion(const char *shell);       /* EXIT_TROUBLE if it knows none of that name */

/* ---- Messages, on standard error ---- */

/* "pyon COMMAND: " and the text, as printf. */
void complain(const char *format, ...) CMD_PRINTF(1, 2);

#endif
