# SPDX-License-Identifier: LGPL-3.0-or-later
"""Mistakes that one might make in pymod/, by file, with the tests that should notice."""
from mutations import mutate

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
