/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Help on one screen, man pages, and the completion of shells: all from the tables of the commands. */
#include "command.h"

#include <stdio.h>
#include <string.h>

/* ---- Help ---- */

void show_overview(void)
{
    puts("usage: pyon COMMAND [OPTION]... FILE...\n\n"
         "Looks into PYON files, the text format of ARTIQ and sipyco, in both of its versions.\n"
         "A FILE of - is standard input.\n");
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
        printf("  %-22s%s\n", left, option->help);
    }
}

void show_help(const struct command *command)
{
    printf("usage: pyon %s [OPTION]... %s\n\n%s\n\n", command->name, command->operands,
           command->text);
    show_options(command->options);
    printf("\n%s", command->examples);
}

/* ---- Man pages ---- */

/* Text for troff: a line that begins with a dot or quote, and backslashes and dashes. */
static void put_troff(const char *text)
{
    bool starts = true;

    for (; *text; text++) {
        if (starts && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        starts = *text == '\n';
    }
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
        put_troff(option->help);
        fputs(".\n", stdout);
    }
}

static void put_man_of_pyon(void)
{
    fputs(".TH PYON 1 \"\" \"pyon " PYON_COMMAND_VERSION "\" \"PYON\"\n"
          ".SH NAME\npyon \\- look into PYON files, and check, compare and rewrite them\n"
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
    fputs(".SH EXIT STATUS\n0 if all is well; 1 if a file is invalid, a path is not there, or "
          "files differ; "
          "2 if a command\nline is wrong or a file cannot be read or written.\n",
          stdout);
}

void show_man(const struct command *command)
{
    if (!command) {
        put_man_of_pyon();
        return;
    }
    printf(".TH PYON-%s 1 \"\" \"pyon " PYON_COMMAND_VERSION
           "\" \"PYON\"\n.SH NAME\npyon\\-%s \\- ",
           command->name, command->name);
    put_troff(command->summary);
    printf("\n.SH SYNOPSIS\n.B pyon %s\n[\\fIOPTION\\fR]... ", command->name);
    put_troff(command->operands);
    fputs("\n.SH DESCRIPTION\n", stdout);
    put_troff(command->text);
    fputs("\n.SH OPTIONS\n", stdout);
    put_man_options(command->options);
    fputs(".SH EXAMPLES\n.nf\n", stdout);
    put_troff(command->examples);
    fputs(".fi\n.SH SEE ALSO\n\\fBpyon\\fR(1)\n", stdout);
}

/* ---- Completion ---- */

static void put_words(const struct command *command, const char *before)
{
    for (const struct option *option = command->options; option->name; option++)
        printf("%s--%s", option == command->options ? "" : before, option->name);
}

static void complete_bash(void)
{
    fputs("# bash completion of pyon\n_pyon() {\n    local word=${COMP_WORDS[COMP_CWORD]}\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n        COMPREPLY=($(compgen -W \"",
          stdout);
    for (const struct command *const *command = commands; *command; command++)
        printf("%s%s", command == commands ? "" : " ", (*command)->name);
    fputs("\" -- \"$word\"))\n        return\n    fi\n    case ${COMP_WORDS[1]}:$word in\n",
          stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("    %s:-*) COMPREPLY=($(compgen -W \"", (*command)->name);
        put_words(*command, " ");
        fputs("\" -- \"$word\")) ;;\n", stdout);
    }
    fputs("    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac\n}\n"
          "complete -o filenames -F _pyon pyon\n",
          stdout);
}

/* Text in single quotes for a shell. */
static void put_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    putchar('\'');
}

static void complete_zsh(void)
{
    fputs(
        "#compdef pyon\n_pyon() {\n    if (( CURRENT == 2 )); then\n        local -a commands=(\n",
        stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("            %s:", (*command)->name);
        put_quoted((*command)->summary);
        putchar('\n');
    }
    fputs("        )\n        _describe command commands\n        return\n    fi\n    case "
          "$words[2] in\n",
          stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("    %s) _arguments", (*command)->name);
        for (const struct option *option = (*command)->options; option->name; option++)
            printf(" --%s%s", option->name, option->argument ? "=" : "");
        fputs(" '*:file:_files' ;;\n", stdout);
    }
    fputs("    esac\n}\n_pyon \"$@\"\n", stdout);
}

static void complete_fish(void)
{
    fputs("# fish completion of pyon\n", stdout);
    for (const struct command *const *command = commands; *command; command++) {
        printf("complete -c pyon -n __fish_use_subcommand -f -a %s -d ", (*command)->name);
        put_quoted((*command)->summary);
        putchar('\n');
        for (const struct option *option = (*command)->options; option->name; option++) {
            printf("complete -c pyon -n '__fish_seen_subcommand_from %s' -l %s", (*command)->name,
                   option->name);
            if (option->letter)
                printf(" -s %c", option->letter);
            printf("%s -d ", option->argument ? " -x" : "");
            put_quoted(option->help);
            putchar('\n');
        }
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
