# SPDX-License-Identifier: LGPL-3.0-or-later
"""Mistakes that one might make in lib/, by file, with the tests that should notice."""

from mutations import mutate

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
    ("memset(copy, ' ', sizeof copy);", ";"),
    ("if (most >= PLAIN_SIZE)\n            size = PLAIN_SIZE;", "", "only slower: one vector in a step"),
)  # fmt: skip
mutate(
    "lib/write/escape_beyond_ssse3.c", "c/test_escape",
    ("{12, 13, 0, 1, 2, 3, 10},", "{12, 13, 0, 1, 2, 3, 8},"),
    ("{2, 7, 7, 12},", "{2, 7, 6, 12},"),
    ("if (PYON_LIKELY(!has_special(x, ascii)))", "if (true)"),
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
    "lib/number/reals_avx512.c", "c/test_reals",
    ("ALL(0x1ff)), ALL(0x1ff)", "ALL(0x3ff)), ALL(0x3ff)"),
    ("_mm512_testn_epi64_mask(rest, rest) |", ""),
    ("ALL(22)) &", "ALL(31)) &"),
    ("<< (FRACTION_BITS + 1)));", "<< (FRACTION_BITS + 2)));"),
    ("| is_long |", "|"),
    ("empty | ", ""),
    ("if (PYON_UNLIKELY(has_foreign(block) || at == 0))", "if (PYON_UNLIKELY(has_foreign(block)))"),
    ("is_large | begin_with_zero", "begin_with_zero"),
    ("(BLOCK - 1) | carried;", "(BLOCK - 1);"),
    (" & ~carried;", ";", "then a number after two spaces is read, which is right, too"),
    ("#define LONGEST (WIDTH - 2)", "#define LONGEST (WIDTH - 1)",
     "a number that seems to lie elsewhere has a comma among its digits: so it is left to the caller"),
    ("#define LONGEST (WIDTH - 2)", "#define LONGEST (WIDTH - 3)"),
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
    "lib/lex/unescape_ssse3.c", "c/test_unescape",
    ("#define ESCAPE 6", "#define ESCAPE 5"),
    ("starts &= (UINT64_C(1) << left) - 1;", ";"),
    ("return (struct window){starts, size,", "return (struct window){starts, WINDOW,"),
    ("_mm_or_si128(characters, capital)", "_mm_or_si128(characters, _mm_set1_epi8(0x20))"),
    ("_mm_andnot_si128(right, escapes)", "_mm_setzero_si128()"),
    ("_mm_cmpgt_epi32(first, _mm_set1_epi32(0x7f))", "_mm_setzero_si128()"),
    ("_mm_andnot_si128(escapes, _mm_cmpeq_epi32(first, _mm_set1_epi32('\\\\')))", "_mm_setzero_si128()"),
    ("json ? 0xd800 : '\\r'", "json ? 0xd800 : 0x7f0000"),
    ("json ? 0xd800 : '\\r'", "json ? 0xf800 : '\\r'"),
    ("width == 1 ? 0xff : 0xffff", "width == 1 ? 0xffff : 0xffff"),
    ("_mm_and_si128(values, load(lanes + UNITS - count))", "values"),
    ("place->p += places[count];", "place->p += places[0];"),
)  # fmt: skip
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
    "lib/read/read_run.c", "c/test_parser c/test_cases c/portable_cases c/test_run",
    ("p += strspn(p, \" \");", ";"),
    ("*count += read;", ";"),
    (" || number.kind == PYON_NUMBER_BIGINT)", ")"),
    ("innermost(parser)->count += count;", ";"),
    ("parser->comma = offset_of(parser, comma);", ";"),
    ("p = skip_lines(&lexer, p);\n        if (!reads_wide(&lexer, p))\n            break;", "p = skip_lines(&lexer, p);"),
)  # fmt: skip
mutate(
    "lib/error.c", "c/test_cases",
    ("code == PYON_ERROR_OVERFLOW || code == PYON_ERROR_UNDEFINED;", "code == PYON_ERROR_UNDEFINED;"),
)  # fmt: skip


mutate(
    "lib/write/escape_ssse3.c", "c/test_escape",
    ("special >> 12", "special >> 8"),
    ("if (vector_mask(find_special((struct vector){x}, '\"')) != special)\n            break;", ""),
    ("for (; length - i >= 16; i += 16)", "for (; length - i >= 15; i += 16)"),
    ("{1, 3, 5, 6, 7}", "{1, 3, 5, 7, 6}"),
)  # fmt: skip
