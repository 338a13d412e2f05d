/* SPDX-License-Identifier: Apache-2.0 */
/* Call stacks as a pprof profile: a gzip-compressed protocol buffer (profile.proto). One sample per stack and
 * state; what ran, what was blocked, what was idle and what waited for a core are types of values beside each
 * other. */
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "profile.pb-c.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/stack_time.h"

typedef Perftools__Profiles__Profile Profile;
typedef Perftools__Profiles__Sample Sample;
typedef Perftools__Profiles__ValueType ValueType;
typedef Perftools__Profiles__Label Label;
typedef Perftools__Profiles__Mapping Mapping;
typedef Perftools__Profiles__Location Location;
typedef Perftools__Profiles__Line Line;
typedef Perftools__Profiles__Function Function;

enum value { VALUE_SAMPLES, VALUE_CPU, VALUE_WAITS, VALUE_BLOCKED, VALUE_IDLE, VALUE_RUNNABLE, VALUE_COUNT };
static const struct {
    const char *type, *unit;
} values[VALUE_COUNT] = {
    [VALUE_SAMPLES] = {"samples", "count"}, [VALUE_CPU] = {"cpu", "nanoseconds"},
    [VALUE_WAITS] = {"waits", "count"},     [VALUE_BLOCKED] = {"blocked", "nanoseconds"},
    [VALUE_IDLE] = {"idle", "nanoseconds"}, [VALUE_RUNNABLE] = {"runnable", "nanoseconds"},
};

/* The parts of the message while it grows; tables map what is written once to its number. */
struct profile_builder {
    GPtrArray *samples, *mappings, *locations, *functions, *strings;
    GHashTable *string_numbers, *mapping_numbers, *location_numbers, *function_numbers;
};

static gint64 string_number(struct profile_builder *builder, const char *raw)
{
    g_autofree char *text = escape_text(raw);
    gpointer number = NULL;
    if (g_hash_table_lookup_extended(builder->string_numbers, text, NULL, &number))
        return GPOINTER_TO_INT(number);
    g_ptr_array_add(builder->strings, g_strdup(text));
    g_hash_table_insert(builder->string_numbers, g_steal_pointer(&text),
                        GINT_TO_POINTER((int)builder->strings->len - 1));
    return builder->strings->len - 1;
}

static guint64 mapping_number(struct profile_builder *builder, const char *module)
{
    if (!module)
        return 0;
    guint64 known = GPOINTER_TO_UINT(g_hash_table_lookup(builder->mapping_numbers, module));
    if (known)
        return known;
    Mapping *mapping = g_new(Mapping, 1);
    perftools__profiles__mapping__init(mapping);
    mapping->id = builder->mappings->len + 1;
    mapping->filename = string_number(builder, module);
    mapping->has_functions = mapping->has_filenames = mapping->has_line_numbers = TRUE; /* symbolised here */
    g_ptr_array_add(builder->mappings, mapping);
    g_hash_table_insert(builder->mapping_numbers, g_strdup(module), GUINT_TO_POINTER((guint)mapping->id));
    return mapping->id;
}

static guint64 function_number(struct profile_builder *builder, const char *name, const char *file)
{
    g_autofree char *key = g_strdup_printf("%s\n%s", name, file ? file : "");
    guint64 known = GPOINTER_TO_UINT(g_hash_table_lookup(builder->function_numbers, key));
    if (known)
        return known;
    Function *function = g_new(Function, 1);
    perftools__profiles__function__init(function);
    function->id = builder->functions->len + 1;
    function->name = string_number(builder, name);
    function->filename = string_number(builder, file);
    g_ptr_array_add(builder->functions, function);
    g_hash_table_insert(builder->function_numbers, g_steal_pointer(&key),
                        GUINT_TO_POINTER((guint)function->id));
    return function->id;
}

static guint64 location_number(struct profile_builder *builder, const struct call_frame *frame)
{
    const char *name = frame->function ? frame->function : "[unknown]";
    g_autofree char *key = g_strdup_printf("%s\n%s\n%d\n%s", name, frame->file ? frame->file : "",
                                           frame->line, frame->module ? frame->module : "");
    guint64 known = GPOINTER_TO_UINT(g_hash_table_lookup(builder->location_numbers, key));
    if (known)
        return known;
    Location *location = g_new(Location, 1);
    Line *line = g_new(Line, 1);
    perftools__profiles__location__init(location);
    perftools__profiles__line__init(line);
    line->function_id = function_number(builder, name, frame->file);
    line->line = frame->line;
    location->id = builder->locations->len + 1;
    location->mapping_id = mapping_number(builder, frame->module);
    location->n_line = 1;
    location->line = g_new(Line *, 1);
    location->line[0] = line;
    g_ptr_array_add(builder->locations, location);
    g_hash_table_insert(builder->location_numbers, g_steal_pointer(&key),
                        GUINT_TO_POINTER((guint)location->id));
    return location->id;
}

static void add_label(struct profile_builder *builder, Sample *sample, const char *key, const char *text)
{
    if (!text)
        return;
    Label *label = g_new(Label, 1);
    perftools__profiles__label__init(label);
    label->key = string_number(builder, key);
    label->str = string_number(builder, text);
    sample->label = g_renew(Label *, sample->label, sample->n_label + 1);
    sample->label[sample->n_label++] = label;
}

