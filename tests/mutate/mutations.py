# SPDX-License-Identifier: LGPL-3.0-or-later
"""Mistakes that one might make in lib/ and pymod/, for mutate.py: by file, with the tests that should notice."""
from typing import NamedTuple


class Mutation(NamedTuple):
    file: str
    old: str  # stands once in the file
    new: str
    tests: tuple
    equivalent: str | None  # why nothing can notice it


MUTATIONS = []


def mutate(file, tests, *changes):
    """Changes are (old, new), or (old, new, why that is equivalent)."""
    for old, new, *equivalent in changes:
        MUTATIONS.append(Mutation(file, old, new, tuple(tests.split()), equivalent[0] if equivalent else None))


# ---- Writing -----------------------------------------------------------------------------------

mutate(
    "lib/write/escape.c", "c/test_escape c/portable_escape",
    ("#define SLACK (3 + VECTOR_SIZE + 12)", "#define SLACK (3 + VECTOR_SIZE)"),
    ("(size_t)(out->end - p) < length + 2)", "(size_t)(out->end - p) < length + 1)"),
    ("left < RUN + 2 * PLAIN_SIZE ? left : RUN", "left < RUN + PLAIN_SIZE / 2 ? left : RUN"),
    ("p && *i + VECTOR_SIZE <= stop", "p && *i < stop",
     "a run ends with a vector, but in UTF-8: there a byte for each of the rest is reserved too, which are more"),
    ("text->length - *i >= PLAIN_SIZE;)", "text->length - *i >= VECTOR_SIZE;)"),
    ("kind == UCS_4 ? 12 : 6;", "kind == UCS_4 ? 6 : 6;"),
    ("if (size < VECTOR_SIZE)\n", "if (size < VECTOR_SIZE - 1)\n"),
    ("return !ascii;", "return true;"),
)  # fmt: skip
mutate(
    "lib/write/writer.c", "c/test_writer c/test_write_run",
    ("return 1 + (spaces < SPACES", "return (spaces < SPACES"),
    ("bracket && i + 1 < open->length", "bracket && i < open->length"),
    ("!(i == 0 && empty)", "!empty"),
    ("return single && !twofold ?", "return single ?"),
    ("#define PART 6144", "#define PART 6145"),
    ("out->cur[-1] == '0' && out->cur[-2] == '.'", "out->cur[-1] == '0'"),
    ("!signbit(imaginary) || isnan(imaginary)", "!signbit(imaginary)"),
    ("length < SIZE_MAX - ENDING ? length + ENDING : length", "length + ENDING"),
    ("writer->level--;", ";"),
    ("if (part->done == 0)\n        part->quote", "part->quote", "the same quote each time, only slower"),
)  # fmt: skip
mutate(
    "lib/write/plain.h", "c/test_escape c/portable_escape",
    ("y = load64(data + length - 8);", "y = load64(data + length - 7);"),
    ("quotes | backslashes | rubout) & tops)", "quotes | backslashes) & tops)"),
)  # fmt: skip
mutate(
    "lib/write/items.c", "c/test_items c/portable_items",
    ("if (item->separated)", "if (false)"),
    ("if (!isfinite(item->value.real))\n            break;", ""),
    ("        p = pen_room(&pen, p);\n", ""),
)  # fmt: skip
mutate(
    "lib/write/pen.h", "c/test_items c/portable_items",
    ("length == 1 ? &brackets->close_one : &brackets->close", "&brackets->close"),
    ("length >= PLAIN_SIZE || width > 1 ||", "length >= PLAIN_SIZE ||"),
)  # fmt: skip
mutate(
    "lib/write/pen.c", "c/test_items c/portable_items py/test_plain py/test_pieces_out",
    ("|| reserve(pen->out, PEN_ROOM) < 0;", ";"),
    ("+ PEN_ROOM > pen->most)", "> pen->most)", "only somewhat more text"),
    ("    set_end(out, out->start + kept);\n", ""),
    ("< length + 2 + PEN_ROOM", "< length + 2"),
    ("    if (count < FEW)\n        return false;\n", "", "only slower: few numbers as a batch"),
)  # fmt: skip
mutate(
    "lib/write/plain_avx2.c", "c/test_items c/test_escape",
    ("_mm256_set1_epi8(1)), space)", "_mm256_set1_epi8(0)), space)"),
    ("return copy32(p + last, data + last, quotes);", "return true;"),
)  # fmt: skip
mutate(
    "lib/write/plain.h", "c/test_items c/test_escape",
    ("i < last; i += VECTOR_SIZE", "i + VECTOR_SIZE < last; i += VECTOR_SIZE"),
    ("return !vector_mask(find_special(x, quote));", "return true;"),
)  # fmt: skip
mutate(
    "lib/write/write_run.c", "c/test_write_run",
    ("separator.length) + LONGEST_PIECE)", "separator.length))"),
    ("reserve(out, 2 * LONGEST_PIECE + PYON_FTOA_SIZE)", "reserve(out, LONGEST_PIECE)"),
    ("if (reserve(out, LONGEST_PIECE) < 0)", "if (reserve(out, pieces->open.length) < 0)"),
    ("if (piece->length > LONGEST_PIECE)\n        return false;", ""),
    ("count_finite(values, PYON_FTOA_BATCH) == PYON_FTOA_BATCH", "true"),
    ("kept &= keep_piece", "kept = keep_piece", "where `open` is too long, so is `close`, which has two lines"),
)  # fmt: skip
mutate(
    "lib/write/out.c", "c/test_out",
    ("need > PTRDIFF_MAX - used", "need > SIZE_MAX - used"),
    ("step <= PTRDIFF_MAX - capacity && ", ""),
)  # fmt: skip

# ---- Numbers and base64 --------------------------------------------------------------------------

