/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The place where a command writes text: standard output, or a new file. When all text is written, the new file
 * takes the place of the old one (lib/file/newfile.h). Until then the old file is untouched.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include "file/newfile.h"

#include <pyon.h>

struct output {
    struct pyon_out out; /* for a pyon_writer; first, so that it can be told from a pointer to it */
    const char *name;    /* as messages show it */
    int fd;
    int code; /* errno of a write that has failed, or 0 */
    bool is_file;
    struct new_file file;
    const char *path;
    char *backup; /* the name of the backup, or NULL */
};

/* To standard output. False with a message. */
bool output_open(struct output *output);

/* In the place of a regular file, whose mode the new one gets, and whose owner if possible. If `backup`, the old
   one gets the name FILE~. False with a message. */
bool output_replace(struct output *output, const char *path, bool backup);

/* Puts all that is written on its way, and the new file in its place: false with a message. */
bool output_publish(struct output *output);

/* Frees. A new file that has not been published is gone. */
void output_close(struct output *output);

/* Says why a function of the writer has returned -1; ends the process, with EXIT_FINE, if that is because nobody
   reads standard output any more. */
void output_complain(const struct output *output);

#endif