static void fill_values(const struct stack_time *time, gint64 *into)
{
    static const enum value seconds[STACK_STATE_COUNT] = {[STACK_RUNNING] = VALUE_CPU,
                                                          [STACK_RUNNABLE] = VALUE_RUNNABLE,
                                                          [STACK_BLOCKED] = VALUE_BLOCKED,
                                                          [STACK_IDLE] = VALUE_IDLE};
    into[seconds[time->state]] = llround(time->seconds * 1e9);
    if (time->state != STACK_RUNNABLE)
        into[time->state == STACK_RUNNING ? VALUE_SAMPLES : VALUE_WAITS] = (gint64)time->count;
}

static void add_sample(struct profile_builder *builder, const struct stack_time *time)
{
    Sample *sample = g_new(Sample, 1);
    perftools__profiles__sample__init(sample);
    g_autofree char *leaf = stack_time_leaf(time);
    struct call_frame below = {.function = leaf};
    sample->location_id = g_new(uint64_t, time->frames->len + 1);
    if (leaf)
        sample->location_id[sample->n_location_id++] = location_number(builder, &below);
    for (guint i = time->frames->len; i > 0; i--)
        sample->location_id[sample->n_location_id++] =
            location_number(builder, g_ptr_array_index(time->frames, i - 1));
    sample->value = g_new0(int64_t, VALUE_COUNT);
    sample->n_value = VALUE_COUNT;
    fill_values(time, sample->value);
    add_label(builder, sample, "threads", time->group);
    add_label(builder, sample, "cause", time->cause);
    g_ptr_array_add(builder->samples, sample);
}

/* pprof calls the first mapping the program: that of main, not that of the first stack. */
static void map_program(struct profile_builder *builder, const GPtrArray *times)
{
    for (guint i = 0; i < times->len; i++) {
        const GPtrArray *frames = ((const struct stack_time *)g_ptr_array_index(times, i))->frames;
        for (guint k = 0; k < frames->len; k++) {
            const struct call_frame *frame = g_ptr_array_index(frames, k);
            if (g_strcmp0(frame->function, "main") != 0)
                continue;
            mapping_number(builder, frame->module);
            return;
        }
    }
}

static ValueType **value_types(struct profile_builder *builder)
{
    ValueType **types = g_new(ValueType *, VALUE_COUNT);
    for (int i = 0; i < VALUE_COUNT; i++) {
        types[i] = g_new(ValueType, 1);
        perftools__profiles__value_type__init(types[i]);
        types[i]->type = string_number(builder, values[i].type);
        types[i]->unit = string_number(builder, values[i].unit);
    }
    return types;
}

/* The elements as the message wants them; the array itself is gone then. */
static gpointer *take_elements(GPtrArray *array, gsize *count)
{
    *count = array->len;
    return g_ptr_array_free(array, FALSE);
}

static Profile *build_profile(struct profile_builder *builder, const struct run *run, const GPtrArray *times)
{
    Profile *profile = g_new(Profile, 1);
    perftools__profiles__profile__init(profile);
    string_number(builder, ""); /* the format wants it first */
    profile->sample_type = value_types(builder);
    profile->n_sample_type = VALUE_COUNT;
    map_program(builder, times);
    for (guint i = 0; i < times->len; i++)
        add_sample(builder, g_ptr_array_index(times, i));
    profile->comment = g_new(int64_t, 1);
    profile->n_comment = 1;
    profile->comment[0] = string_number(builder, run->command);
    profile->default_sample_type = string_number(builder, values[VALUE_CPU].type);
    profile->time_nanos = run->started_us * 1000;
    profile->duration_nanos = llround(run->seconds * 1e9);
    profile->sample = (Sample **)take_elements(builder->samples, &profile->n_sample);
    profile->mapping = (Mapping **)take_elements(builder->mappings, &profile->n_mapping);
    profile->location = (Location **)take_elements(builder->locations, &profile->n_location);
    profile->function = (Function **)take_elements(builder->functions, &profile->n_function);
    profile->string_table = (char **)take_elements(builder->strings, &profile->n_string_table);
    return profile;
}

static gboolean append_compressed(GString *out, const guint8 *bytes, gsize size, GError **error)
{
    g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
    g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
    g_autoptr(GOutputStream) stream = g_converter_output_stream_new(memory, G_CONVERTER(gzip));
    if (!g_output_stream_write_all(stream, bytes, size, NULL, NULL, error) ||
        !g_output_stream_close(stream, NULL, error))
        return FALSE;
    GMemoryOutputStream *done = G_MEMORY_OUTPUT_STREAM(memory);
    g_string_append_len(out, g_memory_output_stream_get_data(done),
                        (gssize)g_memory_output_stream_get_data_size(done));
    return TRUE;
}

static gboolean pprof_render(const struct session *session, const struct report_options *options,
                             GString *out, GError **error)
{
    (void)options;
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(GPtrArray) times = stack_times_of(index, error);
    if (!times)
        return FALSE;
    g_autoptr(GHashTable) strings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) mappings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) locations = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) functions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct profile_builder builder = {g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(),
                                      g_ptr_array_new(), g_ptr_array_new(), strings,
                                      mappings,          locations,         functions};
    Profile *profile = build_profile(&builder, index->run, times);
    gsize size = perftools__profiles__profile__get_packed_size(profile);
    g_autofree guint8 *bytes = g_malloc(size);
    perftools__profiles__profile__pack(profile, bytes);
    /* Everything in it came from GLib, whose memory is malloc's. */
    perftools__profiles__profile__free_unpacked(profile, NULL);
    return append_compressed(out, bytes, size, error);
}

const struct format format_pprof = {"pprof", "call stacks for pprof: a compressed protocol buffer",
                                    pprof_render, TRUE};