mutate(
    "lib/number/wide.h", "c/test_number_wide c/test_number",
    ("(1 + MAX_DIGITS + 1 + RUN_LOADED)", "(MAX_DIGITS + 1 + RUN_LOADED)"),
    ("(uint64_t)INT64_MAX + negative;", "(uint64_t)INT64_MAX;"),
    ("if (PYON_UNLIKELY(digits > MAX_DIGITS) &&", "if (PYON_UNLIKELY(digits > MAX_DIGITS + 1) &&"),
    ("digits - leading_zeros(start) <= MAX_DIGITS;", "digits - leading_zeros(start) <= MAX_DIGITS + 1;"),
)  # fmt: skip
mutate(
    "lib/number/scale.h", "c/test_number c/test_rounding",
    ("return x >= -4 && x <= 23;", "return x >= -3 && x <= 23;"),
    ("return x >= -4 && x <= 23;", "return x >= -4 && x <= 22;"),
    ("m -= (m & 3) == 1;", "m -= (m & 1) == 1;"),
    ("(high & 0x1ff) == 0x1ff", "(high & 0x3ff) == 0x3ff"),
    ("? DBL_DIG : 0;", "? DBL_DIG + 1 : 0;"),
    ("if (shift > FRACTION_BITS + 1)", "if (shift > FRACTION_BITS)"),
)  # fmt: skip
mutate(
    "lib/number/decimal.c", "c/test_number",
    ("any_digit(digits, length) || (bits & 1) != 0", "(bits & 1) != 0"),
    ("#define MAX_COMPARED 800", "#define MAX_COMPARED 760"),
    ("w |= digits[i] != '0';", ";"),
    ("if (exponent > DBL_MAX_EXP)\n        return from_bits(INFINITY_BITS);", ""),
    ("bits < INFINITY_BITS ? bits : INFINITY_BITS", "bits"),
)  # fmt: skip
mutate(
    "lib/number/number.c", "c/test_number c/test_lexer",
    (" && p[6];", ";"),
    ("if (w != 0 && digits - leading_zeros(start) <= MAX_DIGITS)", "if (digits - leading_zeros(start) <= MAX_DIGITS)",
     "of digits that are all zeros, both ways give 0"),
)  # fmt: skip
mutate(
    "lib/number/digits.h", "c/test_number_wide c/test_number",
    ("exponent < UINT64_C(100000000000000000) ?", "exponent < UINT64_C(1000) ?"),
    ("return low | high << 16;", "return low | (high & 0x7fff) << 16;", "31 digits and 32 are both too many for one run"),
)  # fmt: skip
mutate(
    "lib/number/ftoa.c", "c/test_number_text c/test_ftoa_batch",
    ("#define MARGIN 32", "#define MARGIN 1", "one double of 2^59 may have such a distance; none is known"),
    ("shortest_exact(c, q, exponent > 1, &decimal)", "shortest_exact(c, q, exponent > 0, &decimal)",
     "of the only such number, 2**-1022, the text is the same"),
    ("point > 16 || point <= -4", "point > 16 || point < -4"),
    ("upper = value > 4 * digits + 2 - (digits & 1);", "upper = value > 4 * digits + 2;"),
)  # fmt: skip
mutate(
    "lib/number/ftoa.h", "c/test_write_run c/test_ftoa_batch",
    ("(PYON_FTOA_SIZE + (length)) + PYON_FTOA_SEPARATOR)", "(PYON_FTOA_SIZE + (length)))",
     "texts have 24 bytes of 32, and separators are written by vectors only for 8 numbers, which leaves 64"),
)  # fmt: skip
mutate(
    "lib/base64/base64.c", "c/test_base64",
    ("else if (bytes[i] != 0)", "else if (bytes[i] == 256)"),
    ("return quanta > SIZE_MAX / 4 ? SIZE_MAX : quanta * 4;", "return quanta * 4;"),
    ("at % 4 == 2 ? 0x0f : 0x03", "at % 4 == 2 ? 0x03 : 0x0f"),
    ("if (length % 4 == 0) {", "if (length > 0) {"),
)  # fmt: skip
mutate(
    "lib/base64/avx2.c", "c/test_base64",
    ("size >= 28;", "size >= 24;"),
    ("while (quanta >= 11)", "while (quanta >= 8)"),
    ("(quanta - 3) / 8", "quanta / 8"),
)  # fmt: skip

# ---- Lexing --------------------------------------------------------------------------------------

