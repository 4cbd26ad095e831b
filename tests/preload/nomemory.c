/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A malloc, to be preloaded, that fails on request: of the allocations that the extension makes,
 * or Python's functions in C on its behalf, the n-th. Those of others are left alone, since not all
 * are proof against failures: NumPy's, and those of code in Python, also when the extension calls it.
 *
 * Whose an allocation is, the stack tells: Python, run with PYTHONMALLOC=malloc, and libc are
 * passed over, and the first frame of anybody else, or of the evaluation of code, is who it is for.
 * All blocks are counted, so that one that is lost is seen. For one thread, and glibc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unwind.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *block);

static struct {
    uintptr_t start, end;
    bool ours;
} others[256]; /* code of all but Python and libc */
static int count_of_others;
static uintptr_t evaluation[2]; /* where the functions begin that evaluate code */

static bool active;    /* between start and stop, */
static bool inside;    /* but not in what is called from here */
static long fail_at;   /* number of an allocation of ours, from 0 on */
static long allocated; /* the number of our blocks */
static bool failed;
static long live;

/* ---- Whose it is ---- */

static int note_object(struct dl_phdr_info *info, size_t size, void *unused)
{
    bool ours = strstr(info->dlpi_name, "/_core.");

    (void)size, (void)unused;
    if (!*info->dlpi_name || strstr(info->dlpi_name, "/libpython") ||
        strstr(info->dlpi_name, "/libc.so"))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && count_of_others < 256; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
            continue;
        if ((uintptr_t)note_object >= start && (uintptr_t)note_object < start + header->p_memsz)
            continue; /* this file itself */
        others[count_of_others].start = start;
        others[count_of_others].end = start + header->p_memsz;
        others[count_of_others++].ours = ours;
    }
    return 0;
}

static _Unwind_Reason_Code look_at_frame(struct _Unwind_Context *context, void *ours)
{
    uintptr_t place = _Unwind_GetIP(context), start = _Unwind_GetRegionStart(context);

    if (start == evaluation[0] || start == evaluation[1])
        return _URC_END_OF_STACK;
    for (int i = 0; i < count_of_others; i++)
        if (place >= others[i].start && place < others[i].end) {
            *(bool *)ours = others[i].ours;
            return _URC_END_OF_STACK;
        }
    return _URC_NO_REASON;
}

static bool is_ours(void)
{
    bool ours = false;

    _Unwind_Backtrace(look_at_frame, &ours);
    return ours;
}

/* ---- Blocks ---- */

static bool fails(void)
{
    bool now = false;

    /* After the failure it does not matter whose it is, and to find out is slow. */
    if (!active || inside || failed)
        return false;
    inside = true;
    if (is_ours())
        now = allocated++ == fail_at;
    inside = false;
    failed |= now;
    if (now)
        errno = ENOMEM;
    return now;
}

void *malloc(size_t size)
{
    void *block = fails() ? NULL : __libc_malloc(size);

    live += block != NULL;
    return block;
}

void *calloc(size_t count, size_t size)
{
    void *block = fails() ? NULL : __libc_calloc(count, size);

    live += block != NULL;
    return block;
}

void *realloc(void *old, size_t size)
{
    void *block = fails() ? NULL : __libc_realloc(old, size);

    live += block && !old;
    return block;
}

void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

/* ---- For the test ---- */

/* The n-th allocation fails, or none if n is negative. */
void nomemory_start(long n)
{
    inside = true;
    count_of_others = 0;
    dl_iterate_phdr(note_object, NULL);
    evaluation[0] = (uintptr_t)dlsym(RTLD_DEFAULT, "_PyFunction_Vectorcall");
    evaluation[1] = (uintptr_t)dlsym(RTLD_DEFAULT, "_PyEval_EvalFrameDefault");
    is_ours(); /* the first time, the unwinder allocates */
    inside = false;
    fail_at = n;
    allocated = 0;
    failed = false;
    active = n >= 0;
}

/* Until it ends, allocations neither fail nor count. */
void nomemory_pause(int begins)
{
    inside = begins;
}

/* Has one failed? */
int nomemory_stop(void)
{
    active = false;
    return failed;
}

long nomemory_live(void)
{
    return live;
}
