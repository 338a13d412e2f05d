/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as one GVariant `(uayay)`: version, strings (each ended by a zero byte), and the records as a stream
 * of variable-length numbers in which a string is its index plus one (0 is NULL). One function per record
 * describes its fields for both directions, so that writer and reader cannot disagree. */
#include <string.h>

#include "analyzer/facts.h"

#define VARIANT_TYPE     "(uayay)"
#define NUMBER_BYTES_MAX 10 /* 64 bits, seven in each byte */

struct archive {
    gboolean reading;
    gboolean damaged;     /* reading: the stream contradicts itself; everything after is zero */
    GByteArray *written;  /* writing */
    GHashTable *indexes;  /* writing: string → index + 1 */
    GByteArray *strings;  /* writing: the strings one after the other */
    const guint8 *bytes;  /* reading */
    gsize position, size; /* reading */
    const char **table;   /* reading */
    gsize table_size;     /* reading */
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

static void pass_string(struct archive *archive, char **string)
{
    if (archive->reading) {
        gint64 index = number_read(archive);
        if (index < 0 || (gsize)index > archive->table_size)
            archive->damaged = TRUE;
        else
            *string = index ? g_strdup(archive->table[index - 1]) : NULL;
        return;
    }
    gpointer index = NULL;
    if (*string && !(index = g_hash_table_lookup(archive->indexes, *string))) {
        g_byte_array_append(archive->strings, (const guint8 *)*string, (guint)strlen(*string) + 1);
        index = GUINT_TO_POINTER(g_hash_table_size(archive->indexes) + 1);
        g_hash_table_insert(archive->indexes, *string, index);
    }
    number_write(archive, GPOINTER_TO_INT(index));
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

static void pass_strings(struct archive *archive, GPtrArray *strings)
{
    guint length = pass_length(archive, strings->len);
    for (guint i = 0; i < length && !archive->damaged; i++) {
        char *string = archive->reading ? NULL : strings->pdata[i];
        pass_string(archive, &string);
        if (!archive->reading)
            continue;
        if (string)
            g_ptr_array_add(strings, string);
        else
            archive->damaged = TRUE;
    }
}

static void pass_argument(struct archive *archive, gpointer data)
{
    struct fact_argument *argument = data;
    argument->kind = pass_in_range(archive, argument->kind, ARGUMENT_OTHER, ARGUMENT_PATH);
    pass_int64(archive, &argument->integer);
    pass_string(archive, &argument->text);
    pass_string(archive, &argument->type);
}

static void pass_records(struct archive *archive, GPtrArray *records,
                         void (*pass)(struct archive *, gpointer), gpointer (*create)(void))
{
    guint length = pass_length(archive, records->len);
    for (guint i = 0; i < length && !archive->damaged; i++) {
        if (archive->reading)
            g_ptr_array_add(records, create());
        pass(archive, records->pdata[i]);
    }
}

static gpointer create_argument(void)
{
    return fact_argument_new();
}

static void pass_event(struct archive *archive, gpointer data)
{
    struct fact_event *event = data;
    event->kind = pass_in_range(archive, event->kind, EVENT_CALL, EVENT_ATOMIC);
    pass_int(archive, &event->file);
    pass_int(archive, &event->line);
    pass_int(archive, &event->end_line);
    pass_int(archive, &event->column);
    pass_int(archive, &event->block);
    pass_int(archive, &event->loop);
    pass_string(archive, &event->callee);
    pass_string(archive, &event->path);
    if (event->kind != EVENT_CALL)
        return;
    pass_string(archive, &event->via);
    pass_string(archive, &event->signature);
    pass_string(archive, &event->result);
    pass_boolean(archive, &event->checked);
    if (!event->arguments) {
        struct fact_event *shape = fact_event_new(EVENT_CALL);
        event->arguments = g_steal_pointer(&shape->arguments);
        g_free(shape);
    }
    pass_records(archive, event->arguments, pass_argument, create_argument);
}

static gpointer create_event(void)
{
    return fact_event_new(EVENT_READ); /* the kind is read next */
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

static gpointer create_loop(void)
{
    return fact_loop_new();
}

static void pass_block(struct archive *archive, gpointer data)
{
    struct fact_block *block = data;
    pass_int(archive, &block->loop);
    int hint =
        (block->unlikely + 1) * 8 + (block->stops ? 4 : 0) + (block->rare ? 2 : 0) + (block->fails ? 1 : 0);
    hint = pass_in_range(archive, hint, 0, G_MAXINT);
    block->unlikely = hint / 8 - 1;
    block->stops = (hint & 4) != 0;
    block->rare = (hint & 2) != 0;
    block->fails = hint & 1;
    guint length = pass_length(archive, block->successors->len);
    for (guint i = 0; i < length && !archive->damaged; i++) {
        int successor = archive->reading ? 0 : g_array_index(block->successors, int, i);
        pass_int(archive, &successor);
        if (archive->reading)
            g_array_append_val(block->successors, successor);
    }
}

static gpointer create_block(void)
{
    return fact_block_new();
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
    pass_strings(archive, function->parameters);
    pass_records(archive, function->blocks, pass_block, create_block);
    pass_records(archive, function->loops, pass_loop, create_loop);
    pass_records(archive, function->events, pass_event, create_event);
}

static gpointer create_function(void)
{
    return fact_function_new();
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

static gpointer create_value(void)
{
    return fact_function_value_new();
}

static void pass_flow(struct archive *archive, gpointer data)
{
    struct fact_function_flow *flow = data;
    pass_string(archive, &flow->path);
    pass_string(archive, &flow->source);
    pass_int(archive, &flow->file);
    pass_int(archive, &flow->line);
}

static gpointer create_flow(void)
{
    return fact_function_flow_new();
}

static void pass_variable(struct archive *archive, gpointer data)
{
    struct fact_variable *variable = data;
    pass_string(archive, &variable->path);
    pass_string(archive, &variable->type);
    pass_int(archive, &variable->file);
    pass_int(archive, &variable->line);
    pass_boolean(archive, &variable->is_lock);
    variable->lock = pass_in_range(archive, variable->lock, 0, LOCK_KIND_COUNT - 1);
    pass_boolean(archive, &variable->is_const);
    pass_boolean(archive, &variable->is_thread_local);
    pass_boolean(archive, &variable->is_atomic);
    pass_boolean(archive, &variable->is_volatile);
}

static gpointer create_variable(void)
{
    return fact_variable_new();
}

static void pass_unit(struct archive *archive, struct fact_unit *unit)
{
    pass_string(archive, &unit->file);
    pass_string(archive, &unit->error);
    pass_strings(archive, unit->files);
    pass_strings(archive, unit->dependencies);
    pass_records(archive, unit->functions, pass_function, create_function);
    pass_records(archive, unit->variables, pass_variable, create_variable);
    pass_records(archive, unit->values, pass_value, create_value);
    pass_records(archive, unit->flows, pass_flow, create_flow);
    pass_records(archive, unit->descriptors, pass_flow, create_flow);
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
        .indexes = g_hash_table_new(g_str_hash, g_str_equal),
        .strings = g_byte_array_new(),
    };
    pass_unit(&archive, (struct fact_unit *)unit); /* writing changes nothing */
    g_hash_table_unref(archive.indexes);
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
            if (block->loop < -1 || block->loop >= loops || block->unlikely >= blocks)
                return FALSE;
            for (guint s = 0; s < block->successors->len; s++) {
                int successor = g_array_index(block->successors, int, s);
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

/* Where each string begins; what follows the last zero byte is no string. */
static const char **string_table(GVariant *strings, gsize *count)
{
    gsize size = 0;
    const char *bytes = g_variant_get_fixed_array(strings, &size, 1);
    GPtrArray *table = g_ptr_array_new();
    const char *end = bytes + size;
    for (const char *start = bytes, *zero; start < end && (zero = memchr(start, '\0', (gsize)(end - start)));
         start = zero + 1)
        g_ptr_array_add(table, (char *)start);
    *count = table->len;
    return (const char **)g_ptr_array_free(table, FALSE);
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
    struct archive archive = {.reading = TRUE};
    g_autofree const char **table = string_table(strings, &archive.table_size);
    archive.table = table;
    archive.bytes = g_variant_get_fixed_array(stream, &archive.size, 1);
    struct fact_unit *unit = fact_unit_new(NULL);
    pass_unit(&archive, unit);
    if (archive.damaged || archive.position != archive.size || !unit->file || !indexes_valid(unit))
        g_clear_pointer(&unit, fact_unit_free);
    return unit;
}
