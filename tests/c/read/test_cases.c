/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs the cases in tests/cases/{v1,v2}/{valid,invalid}: texts, and the results of reading them.
 *
 *     NAME.pyon     the text, byte by byte: no line end after it, unless the case is about that
 *     NAME.events   of a valid one: the transcript of its events (see transcript.h)
 *     NAME.error    of an invalid one, in a line: code, offset, length, message
 *
 * Names that begin with "host_" need names that only the builder of transcript.c knows.
 *
 * Beside the expectation each case shows that
 *   - no event pops a value that is not there, and one value remains;
 *   - a failure of the builder at any event stops the parser there;
 *   - the builder that keeps nothing accepts the same texts;
 *   - a builder that takes code points gets the same strings;
 *   - the text may end anywhere: then there is a value, or an error inside the text.
 * All cases together must have every error code.
 *
 *     test_cases [--update] [NAME]
 *
 * runs all cases, or those called NAME: "tuple" or "v1/valid/tuple". With --update it writes their
 * expectations. Look at the difference in git afterwards.
 */
#include "../support/cases.h"
#include "../support/check.h"
#include "../support/codes.h"
#include "../support/transcript.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_LINES 12 /* of each side of a difference */

static bool seen[PYON_ERROR_COUNT];
static bool update;
static const char *only; /* the name that was given, or NULL */
static unsigned long run;
static unsigned long updated;

/* ---- Codes ------------------------------------------------------------------------------- */

/* PYON_ERROR_MEMORY needs a memory that fails, the next three a stream, the last three a tree or a
   path: see test_faults.c, test_stream.c, test_tree.c and test_tree_write.c. */
static void check_codes(void)
{
    for (int i = 0; i < PYON_ERROR_COUNT; i++) {
        const char *name = code_name((enum pyon_error_code)i);

        CHECK_WITH(pyon_error_message((enum pyon_error_code)i), name != NULL);
        if (i != PYON_OK && i != PYON_ERROR_MEMORY && i != PYON_ERROR_TRUNCATED &&
            i != PYON_ERROR_LINE && i != PYON_ERROR_SIZE && i != PYON_ERROR_UNDEFINED &&
            i != PYON_ERROR_INEXPRESSIBLE && i != PYON_ERROR_PATH)
            CHECK_WITH(name ? name : "a code without a name", seen[i]);
    }
}

/* ---- Files ------------------------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* ---- Differences ------------------------------------------------------------------------- */

static void show_lines(char sign, const char *text)
{
    for (int i = 0; *text && i < SHOWN_LINES; i++) {
        size_t length = strcspn(text, "\n");

        fprintf(stderr, "    %c %.*s\n", sign, (int)length, text);
        text += length + (text[length] == '\n');
    }
    if (*text)
        fprintf(stderr, "    %c ...\n", sign);
}

/* Shows the lines from the first difference on. */
static void show_difference(const char *expected, const char *got)
{
    size_t line = 0, number = 1;

    for (size_t i = 0; expected[i] && expected[i] == got[i]; i++)
        if (expected[i] == '\n') {
            line = i + 1;
            number++;
        }
    fprintf(stderr, "  from line %zu on, - expected, + got:\n", number);
    show_lines('-', expected + line);
    show_lines('+', got + line);
}

/* Compares with a file, or writes the file. */
static void check_expectation(const char *path, const char *got)
{
    struct bytes expected = cases_read(path);
    bool same = expected.data && strcmp(expected.data, got) == 0;

    if (update && !same) {
        write_file(path, got);
        updated++;
    } else if (!CHECK_WITH(path, same)) {
        show_difference(expected.data ? expected.data : "", got);
    }
    free(expected.data);
}

/* ---- One case ---------------------------------------------------------------------------- */

static int parse(const struct kase *kase, struct transcript *transcript, size_t length,
                 struct pyon_error *error)
{
    *error = (struct pyon_error){.code = PYON_OK};
    return transcript_parse(transcript, kase->dialect, kase->text.data, length, error);
}

static void check_error(const struct kase *kase, const struct pyon_error *error, size_t length)
{
    CHECK_WITH(kase->name, error->code > PYON_OK && error->code < PYON_ERROR_COUNT);
    CHECK_WITH(kase->name, error->offset <= length);
    CHECK_WITH(kase->name, error->length <= length - error->offset);
    CHECK_WITH(kase->name, error->message == pyon_error_message(error->code));
}

