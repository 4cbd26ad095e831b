/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Help on one screen, man pages, and the completion of shells: all from the tables of the commands. */
#include "command.h"

#include <pyon.h>
#include <stdio.h>
#include <string.h>

/* ---- Words in lines ---- */

#define WIDTH 79       /* columns of the help */
#define MAN_WIDTH 60   /* of lines of man pages, in which a dash takes two */
#define OPTION_TEXT 24 /* column of what an option does */

static void put_plain(const char *text, size_t length)
{
    fwrite(text, length, 1, stdout);
}

/* Breaks a text into lines, which begin at column `indent`; the first one is there already. Two line ends are put as
   `paragraph`. */
static void put_in_lines(const char *text, size_t indent, size_t width, const char *paragraph,
                         void (*put)(const char *, size_t))
{
    size_t column = indent;

    while (*text) {
        size_t length = strcspn(text, " \n");

        if (column > indent && column + 1 + length > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        put(text, length);
        column += length;
        text += length;
        if (strncmp(text, "\n\n", 2) == 0) {
            fputs(paragraph, stdout);
            column = indent;
        }
        text += strspn(text, " \n");
    }
    putchar('\n');
}

/* ---- Help ---- */

void show_overview(void)
{
    puts("usage: pyon COMMAND [OPTION]... FILE...\n\n"
         "Looks into PYON files, the text format of ARTIQ and sipyco, in both of its\n"
         "versions. A FILE of - is standard input.\n");
    for (const struct command *const *command = commands; *command; command++)
        printf("  %-10s%s\n", (*command)->name, (*command)->summary);
    puts("\npyon COMMAND --help says more, pyon --version which version it is.");
}

static void show_options(const struct option *option)
{
    for (; option->name; option++) {
        char left[48];
        const char letter[] = {'-', option->letter, ',', ' ', '\0'};
        int size =
            snprintf(left, sizeof left, "%s--%s", option->letter ? letter : "    ", option->name);

        if (option->argument && size > 0 && (size_t)size < sizeof left)
            snprintf(left + size, sizeof left - (size_t)size, " %s", option->argument);
        printf("  %-*s", OPTION_TEXT - 2, left);
        put_in_lines(option->help, OPTION_TEXT, WIDTH, "", put_plain);
    }
}

void show_help(const struct command *command)
{
    printf("usage: pyon %s [OPTION]... %s\n\n", command->name, command->operands);
    put_in_lines(command->text, 0, WIDTH, "\n\n", put_plain);
    putchar('\n');
    show_options(command->options);
    printf("\n%s", command->examples);
}

/* ---- Man pages ---- */

/* Text for troff: a line must not begin with a dot or quote; and backslashes and dashes. */
static void put_troff_word(const char *text, size_t length)
{
    if (length > 0 && (*text == '.' || *text == '\''))
        fputs("\\&", stdout);
    for (const char *end = text + length; text < end; text++)
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
}

static void put_troff(const char *text)
{
    put_troff_word(text, strlen(text));
}

static void put_man_options(const struct option *option)
{
    for (; option->name; option++) {
        fputs(".TP\n", stdout);
        if (option->letter)
            printf("\\fB\\-%c\\fR, ", option->letter);
        fputs("\\fB\\-\\-", stdout);
        put_troff(option->name);
        fputs("\\fR", stdout);
        if (option->argument)
            printf(" \\fI%s\\fR", option->argument);
        putchar('\n');
        put_in_lines(option->help, 0, MAN_WIDTH, "", put_troff_word);
    }
}

#define EXIT_STATUS                                                                                \
    ".SH EXIT STATUS\n0 if all is well; 1 if a file is invalid, a path is not there, or files\n"   \
    "differ; 2 if a command line is wrong or a file cannot be read or written.\n"

/* On which day the pages were last changed. */
#define MANUAL_DATE "2026-11-29"

static void put_man_head(const char *title)
{
    printf(".TH %s 1 \"" MANUAL_DATE "\" \"pyon " PYON_VERSION "\" \"PYON\"\n", title);
}

static void put_man_of_pyon(void)
{
    put_man_head("PYON");
    fputs(".SH NAME\npyon \\- look into PYON files, and check, compare and rewrite them\n"
          ".SH SYNOPSIS\n.B pyon\n.I COMMAND\n[\\fIOPTION\\fR]... \\fIFILE\\fR...\n"
          ".SH DESCRIPTION\nPYON is the text format of ARTIQ and sipyco. Both of its versions are "
          "read.\n"
          "A \\fIFILE\\fR of \\- is standard input.\n",
          stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf(".TP\n\\fB%s\\fR\n", (*command)->name);
        put_troff((*command)->summary);
        printf("; see \\fBpyon\\-%s\\fR(1).\n", (*command)->name);
    }
    fputs(EXIT_STATUS, stdout);
}

void show_man(const struct command *command)
{
    char title[32];

    if (!command) {
        put_man_of_pyon();
        return;
    }
    snprintf(title, sizeof title, "PYON-%s", command->name);
    for (char *c = title; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    put_man_head(title);
    printf(".SH NAME\npyon\\-%s \\- ", command->name);
    put_troff(command->summary);
    printf("\n.SH SYNOPSIS\n.B pyon %s\n[\\fIOPTION\\fR]... ", command->name);
    put_troff(command->operands);
    fputs("\n.SH DESCRIPTION\n", stdout);
    put_in_lines(command->text, 0, MAN_WIDTH, "\n.PP\n", put_troff_word);
    fputs(".SH OPTIONS\n", stdout);
    put_man_options(command->options);
    fputs(".SH EXAMPLES\n.nf\n", stdout);
    put_troff(command->examples);
    fputs(".fi\n" EXIT_STATUS ".SH SEE ALSO\n\\fBpyon\\fR(1)\n", stdout);
}

/* ---- Completion ---- */

/* The argument of an option, if it is a choice of words: "v1|v2". */
static bool has_choice(const struct option *option)
{
    return option->argument && strchr(option->argument, '|');
}

static void put_choice(const struct option *option)
{
    for (const char *c = option->argument; *c; c++)
        putchar(*c == '|' ? ' ' : *c);
}

static void put_bash_options(const struct command *command)
{
    printf("    %s:*:-*) words=\"", command->name);
    for (const struct option *option = command->options; option->name; option++)
        printf("%s--%s", option == command->options ? "" : " ", option->name);
    fputs("\" ;;\n", stdout);
}

static void complete_bash(void)
{
    fputs("# bash completion of pyon\n_pyon() {\n    local words=\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    case ${COMP_WORDS[1]}:$before:$word in\n",
          stdout);
    for (const struct command *const *command = commands; *command; command++) {
        for (const struct option *option = (*command)->options; option->name; option++)
            if (has_choice(option)) {
                printf("    %s:--%s:*) words=\"", (*command)->name, option->name);
                put_choice(option);
                fputs("\" ;;\n", stdout);
            }
        put_bash_options(*command);
    }
    fputs("    esac\n    [ \"$COMP_CWORD\" != 1 ] || words=\"", stdout);
    for (const struct command *const *command = commands; *command; command++)
        printf("%s%s", command == commands ? "" : " ", (*command)->name);
    fputs("\"\n    if [ -n \"$words\" ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n    else\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    fi\n}\n"
          "complete -o filenames -F _pyon pyon\n",
          stdout);
}

/* Text in single quotes for a shell; those of `escaped` get a backslash. */
static void put_quoted(const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (strchr(escaped, *text))
            putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

/* '(-d --depth)'{-d,--depth=}'[what it does]:N:' */
static void put_zsh_option(const struct option *option)
{
    const char *equals = option->argument ? "=" : "";

    if (option->letter)
        printf(" \\\n            '(-%c --%s)'{-%c,--%s%s}'[", option->letter, option->name,
               option->letter, option->name, equals);
    else
        printf(" \\\n            '--%s%s[", option->name, equals);
    put_quoted(option->help, "[]");
    putchar(']');
    if (option->argument)
        printf(":%s:", option->argument);
    if (has_choice(option)) {
        putchar('(');
        put_choice(option);
        putchar(')');
    }
    putchar('\'');
}

static void complete_zsh(void)
{
    fputs(
        "#compdef pyon\n_pyon() {\n    if (( CURRENT == 2 )); then\n        local -a commands=(\n",
        stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("            '%s:", (*command)->name);
        put_quoted((*command)->summary, ":");
        fputs("'\n", stdout);
    }
    fputs("        )\n        _describe command commands\n        return\n    fi\n"
          "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
          "    case $command in\n",
          stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("    %s)\n        _arguments", (*command)->name);
        for (const struct option *option = (*command)->options; option->name; option++)
            put_zsh_option(option);
        fputs(" \\\n            '*:file:_files' ;;\n", stdout);
    }
    fputs("    esac\n}\n_pyon \"$@\"\n", stdout);
}

static void put_fish_option(const struct command *command, const struct option *option)
{
    printf("complete -c pyon -n '__fish_seen_subcommand_from %s' -l %s", command->name,
           option->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    if (option->argument)
        fputs(" -x", stdout);
    if (has_choice(option)) {
        fputs(" -a '", stdout);
        put_choice(option);
        putchar('\'');
    }
    fputs(" -d '", stdout);
    put_quoted(option->help, "");
    fputs("'\n", stdout);
}

static void complete_fish(void)
{
    fputs("# fish completion of pyon\n", stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("complete -c pyon -n __fish_use_subcommand -f -a %s -d '", (*command)->name);
        put_quoted((*command)->summary, "");
        fputs("'\n", stdout);
        for (const struct option *option = (*command)->options; option->name; option++)
            put_fish_option(*command, option);
    }
}

int show_completion(const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        complete_bash();
    else if (strcmp(shell, "zsh") == 0)
        complete_zsh();
    else if (strcmp(shell, "fish") == 0)
        complete_fish();
    else {
        complain("completion is for bash, zsh and fish, not for '%s'", shell);
        return EXIT_TROUBLE;
    }
    return EXIT_FINE;
}
