/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The program python.exe, of which everything is in a DLL: for get-python. */
#include <wchar.h>

__declspec(dllimport) int Py_Main(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    return Py_Main(argc, argv);
}
