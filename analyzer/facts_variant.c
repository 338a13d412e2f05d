/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as one GVariant `(uayay)`: version, strings (each ended by a zero byte), and the records as a stream
 * of variable-length numbers in which a string is where it begins plus one (0 is NULL). One function per
 * record describes its fields for both directions, so that writer and reader cannot disagree. */
#include <string.h>

#include "analyzer/facts.h"

#define VARIANT_TYPE     "(uayay)"
#define NUMBER_BYTES_MAX 10 /* 64 bits, seven in each byte */

struct archive {
    gboolean reading;
    gboolean damaged;     /* reading: the stream contradicts itself; everything after is zero */
    GByteArray *written;  /* writing */
    GHashTable *places;   /* writing: string → where it begins in `strings`, plus one */
    GByteArray *strings;  /* writing: the strings one after the other */
    const guint8 *bytes;  /* reading */
    gsize position, size; /* reading */
    const char *texts;    /* reading: the strings; the last byte is zero */
    gsize texts_size;     /* reading */
    struct fact_unit *unit;
};

static void number_write(struct archive *archive, gint64 value)
{
    guint64 rest = ((guint64)value << 1) ^ (guint64)(value >> 63);
    guint8 bytes[NUMBER_BYTES_MAX];
    guint count = 0;
    do {
        bytes[count] = rest & 0x7f;
        rest >>= 7;
        if (rest)
            bytes[count] |= 0x80;
        count++;
    } while (rest);
    g_byte_array_append(archive->written, bytes, count);
}