mutate(
    "lib/lex/scan.h", "c/test_scan c/portable_scan",
    ("bool long_wide = false;\n    unsigned run = 0; /* vectors in a row that were plain */\n\n    for (; limit - p > VECTOR_SIZE;",
     "bool long_wide = false;\n    unsigned run = 0; /* vectors in a row that were plain */\n\n    for (; limit - p >= VECTOR_SIZE;"),
    ("if (limit - p < 2)\n                    break;", ""),
    ("if (!triple && p > start && p[-1] == '\\r' && *p == '\\n')", "if (false)"),
    ("if (end > limit) /* a backslash is the last byte */\n            end = limit;", ""),
    ("*end != '\\n' || end == start || end[-1] != '\\r'", "*end != '\\n' || end[-1] != '\\r'"),
    ("wide |= *p & 0x80;", ";"),
)  # fmt: skip
mutate(
    "lib/lex/cut.c", "c/test_stream_values c/test_stream",
    ("limit - cursor <= LONGEST_TAIL &&", "limit - cursor <= LONGEST_TAIL - 1 &&",
     "the lexer has taken the point: an exponent that is cut has two bytes; letters are the same error later"),
    ("if (length < strlen(words[i]) &&", "if (length + 1 < strlen(words[i]) &&"),
    ("&& memcmp(text, words[i], length) == 0)", ")"),
    ("return (size_t)(end - token->text) - backslashes % 2;", "return (size_t)(end - token->text);"),
    ("- quotes + backslashes % 2;", "- quotes;"),
    ("return condition != PYON_LEX_V2 && cursor == limit;", "return false;"),
    ("(p < stop && *p == '=' && p + 1 == limit)", "false",
     "a word with = after it is a keyword where the text ends, and is cut as that"),
    ("return token->length == 0 && cursor == limit;", "return false;"),
    ("comment = true;", ";"),
)  # fmt: skip
mutate(
    "lib/lex/lexer.h", "c/test_lexer c/portable_cases c/test_cases",
    ("readable > margin ? readable - margin : 0", "readable - margin"),
    ("while (reads_wide(lexer, p) && load64(p) == spaces)", "while (load64(p) == spaces)"),
)  # fmt: skip
mutate(
    "lib/lex/lexer.re", "c/test_lexer c/test_cases",
    ("&& !continues_name(end[1])", ""),
    ("if (!continues_name(*end) && *end != '.')", "if (!continues_name(*end))"),
    ("&& *p - name < LONGEST_TAG)", ")"),
    ("token->cut = p == lexer->limit;", ";"),
)  # fmt: skip
mutate(
    "lib/lex/unescape.re", "c/test_unescape c/portable_unescape c/test_cases",
    ("if (limit - p <= LONGEST_PAIR ||", "if (limit - p < LONGEST_PAIR ||"),
    ("limit - place.p >= 2 * VECTOR_SIZE", "limit - place.p >= VECTOR_SIZE"),
    ("if (*c > 0x10ffff)", "if (*c > 0x11ffff)"),
    ("*c = value & 0xff;", "*c = value;"),
    ("end - name <= LONGEST_NAME", "true"),
    ("if (place->p >= start + size)", "if (place->p > start + size)"),
)  # fmt: skip

# ---- Reading -------------------------------------------------------------------------------------

