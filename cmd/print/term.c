/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The terminal. The pager is started as git does it: only for a terminal, and it ends by itself for short text. */
#include "print/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH 80   /* without a terminal */
#define WIDEST 200 /* longer lines are hard to follow */

static size_t ask_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long number = columns ? strtol(columns, NULL, 10) : 0;

    if (number > 0)
        return (size_t)number;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return WIDTH;
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
    return false;
}

void term_init(struct term *term, size_t width)
{
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");

    term->width = width > 0 ? width : ask_width();
    if (term->width < NARROWEST)
        term->width = NARROWEST;
    if (width == 0 && term->width > WIDEST)
        term->width = WIDEST;
    term->colours =
        isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && kind && strcmp(kind, "dumb") != 0;
    term->utf8 = has_utf8();
}

const char *term_style(const struct term *term, enum style style)
{
    static const char *const sequences[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                            "\033[36m", "\033[32m", "\033[2m"};

    return term->colours ? sequences[style] : "";
}

/* ---- The pager ---- */

static pid_t pager;

static void run_pager(const char *command, int from)
{
    if (dup2(from, STDIN_FILENO) < 0)
        _exit(127);
    signal(SIGPIPE, SIG_DFL); /* which main() ignores */
    close(from);
    setenv("LESS", "FRX", 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void term_start_pager(void)
{
    const char *command = getenv("PYON_PAGER");
    int ends[2];

    if (!command || !*command)
        command = getenv("PAGER");
    if (!command || !*command)
        command = "less";
    if (!isatty(STDOUT_FILENO) || strcmp(command, "cat") == 0 || pipe(ends) < 0)
        return;
    fflush(stdout);
    pager = fork();
    if (pager == 0) {
        close(ends[1]);
        run_pager(command, ends[0]);
    }
    if (pager > 0) {
        signal(SIGINT, SIG_IGN); /* is for the pager, which ends when it is told to */
        signal(SIGQUIT, SIG_IGN);
    }
    close(ends[0]);
    if (pager < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
        pager = 0;
    close(ends[1]);
}

/* The pager gets no more. If it has ended early, the rest is not wanted, and that is no error. */
static void end_output(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0)
        close(STDOUT_FILENO);
    if (nowhere >= 0)
        close(nowhere);
    clearerr(stdout);
}

void term_end_pager(void)
{
    int status;

    if (pager <= 0)
        return;
    fflush(stdout);
    end_output();
    while (waitpid(pager, &status, 0) < 0 && errno == EINTR)
        ;
    pager = 0;
}