static gint64 number_read(struct archive *archive)
{
    guint64 rest = 0;
    if (archive->position < archive->size && archive->bytes[archive->position] < 0x80) { /* most are small */
        rest = archive->bytes[archive->position++];
        return (gint64)(rest >> 1) ^ -(gint64)(rest & 1);
    }
    for (int shift = 0; shift < 64; shift += 7) {
        if (archive->damaged || archive->position >= archive->size)
            break;
        guint8 byte = archive->bytes[archive->position++];
        rest |= (guint64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return (gint64)(rest >> 1) ^ -(gint64)(rest & 1);
    }
    archive->damaged = TRUE;
    return 0;
}

static gint64 pass_number(struct archive *archive, gint64 value)
{
    if (archive->reading)
        return number_read(archive);
    number_write(archive, value);
    return value;
}

static void pass_int64(struct archive *archive, gint64 *value)
{
    *value = pass_number(archive, *value);
}

static int pass_in_range(struct archive *archive, gint64 value, gint64 low, gint64 high)
{
    value = pass_number(archive, value);
    if (value < low || value > high) {
        archive->damaged = TRUE;
        return (int)low;
    }
    return (int)value;
}

static void pass_int(struct archive *archive, int *value)
{
    *value = pass_in_range(archive, *value, G_MININT, G_MAXINT);
}

static void pass_boolean(struct archive *archive, gboolean *value)
{
    *value = pass_in_range(archive, *value != FALSE, 0, 1);
}

static void pass_string(struct archive *archive, const char **string)
{
    if (archive->reading) {
        gint64 place = number_read(archive);
        if (place < 0 || (gsize)place > archive->texts_size)
            archive->damaged = TRUE;
        else
            *string = place ? archive->texts + place - 1 : NULL;
        return;
    }
    gpointer place = NULL;
    if (*string && !(place = g_hash_table_lookup(archive->places, *string))) {
        place = GUINT_TO_POINTER(archive->strings->len + 1);
        g_byte_array_append(archive->strings, (const guint8 *)*string, (guint)strlen(*string) + 1);
        g_hash_table_insert(archive->places, (gpointer)*string, place);
    }
    number_write(archive, GPOINTER_TO_UINT(place));
}

/* A length that the rest of the stream can hold: each element takes at least one byte. */
static guint pass_length(struct archive *archive, guint length)
{
    if (!archive->reading) {
        number_write(archive, length);
        return length;
    }
    gint64 read = number_read(archive);
    if (read < 0 || (guint64)read > archive->size - archive->position) {
        archive->damaged = TRUE;
        return 0;
    }
    return (guint)read;
}

/* Reading makes the list with room for its items. */
static struct fact_list *pass_list(struct archive *archive, struct fact_list *list)
{
    guint length = pass_length(archive, archive->reading ? 0 : list->len);
    if (!archive->reading)
        return list;
    list = arena_take(archive->unit->memory, sizeof(*list));
    list->pdata = arena_take(archive->unit->memory, length * sizeof(gpointer));
    list->len = list->capacity = length;
    return list;
}

static void pass_strings(struct archive *archive, struct fact_list **list)
{
    *list = pass_list(archive, *list);
    for (guint i = 0; i < (*list)->len && !archive->damaged; i++) {
        const char *string = (*list)->pdata[i];
        pass_string(archive, &string);
        (*list)->pdata[i] = (gpointer)string;
        archive->damaged |= string == NULL;
    }
}

static void pass_argument(struct archive *archive, gpointer data)
{
    struct fact_argument *argument = data;
    argument->kind = pass_in_range(archive, argument->kind, ARGUMENT_OTHER, ARGUMENT_PATH);
    pass_int64(archive, &argument->integer);
    pass_string(archive, &argument->text);
    pass_string(archive, &argument->type);
    pass_string(archive, &argument->place);
    pass_string(archive, &argument->index);
}

static void pass_test(struct archive *archive, struct fact_test *test)
{
    pass_string(archive, &test->subject);
    test->relation = pass_in_range(archive, test->relation, RELATION_NONE, RELATION_AT_LEAST);
    pass_int64(archive, &test->constant);
}

static void pass_records(struct archive *archive, struct fact_list **list, gsize size_bytes,
                         void (*pass)(struct archive *, gpointer))
{
    *list = pass_list(archive, *list);
    guint8 *records = archive->reading ? arena_take(archive->unit->memory, (*list)->len * size_bytes) : NULL;
    for (guint i = 0; i < (*list)->len && !archive->damaged; i++) {
        if (records)
            (*list)->pdata[i] = records + i * size_bytes;
        pass(archive, (*list)->pdata[i]);
    }
}

static void pass_event(struct archive *archive, gpointer data)
{
    struct fact_event *event = data;
    event->kind = pass_in_range(archive, event->kind, EVENT_CALL, EVENT_ASSIGN);
    pass_int(archive, &event->file);
    pass_int(archive, &event->line);
    pass_int(archive, &event->end_line);
    pass_int(archive, &event->column);
    pass_int(archive, &event->block);
    pass_int(archive, &event->loop);
    pass_string(archive, &event->callee);
    pass_string(archive, &event->path);
    if (event->kind == EVENT_ASSIGN) {
        pass_boolean(archive, &event->has_value);
        pass_test(archive, &event->test);
    } else if (event->kind != EVENT_CALL) {
        pass_string(archive, &event->place);
    }
    if (event->kind != EVENT_CALL)
        return;
    pass_string(archive, &event->via);
    pass_string(archive, &event->signature);
    pass_string(archive, &event->result);
    pass_boolean(archive, &event->checked);
    pass_records(archive, &event->arguments, sizeof(struct fact_argument), pass_argument);
}

static void pass_loop(struct archive *archive, gpointer data)
{
    struct fact_loop *loop = data;
    pass_int(archive, &loop->line);
    pass_int(archive, &loop->end_line);
    pass_int(archive, &loop->file);
    pass_int(archive, &loop->parent);
    pass_int64(archive, &loop->trip_count);
    pass_boolean(archive, &loop->has_exit);
    loop->dependence = pass_in_range(archive, loop->dependence, ITERATIONS_UNKNOWN, ITERATIONS_DEPENDENT);
    pass_string(archive, &loop->carried);
    pass_int(archive, &loop->operations);
}

static void pass_case(struct archive *archive, gpointer data)
{
    struct fact_case *label = data;
    pass_int(archive, &label->block);
    pass_int64(archive, &label->value);
}

static void pass_block(struct archive *archive, gpointer data)
{
    struct fact_block *block = data;
    pass_int(archive, &block->loop);
    int hint = (block->unlikely + 1) * 32 + (block->cases ? 16 : 0) + (block->when_true >= 0 ? 8 : 0) +
               (block->stops ? 4 : 0) + (block->rare ? 2 : 0) + (block->fails ? 1 : 0);
    hint = pass_in_range(archive, hint, 0, G_MAXINT);
    block->unlikely = hint / 32 - 1;
    block->stops = (hint & 4) != 0;
    block->rare = (hint & 2) != 0;
    block->fails = hint & 1;
    if (hint & (16 | 8))
        pass_test(archive, &block->test);
    block->when_true = hint & 8 ? pass_in_range(archive, block->when_true, 0, G_MAXINT) : -1;
    block->when_false = hint & 8 ? pass_in_range(archive, block->when_false, 0, G_MAXINT) : -1;
    if (hint & 16)
        pass_records(archive, &block->cases, sizeof(struct fact_case), pass_case);
    guint length = pass_length(archive, archive->reading ? 0 : block->successors->len);
    if (archive->reading) {
        block->successors = arena_take(archive->unit->memory, sizeof(*block->successors));
        block->successors->data = arena_take(archive->unit->memory, length * sizeof(int));
        block->successors->len = block->successors->capacity = length;
    }
    for (guint i = 0; i < length && !archive->damaged; i++)
        pass_int(archive, &block->successors->data[i]);
}

static void pass_function(struct archive *archive, gpointer data)
{
    struct fact_function *function = data;
    pass_string(archive, &function->key);
    pass_string(archive, &function->name);
    pass_string(archive, &function->file);
    pass_int(archive, &function->line);
    pass_int(archive, &function->end_line);
    pass_boolean(archive, &function->is_static);
    pass_boolean(archive, &function->variadic);
    pass_string(archive, &function->signature);
    pass_int(archive, &function->operations);
    pass_strings(archive, &function->parameters);
    pass_strings(archive, &function->comparisons);
    pass_records(archive, &function->blocks, sizeof(struct fact_block), pass_block);
    pass_records(archive, &function->loops, sizeof(struct fact_loop), pass_loop);
    pass_records(archive, &function->events, sizeof(struct fact_event), pass_event);
}

static void pass_value(struct archive *archive, gpointer data)
{
    struct fact_function_value *value = data;
    pass_string(archive, &value->path);
    pass_string(archive, &value->function);
    pass_string(archive, &value->signature);
    pass_int(archive, &value->file);
    pass_int(archive, &value->line);
}

static void pass_flow(struct archive *archive, gpointer data)
{
    struct fact_function_flow *flow = data;
    pass_string(archive, &flow->path);
    pass_string(archive, &flow->source);
    pass_int(archive, &flow->file);
    pass_int(archive, &flow->line);
    pass_boolean(archive, &flow->otherwise);
}

static void pass_constant(struct archive *archive, gpointer data)
{
    struct fact_number *number = data;
    pass_string(archive, &number->path);
    pass_int64(archive, &number->value);
    pass_string(archive, &number->place);
    pass_int(archive, &number->file);
    pass_int(archive, &number->line);
}

static void pass_variable(struct archive *archive, gpointer data)
{
    struct fact_variable *variable = data;
    pass_string(archive, &variable->path);
    pass_string(archive, &variable->type);
    pass_int(archive, &variable->element_bytes);
    pass_int(archive, &variable->file);
    pass_int(archive, &variable->line);
    pass_boolean(archive, &variable->is_lock);
    variable->lock = pass_in_range(archive, variable->lock, 0, LOCK_KIND_COUNT - 1);
    pass_boolean(archive, &variable->is_const);
    pass_boolean(archive, &variable->is_thread_local);
    pass_boolean(archive, &variable->is_atomic);
    pass_boolean(archive, &variable->is_volatile);
}

static void pass_unit(struct archive *archive, struct fact_unit *unit)
{
    pass_string(archive, &unit->file);
    pass_string(archive, &unit->error);
    pass_strings(archive, &unit->files);
    pass_strings(archive, &unit->dependencies);
    pass_records(archive, &unit->functions, sizeof(struct fact_function), pass_function);
    pass_records(archive, &unit->variables, sizeof(struct fact_variable), pass_variable);
    pass_records(archive, &unit->values, sizeof(struct fact_function_value), pass_value);
    pass_records(archive, &unit->flows, sizeof(struct fact_function_flow), pass_flow);
    pass_records(archive, &unit->descriptors, sizeof(struct fact_function_flow), pass_flow);
    pass_records(archive, &unit->numbers, sizeof(struct fact_number), pass_constant);
}

static GVariant *bytes_variant(GByteArray *array)
{
    gsize size = array->len;
    guint8 *bytes = g_byte_array_free(array, FALSE);
    return g_variant_new_from_data(G_VARIANT_TYPE_BYTESTRING, bytes, size, TRUE, g_free, bytes);
}

GVariant *facts_to_variant(const struct fact_unit *unit)
{
    struct archive archive = {
        .written = g_byte_array_new(),
        .places = g_hash_table_new(g_str_hash, g_str_equal),
        .strings = g_byte_array_new(),
    };
    pass_unit(&archive, (struct fact_unit *)unit); /* writing changes nothing */
    g_hash_table_unref(archive.places);
    GVariant *children[] = {
        g_variant_new_uint32(FACTS_VERSION),
        bytes_variant(archive.strings),
        bytes_variant(archive.written),
    };
    return g_variant_new_tuple(children, G_N_ELEMENTS(children));
}

/* Every index that readers of facts follow without looking must be inside its array. */
static gboolean indexes_valid(const struct fact_unit *unit)
{
    int files = (int)unit->files->len;
    for (guint f = 0; f < unit->functions->len; f++) {
        const struct fact_function *function = unit->functions->pdata[f];
        int blocks = (int)function->blocks->len, loops = (int)function->loops->len;
        if (!function->key || !function->name || !function->file)
            return FALSE;
        for (int i = 0; i < loops; i++) {
            const struct fact_loop *loop = function->loops->pdata[i];
            if (loop->parent < -1 || loop->parent >= i || loop->file < 0 || loop->file >= files)
                return FALSE;
        }
        for (int i = 0; i < blocks; i++) {
            const struct fact_block *block = function->blocks->pdata[i];
            if (block->loop < -1 || block->loop >= loops || block->when_true >= blocks ||
                block->when_false >= blocks || block->unlikely >= blocks)
                return FALSE;
            for (guint s = 0; s < block->successors->len; s++) {
                int successor = block->successors->data[s];
                if (successor < 0 || successor >= blocks)
                    return FALSE;
            }
        }
        for (guint i = 0; i < function->events->len; i++) {
            const struct fact_event *event = function->events->pdata[i];
            if (event->file < 0 || event->file >= files || event->loop < -1 || event->loop >= loops ||
                event->block < 0 || event->block >= blocks)
                return FALSE;
        }
    }
    return TRUE;
}

struct fact_unit *facts_from_variant(GVariant *variant)
{
    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(VARIANT_TYPE)))
        return NULL;
    /* children of damaged values are zeroes and empty arrays: no unit is that short */
    g_autoptr(GVariant) version = g_variant_get_child_value(variant, 0);
    g_autoptr(GVariant) strings = g_variant_get_child_value(variant, 1);
    g_autoptr(GVariant) stream = g_variant_get_child_value(variant, 2);
    if (g_variant_get_uint32(version) != FACTS_VERSION)
        return NULL;
    struct fact_unit *unit = fact_unit_new(NULL);
    struct archive archive = {.reading = TRUE, .unit = unit};
    archive.texts = g_variant_get_fixed_array(strings, &archive.texts_size, 1);
    archive.bytes = g_variant_get_fixed_array(stream, &archive.size, 1);
    archive.damaged = archive.texts_size == 0 || archive.texts[archive.texts_size - 1] != '\0';
    unit->source = g_variant_ref(strings);
    pass_unit(&archive, unit);
    if (archive.damaged || archive.position != archive.size || !unit->file || !indexes_valid(unit))
        g_clear_pointer(&unit, fact_unit_free);
    return unit;
}