mutate(
    "lib/read/parser.c", "c/test_parser c/test_cases c/portable_cases c/test_stream_values",
    ("if (parser->depth >= parser->max_depth)", "if (parser->depth > parser->max_depth)"),
    ("if (parser->depth + 1 == parser->capacity &&", "if (parser->depth == parser->capacity &&"),
    ("cursor[0] == ']' && cursor[1] == '}'", "cursor[0] == ']'"),
    ("frame->named = false;", ";"),
    ("lexer->limit - lexer->cursor < ahead ||", "false ||"),
)  # fmt: skip
mutate(
    "lib/read/read_plain.c", "c/test_plain c/portable_plain c/test_cases c/test_stream_values py/test_stream",
    ("parser->by_token || ", ""),
    ("mask >>= (size_t)(p - from) * MASK_STEP;", ";"),
    ("if (wide)\n                return p;", ""),
    ("|| PYON_UNLIKELY(number.kind == PYON_NUMBER_BIGINT)", ""),
    ("end[2] == '=' ||", ""),
    ("PYON_UNLIKELY(is_tag_key(p + 1, length))", "false"),
    ("|| has_del(name))", ")"),
    ("frame->kind == FRAME_LIST || frame->comma ? own : ','", "own"),
    ("frame->comma = true;", ";"),
    ("(parser->dialect->refuses_nul &&", "(false &&"),
    ("innermost(parser)->count += members;", "innermost(parser)->count++;"),
    ("parser->state != STATE_AFTER)", "0)"),
    ("if (frame->kind == FRAME_TAG)\n        return stop(parser, p);", "",
     "only slower: the builder gets base64 as a string"),
    ("while (p && status == CONTINUE)", "while (p)"),
)  # fmt: skip
mutate(
    "lib/read/begin.c", "c/test_parser c/test_cases c/test_stream_values c/test_select",
    ("parser->deferred = PYON_OK;\n}", "}"),
    ("parser->operator_count = 0;\n", ""),
    ("parser->keyword_count = 0;\n", ""),
    ("parser->keyword_size = 0;\n", ""),
    ("parser->waits = false;\n    parser->sign = 0;\n    parser->operator_count", "parser->sign = 0;\n    parser->operator_count"),
    ("parser->builder = parser->host;", ";"),
)  # fmt: skip
mutate(
    "lib/read/payload.c", "c/test_stream_payload",
    ("|| frame->named ||", "||"),
    ("parser->sign != 0 || ", ""),
    ("size != payload->size - payload->done ||", ""),
    ("text[length - 1] == '=' ||", ""),
    ("| PYON_STRING_RAW))", "))"),
    ("if (length >= left)", "if (length > left)"),
    ("token->text != token->start + 1 + bytes ||", ""),
)  # fmt: skip
mutate(
    "lib/read/shape.c", "c/test_record",
    ("if (*p != ',')", "if (0)"),
    ("++depth > LIST_DEPTH", "(++depth, false)"),
    (" || parser->max_depth < DICT_DEPTH + LIST_DEPTH", ""),
    ("if (limit - p <= SKIP_MARGIN)", "if (limit - p <= 1)", "then there is no room for the first part either"),
)  # fmt: skip
mutate(
    "lib/read/scalar.h", "c/test_record c/test_copy",
    ("whole + part > EXACT_DIGITS", "whole + part > EXACT_DIGITS + 1"),
    ("vector_equal(x, del)", "vector_equal(x, quote)"),
    ('"0000", 4)', '"00000", 5)'),
    ("!(negative && *p == '0')", "true"),
)  # fmt: skip
mutate(
    "lib/read/skip.c", "c/test_skip",
    ("parser->token.start = p;\n    parser->wanted = selector->key", "parser->wanted = selector->key"),
    ("parser->token.start = p;\n    parser->wanted = selector->value", "parser->wanted = selector->value"),
)  # fmt: skip
mutate(
    "lib/path/columns.c", "c/test_columns py/test_table c/test_faults",
    ("path->steps[i].kind == STEP_SLICE || path", "path"),
    ("|| path->steps[i].kind == STEP_ALL)", ")"),
    ("capacity <= SIZE_MAX / size ? realloc", "capacity <= SIZE_MAX ? realloc", "no memory has so many rows"),
    ("columns->columns[i].cells[columns->rows] = CELL_MISSING;", ";"),
    ("columns->columns[i].slots[columns->rows] = 0;", ";"),
    ("columns->lines[columns->rows++] = line;", "columns->lines[columns->rows++] = columns->rows;"),
    ("return reading->columns->stops && reading", "return reading"),
    ("reading->columns->misfit_count > 0;", "reading->columns->misfit_count > 1;"),
    ("return error->code == PYON_ERROR_MEMORY ? -1 : 1;", "return 1;"),
    ("if (status == 1 && reading->other)", "if (status == 1 && false)"),
    ("second.offset > first.offset ? &second", "second.offset >= first.offset ? &second"),
    ("first.code == PYON_ERROR_EMPTY ||", ""),
    ("|| second.code == PYON_ERROR_EMPTY)", ")"),
    ("if (length >= 3 && memcmp", "if (memcmp", "without them, a NUL follows the line"),
    ("memset(line->start, ' ', 3);", ";"),
    ("status == 0 && strspn(line.start, BLANKS) < length", "status == 0 && length > 0",
     "only slower: a line of blanks has no value in any dialect"),
    ("status == 0 && strspn(line.start, BLANKS) < length", "status == 0"),
    ("reading->done = end + (end < reading->length);\n        reading->line++;",
     "reading->done = end + (end < reading->length);"),
    ("    while (end < offset) {", "    while (end + 1 < offset) {"),
    ("if (line_end(reading, start) < end)\n        return 1;", ""),
    ("    end = skip_blanks(reading, end);", "", "only slower: the lines are read one by one"),
    ("if (end < reading->length && reading->text[end] != '\\n')\n        return 1;", ""),
    ("if (code == PYON_ERROR_HOST)\n        code = pyon_selection_code(reading->selection);", "",
     "the lines are read one by one then, which needs memory, too"),
    ("if (code == PYON_ERROR_MEMORY)\n        return -1;", "", "the same"),
    ("status == 0 && offset < reading->length && !is_done(reading)", "status == 0 && offset < reading->length",
     "what follows is read for nothing"),
    ("    if (status == 1)\n        status = read_lines(&reading);", "    if (status == 1)\n        status = 0;"),
    ("reading->line - (reading->done == reading->length)", "reading->line - 1"),
    ("reading->line - (reading->done == reading->length)", "reading->line"),
)  # fmt: skip
mutate(
    "lib/path/cell.c", "c/test_columns py/test_table c/test_faults",
    ("if (array && array->ndim > 0)\n        return CELL_TEXT;", ""),
    ("array ? array->kind == 'b' : kind", "kind"),
    ("strchr(\"iu\", array->kind)", "strchr(\"i\", array->kind)"),
    ("array->kind == 'f' && array->item_size <= 8", "array->kind == 'f'"),
    ("array->kind == 'f' && array->item_size <= 8", "array->kind == 'f' && array->item_size < 8"),
    ("if (status != PYON_EXACT)", "if (false)"),
    ("real >= TWO_TO_63 || (int64_t)real != integer", "(int64_t)real != integer",
     "on x86, which makes the smallest integer of 2**63"),
    ("if (real >= TWO_TO_63 || (int64_t)real != integer)\n            return false;", ""),
    ("*cell = CELL_REAL;\n    } else", ";\n    } else"),
    ("real >= -TWO_TO_63 && real < TWO_TO_63)", "real > -TWO_TO_63 && real < TWO_TO_63)"),
    ("real >= -TWO_TO_63 && real < TWO_TO_63)", "real >= -TWO_TO_63 && real <= TWO_TO_63)", "the same"),
    ("|| (double)(int64_t)real != real)", ")"),
    ("return convert(cell, slot, type) && *cell == CELL_INTEGER;", "return convert(cell, slot, type);"),
    ("return convert(cell, slot, type) && *cell == CELL_REAL;", "return convert(cell, slot, type);"),
    ("return *cell == CELL_BOOLEAN;", "return true;"),
    ("return !match->is_part && pyon_node_kind", "return pyon_node_kind", "the node of a part is its array"),
    ("status == 0 || out->code == PYON_ERROR_MEMORY", "status == 0"),
    ("    pyon_path_shorten(out, length);\n    if (!*why)", "    if (!*why)"),
    ("    if (!*why)\n        *why = pyon_error_message(out->code);", "",
     "a value that was read is refused for a reason"),
    ("    out->code = PYON_OK;\n    return 1;", "    return 1;", "the same: that leaves no code"),
    ("column->cells[row] == CELL_MISSING ? \"[\" : \",\"", "\",\""),
    ("column->slots[row] += text_length", "column->slots[row] = text_length"),
    ("    pyon_path_shorten(&column->text, length);\n    return status < 0", "    return status < 0"),
    ("slot = text_length(&column->text) - length;", "slot = text_length(&column->text);"),
    ("    column->slots[row]++;\n", ""),
    ("if (!column->several || column->cells[row] == CELL_MISSING)", "if (!column->several)"),
)  # fmt: skip
mutate(
    "lib/path/record.c", "c/test_record",
    ("if (learning->count != learning->most)", "if (0)"),
    ("if (is_direct(record->paths[i]))", "if (record)"),
)  # fmt: skip
mutate(
    "lib/copy/copy.c", "c/test_copy",
    ("if (copier->depth == DEPTH)", "if (copier->depth == DEPTH - 1)"),
    ("memcmp(p, tag, sizeof tag - 1) == 0", "*tag == 0"),
)  # fmt: skip
mutate(
    "lib/copy/keys.c", "c/test_copy",
    ("twice = table[place] == hashes[i];", "twice = 0;"),
)  # fmt: skip
mutate(
    "lib/read/stream.c", "c/test_stream_values c/test_stream_payload c/portable_stream",
    ("stream->payload.refused = false;\n    if (check_size", "if (check_size"),
    ("if (size <= stream->max_bytes)", "if (size < stream->max_bytes)"),
    ("stream->payload.refused = false;\n    stream->scanned = stream->string = 0;\n", "stream->payload.refused = false;\n"),
    ("stream->wait = WAIT_ANY;\n    stream->failed = false;", "stream->failed = false;",
     "the line end that is skipped to ends each wait"),
    ("if (stream->payload.open)\n        pyon_end_payload(parser, &stream->payload, false);", ""),
    ("stream->searched = 0;", ";", "house: there is nothing behind the cursor that has been searched"),
    ("parser->base += size;\n    stream->begun = true; /*", "stream->begun = true; /*"),
    ("(first == '\\\\' || first == '<' || first == '>')", "(first == '<' || first == '>')"),
    ("if (matches && !whole && !is_final(stream))", "if (matches && !whole)"),
    ("else if (kind == PYON_TOKEN_OBJECT_OPEN)\n        wait_for(stream, WAIT_NO_BLANK);", "", "the same, only slower"),
)  # fmt: skip
mutate(
    "lib/read/stream_buffer.c", "c/test_stream_values c/test_stream_payload c/portable_stream c/test_stream",
    ("stream->waited -= count < stream->waited ? count : stream->waited;", ""),
    ("stream->searched -= count < stream->searched ? count : stream->searched;", ""),
    ("stream->parser.base += count;", ""),
    (" && !stream->ended);", ");"),
    ("stream->capacity - stream->used < size)", "stream->capacity < size)"),
    ("realloc(stream->block, capacity + 1)", "realloc(stream->block, capacity)"),
    ("if (size > SIZE_MAX / 4 - left)\n        return NULL;", ""),
    ("if ((!pays || stream->capacity - left < size) &&", "if (stream->capacity - left < size &&"),
)  # fmt: skip
mutate(
    "lib/read/pending.c", "c/test_parser c/test_cases c/portable_cases c/test_faults",
    ("count > (SIZE_MAX - prefix) / width - PYON_UNESCAPE_SLACK", "false"),
    ("reserve_code_points(parser, prefix, count + left,", "reserve_code_points(parser, prefix, left,"),
    ("if (reserve_scratch(parser, token->length + 2) < 0)", "if (reserve_scratch(parser, token->length + 1) < 0)"),
    ("total > (UINT64_MAX - digit) / base ? UINT64_MAX : total * base + digit", "total * base + digit"),
    ("first->wide |= second.wide;", ";"),
    ("if (operand->integer == INT64_MIN)", "if (false)"),
    ("if (parser->dialect->refuses_surrogates)", "if (false)"),
)  # fmt: skip
mutate(
    "lib/read/operator.c", "c/test_parser c/test_cases",
    ("binding[op] + (op == PYON_OPERATOR_POWER);", "binding[op];"),
    ("if (parser->deferred)\n        return CONTINUE;", ""),
    ("if (binding[waiting.op] < least)", "if (binding[waiting.op] <= least)"),
)  # fmt: skip
mutate(
    "lib/read/keyword.c", "c/test_parser c/test_cases",
    ("parser->keyword_count -= count;\n", ""),
    ("parser->keyword_size = names[0].at;", ";"),
    ("return order ? order : a->offset < b->offset ? -1 : 1;", "return order;"),
)  # fmt: skip
mutate(
    "lib/read/reject.c", "c/test_parser c/test_cases",
    ("parser->operator_count = 0;", ";"),
    ("|| parser->deferred == PYON_ERROR_NOT_VALUE)", ")"),
    ("parser->waits = false;\n    parser->sign = 0;", "parser->sign = 0;"),
)  # fmt: skip
mutate(
    "lib/read/read_run.c", "c/test_parser c/test_cases c/portable_cases",
    (" || number.kind == PYON_NUMBER_BIGINT)", ")"),
    ("innermost(parser)->count += count;", ";"),
    ("parser->comma = offset_of(parser, comma);", ";"),
    ("p = skip_lines(&lexer, p);\n        if (!reads_wide(&lexer, p))\n            break;", "p = skip_lines(&lexer, p);"),
)  # fmt: skip
mutate(
    "lib/error.c", "c/test_cases",
    ("code == PYON_ERROR_OVERFLOW || code == PYON_ERROR_UNDEFINED;", "code == PYON_ERROR_UNDEFINED;"),
)  # fmt: skip


