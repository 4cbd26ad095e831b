/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Command lines, by the table of a command. Options may stand anywhere; after "--" there are none. */
#include "command.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct command *command, const char *name)
{
    size_t i = 0;

    while (command->options[i].name && strcmp(command->options[i].name, name) != 0)
        i++;
    return i;
}

const char *option_value(const struct arguments *arguments, const char *name)
{
    size_t i = place_of(arguments->command, name);

    return arguments->command->options[i].name ? arguments->values[i] : NULL;
}

bool has_option(const struct arguments *arguments, const char *name)
{
    return option_value(arguments, name) != NULL;
}

bool option_number(const struct arguments *arguments, const char *name, long least, long *value)
{
    const char *text = option_value(arguments, name);
    char *end;
    long number;

    if (!text)
        return true;
    errno = 0;
    number = strtol(text, &end, 10);
    if (end == text || *end || errno || number < least) {
        complain("--%s takes a whole number of at least %ld, not '%s'", name, least, text);
        return false;
    }
    *value = number;
    return true;
}

bool option_real(const struct arguments *arguments, const char *name, double *value)
{
    const char *text = option_value(arguments, name);
    char *end;
    double number;

    if (!text)
        return true;
    number = strtod(text, &end);
    if (end == text || *end || !(number >= 0) || isinf(number)) {
        complain("--%s takes a number that is not negative, not '%s'", name, text);
        return false;
    }
    *value = number;
    return true;
}

/* An option of the command by its letter or its long name of `length` bytes; NULL if there is none. */
static const struct option *find_option(const struct command *command, char letter,
                                        const char *name, size_t length)
{
    for (const struct option *option = command->options; option->name; option++)
        if (letter ? option->letter == letter
                   : strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static int wrong_usage(const struct command *command)
{
    fprintf(stderr, "Try: pyon %s --help\n", command->name);
    return EXIT_TROUBLE;
}

/* The words that are still to be read. */
struct words {
    char **next, **end;
};

static int set_option(struct arguments *arguments, const struct option *option, const char *value,
                      struct words *words)
{
    if (option->argument && !value) {
        if (words->next == words->end) {
            complain("--%s takes an argument: %s", option->name, option->argument);
            return wrong_usage(arguments->command);
        }
        value = *words->next++;
    }
    if (!option->argument && value) {
        complain("--%s takes no argument", option->name);
        return wrong_usage(arguments->command);
    }
    arguments->values[option - arguments->command->options] = value ? value : "";
    return EXIT_FINE;
}

static int parse_long(struct arguments *arguments, const char *word, struct words *words)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *option = find_option(arguments->command, 0, name, length);

    if (!option) {
        complain("there is no option --%.*s", (int)length, name);
        return wrong_usage(arguments->command);
    }
    return set_option(arguments, option, equals ? equals + 1 : NULL, words);
}

/* -q, -qn 3, -n3 */
static int parse_letters(struct arguments *arguments, const char *word, struct words *words)
{
    for (const char *p = word + 1; *p; p++) {
        const struct option *option = find_option(arguments->command, *p, "", 0);
        const char *value = option && option->argument && p[1] ? p + 1 : NULL;
        int status;

        if (!option) {
            complain("there is no option -%c", *p);
            return wrong_usage(arguments->command);
        }
        status = set_option(arguments, option, value, words);
        if (status != EXIT_FINE || value)
            return status;
    }
    return EXIT_FINE;
}

/* Operands are collected at the front of the words, which have been read by then. */
static int parse_words(struct arguments *arguments, char **front, struct words *words)
{
    bool options = true;

    while (words->next < words->end) {
        char *word = *words->next++;
        int status = EXIT_FINE;

        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            status = parse_long(arguments, word, words);
        else if (options && word[0] == '-' && word[1])
            status = parse_letters(arguments, word, words);
        else
            front[arguments->count++] = word;
        if (status != EXIT_FINE)
            return status;
    }
    return EXIT_FINE;
}

int parse_arguments(struct arguments *arguments, const struct command *command, char **words,
                    int count)
{
    struct words rest = {words, words + count};
    int status;

    *arguments = (struct arguments){.command = command};
    arguments->operands = (const char *const *)words;
    status = parse_words(arguments, words, &rest);
    if (status != EXIT_FINE)
        return status;
    if (has_option(arguments, "help")) {
        show_help(command);
        return -1;
    }
    if (has_option(arguments, "v1") && has_option(arguments, "v2")) {
        complain("--v1 and --v2 exclude each other");
        return wrong_usage(command);
    }
    if (arguments->count < command->least || arguments->count > command->most) {
        complain("the arguments are: %s", command->operands);
        return wrong_usage(command);
    }
    return EXIT_FINE;
}
