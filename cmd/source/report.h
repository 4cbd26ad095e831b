/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An error in a text, as people see it. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "source/reader.h"

/* Prints the error after READER_FAILED:
       FILE:LINE:COLUMN: message, read as version 2
           the line, cut around the place
           ^
           a hint */
void report_error(struct reader *reader);

/* Prints why the builder or the selection failed, by its code: memory, or what cannot be computed (1/0), with its
   place. Returns READER_TROUBLE or READER_FAILED. */
int report_failure(struct reader *reader, enum pyon_error_code code);

#endif
