/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The version of the library that is linked. It may differ from the version of the header. */
#include "base.h"

const char *pyon_version(void)
{
    return PYON_VERSION;
}
