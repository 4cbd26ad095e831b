/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The command `pyon`: to look into PYON files, and to check, compare and rewrite them.
 *
 *     main.c        finds the command and ends the process
 *     options.c     command lines; help.c shows help, man pages and completion by the same tables
 *     NAME.c        the command of that name
 *     source/       files and standard input, and the values in them
 *     print/        text for people: outlines, numbers in short, paths
 *     export/       values for other programs: JSON, CSV, files of NumPy
 *     system/       all that differs between POSIX and Windows; main() is there, in start_*.c
 */
#include "command.h"
#include "print/printable.h"
#include "system/file.h"

#include <errno.h>
#include <pyon.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct command command_show, command_get, command_check, command_fmt, command_convert,
    command_diff, command_stats;

const struct command *const commands[] = {
    &command_show,    &command_get,  &command_check, &command_fmt,
    &command_convert, &command_diff, &command_stats, NULL,
};

/* The command of that name, or NULL. */
static const struct command *find_command(const char *name)
{
    for (const struct command *const *command = commands; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

/* Of messages: the command that runs. */
static const char *running;

/* Without memory, a long message is cut. */
static void put_message(const char *format, va_list arguments)
{
    char few[1000], *many = NULL, *text;
    va_list again;
    int size;

    va_copy(again, arguments);
    size = vsnprintf(few, sizeof few, format, arguments);
    if (size >= (int)sizeof few)
        many = malloc((size_t)size + 1);
    if (many)
        vsnprintf(many, (size_t)size + 1, format, again);
    va_end(again);
    text = many ? many : few;
    printable_put(stderr, text, strlen(text));
    free(many);
}

void complain(const char *format, ...)
{
    va_list arguments;

    fflush(stdout); /* so that what stands before the message comes before it */
    if (running)
        fprintf(stderr, "pyon %s: ", running);
    else
        fputs("pyon: ", stderr);
    va_start(arguments, format);
    put_message(format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* Output that could not be written is trouble, except for a reader that has gone away. */
static int finish(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (file_has_no_reader())
        return status;
    complain("standard output: %s", errno ? strerror(errno) : "cannot be written");
    return EXIT_TROUBLE;
}

static int no_command(const char *name)
{
    complain("there is no command '%s'", name);
    fputs("Try: pyon --help\n", stderr);
    return EXIT_TROUBLE;
}

/* `pyon help [COMMAND]`. */
static int run_help(int count, char **words)
{
    const struct command *command = count > 1 ? find_command(words[1]) : NULL;

    if (count > 1 && !command)
        return no_command(words[1]);
    if (command)
        show_help(command);
    else
        show_overview();
    return EXIT_FINE;
}

/* `pyon man [COMMAND]` and `pyon completion SHELL`: for packagers, so the overview has no line for them. */
static int run_hidden(int count, char **words)
{
    if (strcmp(words[0], "man") == 0) {
        const struct command *command = count > 1 ? find_command(words[1]) : NULL;

        if (count > 1 && !command)
            return no_command(words[1]);
        show_man(command);
        return EXIT_FINE;
    }
    if (strcmp(words[0], "completion") == 0)
        return show_completion(count > 1 ? words[1] : "");
    return no_command(words[0]);
}

static int run(int count, char **words)
{
    const struct command *command;
    struct arguments arguments;
    int status;

    if (count < 1) {
        show_overview();
        return EXIT_TROUBLE;
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0 ||
        strcmp(words[0], "help") == 0)
        return run_help(count, words);
    if (strcmp(words[0], "--version") == 0) {
        puts("pyon " PYON_VERSION);
        return EXIT_FINE;
    }
    command = find_command(words[0]);
    if (!command)
        return run_hidden(count, words);
    running = command->name;
    status = parse_arguments(&arguments, command, words + 1, count - 1);
    return status == EXIT_FINE ? command->run(&arguments) : status < 0 ? EXIT_FINE : status;
}

int run_program(int count, char **words)
{
    return finish(run(count, words));
}
