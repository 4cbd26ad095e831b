/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The terminal of POSIX. */
#if !defined(_WIN32)

#include "system/file.h"
#include "system/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const terminal_pager = "less";

bool terminal_is(int fd)
{
    return isatty(fd);
}

bool terminal_has_colours(void)
{
    const char *kind = getenv("TERM");

    return isatty(STANDARD_OUTPUT) && kind && strcmp(kind, "dumb") != 0;
}

bool terminal_has_utf8(void)
{
    return false;
}

size_t terminal_columns(void)
{
    struct winsize size;

    return ioctl(STANDARD_OUTPUT, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* ---- The pager ---- */

static pid_t pager;

static void run_pager(const char *command, int from)
{
    if (dup2(from, STANDARD_INPUT) < 0)
        _exit(127);
    signal(SIGPIPE, SIG_DFL); /* which main() ignores */
    close(from);
    setenv("LESS", "FRX", 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

bool pager_start(const char *command)
{
    int ends[2];

    if (pipe(ends) < 0)
        return false;
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
    if (pager < 0 || dup2(ends[1], STANDARD_OUTPUT) < 0)
        pager = 0;
    close(ends[1]);
    return pager > 0;
}

/* The pager gets no more. If it has ended early, the rest is not wanted, and that is no error. */
static void end_output(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (nowhere < 0 || dup2(nowhere, STANDARD_OUTPUT) < 0)
        close(STANDARD_OUTPUT);
    if (nowhere >= 0)
        close(nowhere);
    clearerr(stdout);
}

void pager_end(void)
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

#endif
