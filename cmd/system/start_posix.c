/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The start of the program on POSIX. */
#if !defined(_WIN32)

#include "command.h"

#include <signal.h>

int main(int argc, char **argv)
{
    /* A write to a pipe that nobody reads fails instead, and files that wait to be replaced are cleaned up. */
    signal(SIGPIPE, SIG_IGN);
    return run_program(argc - 1, argv + 1);
}

#endif