/* Reads the whole text. Returns the expectation: new. */
static char *describe(const struct kase *kase)
{
    struct transcript transcript;
    struct pyon_error error;
    char *text, *line;

    transcript_init(&transcript);
    if (parse(kase, &transcript, kase->text.length, &error) == 0) {
        CHECK_WITH(kase->name, transcript.height == 1);
        CHECK_WITH(kase->name, transcript.open == 0);
        text = transcript_text(&transcript);
        CHECK_WITH(kase->name, !strstr(text, "underflow"));
        return text;
    }
    check_error(kase, &error, kase->text.length);
    seen[error.code] = true;
    transcript_free(&transcript);
    line = malloc(200);
    if (!line)
        abort();
    snprintf(line, 200, "%s %zu %zu %s\n", code_name(error.code), error.offset, error.length,
             error.message);
    return line;
}

/* The text ends at every place. */
static void check_cut(const struct kase *kase, size_t length)
{
    struct transcript transcript;
    struct pyon_error error;

    transcript_init(&transcript);
    if (parse(kase, &transcript, length, &error) < 0)
        check_error(kase, &error, length);
    else
        CHECK_WITH(kase->name, transcript.height == 1);
    transcript_free(&transcript);
}

/* The builder fails at one event. Returns false if there are no more events. */
static bool check_failure(const struct kase *kase, size_t event)
{
    struct transcript transcript;
    struct pyon_error error;
    int status;
    char *text, *failure;

    transcript_init(&transcript);
    transcript.fail_at = event;
    status = parse(kase, &transcript, kase->text.length, &error);
    text = transcript_text(&transcript);
    failure = strstr(text, "failure\n");
    if (failure) {
        CHECK_WITH(kase->name, status < 0 && error.code == PYON_ERROR_HOST);
        CHECK_WITH(kase->name, strcmp(failure, "failure\n") == 0);
    }
    free(text);
    return failure != NULL;
}

static void check_null_builder(const struct kase *kase)
{
    struct pyon_error error;
    bool host = strncmp(kase->name, "host_", 5) == 0;

    if (kase->valid && !host)
        CHECK_WITH(kase->name, pyon_parse(kase->dialect, kase->text.data, kase->text.length,
                                          &pyon_null_builder, NULL, NULL, &error) == 0);
}

/* With code points and with UTF-8, the text or the error is the same. */
static void check_code_points(const struct kase *kase)
{
    struct transcript plain, wide;
    struct pyon_error error, same_error;
    char *expected, *got;
    int status;

    transcript_init(&plain);
    status = parse(kase, &plain, kase->text.length, &error);
    transcript_init(&wide);
    wide.builder = &transcript_wide_builder;
    CHECK_WITH(kase->name, parse(kase, &wide, kase->text.length, &same_error) == status);
    CHECK_WITH(kase->name, error.code == same_error.code && error.offset == same_error.offset);
    expected = transcript_text(&plain);
    got = transcript_text(&wide);
    if (!CHECK_WITH(kase->name, strcmp(got, expected) == 0))
        show_difference(expected, got);
    free(expected);
    free(got);
}

static void check_case(const struct kase *kase)
{
    size_t length = kase->text.length;

    check_code_points(kase);
    for (size_t cut = 0; cut <= length && cut < 1000; cut++)
        check_cut(kase, cut);
    for (size_t event = 0; event < 1000 && check_failure(kase, event); event++)
        ;
    check_null_builder(kase);
}

/* Is a case the one that was asked for? Its name ends with NAME, at a slash. */
static bool is_wanted(const struct kase *kase, const char *directory)
{
    char *name = cases_join(directory, kase->name, "");
    size_t length = strlen(name), wanted = only ? strlen(only) : 0;
    bool is = !only || (wanted < length && name[length - wanted - 1] == '/' &&
                        strcmp(name + length - wanted, only) == 0);

    free(name);
    return is;
}

static void run_case(const struct kase *kase, const char *directory)
{
    char *path, *got;

    if (!is_wanted(kase, directory))
        return;
    run++;
    path = cases_join(directory, kase->name, kase->valid ? ".events" : ".error");
    got = describe(kase);
    CHECK_WITH(path, kase->valid == (strncmp(got, "PYON_ERROR", 10) != 0));
    check_expectation(path, got);
    check_case(kase);
    free(got);
    free(path);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--update") == 0)
            update = true;
        else
            only = argv[i];
    cases_run(run_case);
    if (only)
        CHECK_WITH(only, run > 0);
    else
        check_codes();
    if (update)
        printf("%lu expectations written\n", updated);
    return check_report();
}