# ---- The extension -------------------------------------------------------------------------------

mutate(
    "pymod/build/build.c", "py/test_v2_decode py/test_registry_calls py/test_v1_decode py/test_finalizers py/test_arithmetic",
    ("builder->foreign && builder->count > 0;", "false;"),
    ("builder->capacity = FIRST_VALUES;\n    builder->count = 0;\n    return push", "builder->count = 0;\n    return push"),
    ("builder->resting = COMPAT_COLLECTOR_RESTS && length >= MANY && PyGC_Disable();", "builder->resting = false;",
     "only slower: the collector may run while a text is decoded"),
    ("if (COMPAT_LIST_ADOPTS && length >= LARGE_LIST && length == builder->count)", "if (COMPAT_LIST_ADOPTS && length >= LARGE_LIST)"),
    ("builder->spent = 0;\n    Py_CLEAR(builder->payload);", "Py_CLEAR(builder->payload);"),
    ("if (value != value && !signbit(value))", "if (value != value)"),
)  # fmt: skip
mutate(
    "pymod/build/string.c", "py/test_shapes py/test_v2_decode",
    ("i + 8 < length", "i + 16 < length"),
    ("a[length / 2] == b[length / 2] && ", ""),
    ("    builder->last_key = place;\n", "", "only slower: another key is expected"),
    ("return push(builder, Py_NewRef(key));\n}\n\nstatic inline", "return push(builder, key);\n}\n\nstatic inline"),
)  # fmt: skip
mutate(
    "pymod/build/shape.c", "py/test_shapes py/test_leaks py/test_finalizers",
    ("(size_t)PyDict_GET_SIZE(dict) != length)\n        return false;", "false)\n        return false;"),
    ("if (entries[i].key != pairs[2 * i])", "if (i == 0 && entries[i].key != pairs[2 * i])"),
    ("        Py_DECREF(Py_None); /* the value in the copy */\n", ""),
    ("        Py_DECREF(pairs[2 * i]);\n", ""),
    ("if (tracked && !PyObject_GC_IsTracked(dict))", "if (false)"),
    ("tracked |= may_be_tracked(value);", "tracked = true;"),
    ("(size_t)PyDict_GET_SIZE(dict) != length)\n        return 0;", "false)\n        return 0;",
     "only a shape with fewer keys than pairs, which fits nothing"),
    ("Py_INCREF(shape); /* the collector may run, and a finalizer decode */\n", ""),
)  # fmt: skip
mutate(
    "pymod/walk/plain.c", "py/test_plain py/test_pieces_out py/test_v2_errors",
    ("(PyUnicode_GET_LENGTH(key) == plain->tag_length && is_tag(plain, key))", "false"),
    ("|| *refused == x)", "|| false)", "only slower: what is not plain is tried again"),
    ("size > plain->left || level == LEVELS", "level == LEVELS", "only slower: members that do not fit are written first"),
    ("return (walker->plain_types & ALL_TYPES) == ALL_TYPES;", "return true;"),
    ("plain->takes_tuples = walker->plain_types & 1u << OWN_TUPLE;", "plain->takes_tuples = true;"),
    ("walker->writer.pretty ||", ""),
    ("known->map == map && known->own == own", "known->map == map", "the own entries of these types do not change"),
    ("map != 0 && known->map == map && known->own == own", "map != 0 && known->own == own"),
    ("        if (level == 0)\n            keep(plain, p);\n", "", "only slower: no member counts as plain"),
    ("    if (size > 0)\n        p -= plain->pen.separator.length;\n", ""),
    ("walker->depth + LEVELS >= walker->max_depth)", "false)", "before 3.12, Python's own check comes first"),
)  # fmt: skip
mutate(
    "pymod/build/build.h", "py/test_registry_calls py/test_finalizers",
    ("builder->own_constructors = 0;\n    if (builder->resting)", "if (builder->resting)"),
    ("builder->foreign = true;\n    builder->own_constructors", "builder->own_constructors"),
    ("builder->resting = PyGC_Disable();", "PyGC_Disable();"),
)  # fmt: skip
mutate(
    "pymod/build/call.c", "py/test_registry_calls py/test_payload py/test_v1_decode py/test_v2_decode py/test_registry",
    ("(builder->foreign || call.turn != builder->turn) && call.own", "builder->foreign && call.own"),
    ("call.made == arguments && arguments > 0 && keywords == 0)", "call.made == arguments && arguments > 0)"),
    ("if (same && !builder->foreign)", "if (same)", "what runs foreign code drops the bits itself"),
    ("if (!call->own || call->made)\n        return NULL;", "if (!call->own)\n        return NULL;",
     "each constructor takes a payload at one position, which a second one cannot have"),
    ("CONSTRUCTOR_BYTES && position == 0 && ", "CONSTRUCTOR_BYTES && "),
    ("builder->count != call->base + length)", "false)"),
    ("call->made_bytes = bytes;", ";"),
    ("keywords == 0 && own_fraction && count <= 2 && are_small_ints", "keywords == 0 && own_fraction && are_small_ints",
     "Fraction says itself that there are too many"),
    ("if (unmake(builder, &call) < 0 || build_list", "if (build_list"),
)  # fmt: skip
mutate(
    "pymod/build/names.c", "py/test_v1_decode py/test_hostile py/test_interrupted py/test_nomemory_calls",
    ("if (length == 12 && memcmp(name, \"__builtins__\", 12) == 0)\n        return NULL;", ""),
    ("else\n        Py_XDECREF(exception);", "",
     "only a leak, of the second of two errors for want of memory"),
    ("builder->foreign = true; /* the", "/* the"),
    ("PyException_SetContext(syntax_error, exception);", ""),
)  # fmt: skip
mutate(
    "pymod/build/budget.c", "py/test_arithmetic py/test_hostile",
    ("builder->spent += bits;", ""),
    ("if (bits <= FREE_BITS)\n        return 0;", ""),
    ("if (builder->spent > limit || bits > limit - builder->spent)", "if (bits > limit)"),
    ("builder->spent = (size_t)spent;", ";"),
)  # fmt: skip
mutate(
    "pymod/array.c", "py/test_numpy py/test_numpy_scalars py/test_payload py/test_stream py/test_pieces_out",
    ("if (dimension > 0 && total > (size_t)NPY_MAX_INTP / dimension)\n            return false;", ""),
    ("payload->available - payload->ending_length < length ||", "payload->available - payload->ending_length <= length ||",
     "only slower: a payload at the very end of version 1 is a string first"),
    ("if (payload->available < payload->ending_length ||", "if ("),
    (" &&\n        !(descr->type_num == NPY_BOOL && (unsigned char)data[0] > 1))", ")"),
    ("PyArray_ISNBO(descr->byteorder) &&", ""),
    ("length > sizeof key ||\n        memchr(PyUnicode_DATA(text), '\\0', length))", "length > sizeof key)"),
    ("if (ndim > MAX_DIMENSIONS)\n        return -1;", ""),
    ("if ((size_t)PyArray_NBYTES(array) != frame->length) {", "if (false) {"),
    ("value < 0 || value > NPY_MAX_INTP)", "value > NPY_MAX_INTP)"),
    ("size /= 4; /*", "/*"),
    ("if (PyDataType_ELSIZE(dtype) == 0 || ", "if ("),
)  # fmt: skip
mutate(
    "pymod/walk/frame.c", "py/test_pieces_out py/test_hostile py/test_v2_encode py/test_v1_encode",
    ("Py_XINCREF(frame->values);", ""),
    ("if ((size_t)PyDict_GET_SIZE(dict) != frame->length)", "if ((size_t)PyDict_GET_SIZE(dict) < frame->length)"),
    ("if (separated && i > 0)", "if (false)"),
    ("frame->separated = separated;\n            return PAUSED;", "return PAUSED;"),
    ("walker->due = due;\n    return status;", "return status;"),
    ("frame->in_pair = false;", ";"),
    ("walk_leave(walker);\n    return status;", "return status;"),
)  # fmt: skip
mutate(
    "pymod/walk/walk.c", "py/test_v2_encode py/test_v1_encode py/test_patching py/test_pieces_out",
    ("walker->landmarks[log - FIRST_LANDMARK];\n    if (depth == 1u << log)", "walker->landmarks[log - FIRST_LANDMARK];\n    if (depth > 1u << log)"),
    ("walker->writer.level = place->level;", ";"),
    ("walker->due = due;\n    walk_leave(walker);", "walk_leave(walker);"),
    ("walker->own_types |= 1u << bit;", ";", "only slower"),
    ("if (walker->depth >= walker->max_depth ||", "if ("),
    ("if (!value && PyErr_ExceptionMatches(PyExc_AttributeError))\n        PyErr_Clear();", ""),
)  # fmt: skip
mutate(
    "pymod/build/failure.c", "py/test_stream py/test_finalizers py/test_registry_calls py/test_hostile py/test_leaks",
    ("PyException_SetTraceback(failure, Py_None);", ""),
    ("    replace_stop();\n", ""),
    ("    Py_DECREF(failure);\n", ""),
)  # fmt: skip
mutate(
    "pymod/walk/frame.c", "py/test_pieces_out py/test_hostile py/test_v2_encode py/test_v1_encode",
    ("most = PySequence_Fast_GET_SIZE(x) - 1 - i;\n    for (; count < most && count < RUN; count++) {\n        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);\n\n        if (!PyFloat", "most = PySequence_Fast_GET_SIZE(x) - i;\n    for (; count < most && count < RUN; count++) {\n        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);\n\n        if (!PyFloat"),
    ("    Py_DECREF(member);\n        if (run < 0)", "    if (run < 0)"),
)  # fmt: skip
mutate(
    "pymod/build/decoder.c", "py/test_stream py/test_finalizers py/test_registry_calls py/test_hostile",
    ("decoder->builder.spent = 0;\n", ""),
    ("length < PIECE || decoder->failure ? length : PIECE", "length"),
    ("if (!decoder->failure && read_on(decoder, count) < 0)", "if (read_on(decoder, count) < 0)"),
    ("build_reset(&decoder->builder);\n    }\n    return result;", "}\n    return result;"),
    ("decoder->next = 0;", ";"),
    ("Py_VISIT(decoder->builder.payload);", ""),
)  # fmt: skip
mutate(
    "pymod/walk/pieces.c", "py/test_pieces_out py/test_finalizers",
    ("let_go(pieces);\n    pieces_empty(pieces);\n}\n\nstatic int pieces_fill", "pieces_empty(pieces);\n}\n\nstatic int pieces_fill"),
    ("return pieces->running = true, 0;", ";"),
    ("pieces->walker.depth = (int)below;", ";"),
    ("stack_reverse(&pieces->stack, below);", ""),
    ("memmove(out->start, out->start + pieces->sent, left);", ""),
    ("if (PyErr_CheckSignals() < 0)\n            return -1;", ""),
    ("raise_as_generator(); /*", "/*"),
    ("if (left == 0 && (size_t)(out->end - out->start) / 2 > pieces->size + LARGE)", "if (false)"),
    ("if (which == ARGUMENTS || values[which])", "if (which == ARGUMENTS)"),
)  # fmt: skip
mutate(
    "pymod/strout.c", "py/test_v2_encode py/test_pieces_out py/test_nomemory",
    ("if (!strout->object) /* of bytes, nothing is left */\n                clear(strout);", ""),
    ("memcpy(object_data(strout), strout->first, used);", ""),
    ("Py_CLEAR(strout->object);\n    clear(strout);", "clear(strout);"),
)  # fmt: skip
mutate(
    "pymod/file/transfer.c", "py/test_stream_pipes py/test_stream_signals py/test_pieces_out",
    ("(done < 0 || done > size)", "(done < 0)"),
    ("count < 0 && code == EINTR && PyErr_CheckSignals() < 0", "count < 0 && code == EINTR && false"),
    ("PyErr_SetString(PyExc_BlockingIOError, \"the file would have to wait\");", "PyErr_SetString(PyExc_OSError, \"\");"),
)  # fmt: skip
mutate(
    "pymod/raise.c", "py/test_v1_decode py/test_v2_errors py/test_interrupted py/test_stream",
    ("while (start > 0 && text[start - 1] != '\\n' && offset - start <= LONGEST_LINE)", "while (start > 0 && text[start - 1] != '\\n')"),
    ("PyException_SetCause(exception, cause);", "Py_DECREF(cause);"),
    ("if (exception == half)\n            break;", ""),
)  # fmt: skip
mutate(
    "pymod/build/build.c", "py/test_leaks",
    ("if (atoms && length > 0)", "if (length > 0)"),
    ("Py_DECREF(traceback);\n            raise_again", "raise_again"),
    ("Py_XDECREF(own);\n    builder->resting", "builder->resting"),
)  # fmt: skip
mutate(
    "pymod/build/string.c", "py/test_leaks",
    ("Py_SETREF(key, Py_NewRef(*place));", "key = Py_NewRef(*place);"),
)  # fmt: skip
mutate(
    "pymod/build/call.c", "py/test_leaks",
    ("Py_XDECREF(payload); /*", ";/*"),
    ("if (call->constructor == CONSTRUCTOR_OTHER)\n        Py_DECREF(call->name);", ""),
)  # fmt: skip
mutate(
    "pymod/columns.c", "py/test_table",
    ("if (error->code == PYON_ERROR_MEMORY)\n        PyErr_NoMemory();\n    else", "", "memory does not fail in its tests"),
    ("if (!PyUnicode_Check(text)) {", "if (false) {"),
    ("letter ? strchr(letters, letter) : NULL", "strchr(letters, letter)", "table.py gives only letters"),
    ("    *type = (enum column_type)(found - letters);", "    *type = COLUMN_ANY;"),
    ("    pyon_out_free(&column->text);", "", "only more memory for a time: pyon_columns_free() does it, too"),
    ("if (misfit->column == COLUMN_NONE)", "if (false)"),
    ("bytes_of(columns->lines, columns->rows,", "bytes_of(columns->lines, columns->rows - 1,"),
    ("columns->columns[i].several && paths->types[i] != COLUMN_ANY", "false"),
    ("columns->columns[i].several && paths->types[i] != COLUMN_ANY", "columns->columns[i].several"),
    ("version == 1 ? &pyon_v1 : &pyon_v2", "&pyon_v2"),
    ("version == 0 ? &pyon_v1 : NULL", "NULL"),
    ("version == 0 ? &pyon_v1 : NULL", "&pyon_v1"),
    ("            columns.stops = stop;\n", "", "only slower: the first misfit is raised"),
    ("    PyBuffer_Release(&data);\n", ""),
)  # fmt: skip
mutate(
    "pymod/build/frames.c", "py/test_frames",
    ("value < 1 ||", "value < 0 ||"),
    ("|| value > count)", "|| value > count + 1)"),
    ("!compat_small_int(arguments[2], &value) ||", "(compat_small_int(arguments[2], &value), false) ||",
     "the value stays 0, which is the number of no frame"),
    ("    if (frames->used[number - 1]) {", "    if (false) {"),
    ("    frames->used[number - 1] = true;\n", ""),
    ("    frames->left--;\n", ""),
    ("value && check_used(&frames) < 0", "value && false"),
    ("        Py_CLEAR(value);\n", "        value = NULL;\n"),
    ("        error->code = PYON_ERROR_HOST;\n", ""),
)  # fmt: skip
mutate(
    "pymod/build/literal.c", "py/test_literal py/test_nomemory_calls",
    ("return isfinite(value) ? push(self, PyFloat_FromDouble(value)) : REFUSED;",
     "return push(self, PyFloat_FromDouble(value));"),
    ("!isfinite(real) || !isfinite(imaginary)", "!isfinite(real)"),
    ("!isfinite(real) || !isfinite(imaginary)", "!isfinite(imaginary)"),
    ("length == 3 && memcmp(name, \"set\", 3) == 0", "memcmp(name, \"set\", 3) == 0"),
    ("length == 3 && memcmp(name, \"set\", 3) == 0", "length == 3"),
    ("arguments > 0 || keywords > 0", "arguments > 0"),
    ("arguments > 0 || keywords > 0", "keywords > 0"),
    ("    build_drop_call(self);\n", ""),
    ("#define DEEPEST 50", "#define DEEPEST 150"),
    ("    functions.arithmetic = literal_arithmetic;\n", ""),
    ("    functions.attribute = NULL;\n", "", "it only chooses among errors, and all are refused"),
    ("    functions.name = NULL;\n", ""),
    ("    functions.character = NULL;\n", ""),
    ("if (error.code == PYON_ERROR_MEMORY)\n        return PyErr_NoMemory();", ""),
    ("!value && PyErr_Occurred() && !raise_forget()", "!value && PyErr_Occurred()"),
    ("!value && PyErr_Occurred() && !raise_forget()", "false"),
    ("&pyon_literal, text, length", "&pyon_v1, text, length"),
)  # fmt: skip
mutate(
    "pymod/dtype.c", "py/test_numpy py/test_payload",
    ("if (end - text > DTYPE_DIGITS || *text == '0')", "if (end - text > DTYPE_DIGITS)",
     "only faster: NumPy, too, reads a size that begins with 0"),
    ("return !has_order && size == 1;", "return size == 1;"),
    ("size == 2 || size == 4 || size == 8 : size == 1", "size <= 8 : size == 1"),
)  # fmt: skip
mutate(
    "lib/write/escape_ssse3.c", "c/test_escape",
    ("special >> 12", "special >> 8"),
    ("if (vector_mask(find_special((struct vector){x}, '\"')) != special)\n            break;", ""),
    ("for (; length - i >= 16; i += 16)", "for (; length - i >= 15; i += 16)"),
    ("{{1, 3, 5, 6, 7}, 5}", "{{1, 3, 5, 7, 6}, 5}"),
)  # fmt: skip
mutate(
    "pymod/walk/plain.c", "py/test_plain py/test_v2_encode py/test_patching",
    ("        if (entry->value)\n            return true;", "        return true;"),
    ("plain->knows_entries = walker->state->knows_entries;", "plain->knows_entries = false;", "only slower"),
)  # fmt: skip
mutate(
    "pymod/strout.c", "py/test_v2_encode py/test_stream",
    ("capacity = expected;", ";", "only slower"),
)  # fmt: skip
mutate(
    "pymod/array.c", "py/test_leaks",
    ("Py_XSETREF(cache->dtypes[place].dtype, (PyObject *)dtype);", "cache->dtypes[place].dtype = (PyObject *)dtype;"),
)  # fmt: skip
mutate(
    "pymod/walk/walk.c", "py/test_leaks",
    ("walk_forget(walker);\n    if (status == 0)", "if (status == 0)"),
)  # fmt: skip
mutate(
    "pymod/walk/pieces.c", "py/test_leaks",
    ("frame_release(&frame);\n    return status;", "return status;"),
)  # fmt: skip
