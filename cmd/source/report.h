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

#endif
