/* SPDX-License-Identifier: Apache-2.0 */
/* Call stacks for speedscope (www.speedscope.app/file-format-schema.json): a profile of the time on the core
 * and one of the time off it, whose stacks begin with the group of threads. */
#include "reports/formats.h"
#include "reports/json_emit.h"
#include "reports/stack_time.h"

/* The frames of all profiles, each once. */
struct frame_table {
    GHashTable *numbers; /* name and file → number + 1 */
    GPtrArray *names;    /* borrowed from the keys */
    GPtrArray *files;    /* borrowed from the session; NULL: none */
};

static int frame_number(struct frame_table *table, const char *name, const char *file)
{
    g_autofree char *key = g_strdup_printf("%s\n%s", name, file ? file : "");
    int number = GPOINTER_TO_INT(g_hash_table_lookup(table->numbers, key));
    if (number)
        return number - 1;
    g_ptr_array_add(table->names, g_strdup(name));
    g_ptr_array_add(table->files, (gpointer)file);
    g_hash_table_insert(table->numbers, g_steal_pointer(&key), GINT_TO_POINTER((int)table->names->len));
    return (int)table->names->len - 1;
}

static void emit_stack(JsonBuilder *builder, struct frame_table *table, const struct stack_time *time)
{
    json_builder_begin_array(builder);
    json_builder_add_int_value(builder, frame_number(table, time->group, NULL));
    for (guint i = 0; i < time->frames->len; i++) {
        const struct call_frame *frame = g_ptr_array_index(time->frames, i);
        const char *name = frame->function ? frame->function : "[unknown]";
        json_builder_add_int_value(builder, frame_number(table, name, frame->file));
    }
    g_autofree char *leaf = stack_time_leaf(time);
    if (leaf)
        json_builder_add_int_value(builder, frame_number(table, leaf, NULL));
    json_builder_end_array(builder);
}

static void emit_profile(JsonBuilder *builder, struct frame_table *table, const char *name,
                         const GPtrArray *times, const gboolean *states)
{
    double sum = 0;
    json_builder_begin_object(builder);
    json_emit_text(builder, "type", "sampled");
    json_emit_text(builder, "name", name);
    json_emit_text(builder, "unit", "seconds");
    json_builder_set_member_name(builder, "samples");
    json_builder_begin_array(builder);
    for (guint i = 0; i < times->len; i++) {
        const struct stack_time *time = g_ptr_array_index(times, i);
        if (states[time->state])
            emit_stack(builder, table, time);
    }
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "weights");
    json_builder_begin_array(builder);
    for (guint i = 0; i < times->len; i++) {
        const struct stack_time *time = g_ptr_array_index(times, i);
        if (!states[time->state])
            continue;
        json_builder_add_double_value(builder, time->seconds);
        sum += time->seconds;
    }
    json_builder_end_array(builder);
    json_emit_integer(builder, "startValue", 0);
    json_emit_number(builder, "endValue", sum);
    json_builder_end_object(builder);
}

static void emit_frames(JsonBuilder *builder, const struct frame_table *table)
{
    json_emit_begin(builder, "shared");
    json_builder_set_member_name(builder, "frames");
    json_builder_begin_array(builder);
    for (guint i = 0; i < table->names->len; i++) {
        json_builder_begin_object(builder);
        json_emit_text(builder, "name", g_ptr_array_index(table->names, i));
        if (g_ptr_array_index(table->files, i))
            json_emit_text(builder, "file", g_ptr_array_index(table->files, i));
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static void emit_file(JsonBuilder *builder, const struct report_index *index, const GPtrArray *times,
                      gboolean idle_too)
{
    static const gboolean on_core[STACK_STATE_COUNT] = {[STACK_RUNNING] = TRUE};
    const gboolean off_core[STACK_STATE_COUNT] = {
        [STACK_RUNNABLE] = TRUE, [STACK_BLOCKED] = TRUE, [STACK_IDLE] = idle_too};
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    struct frame_table table = {numbers, names, files};
    json_builder_begin_object(builder);
    json_emit_text(builder, "$schema", "https://www.speedscope.app/file-format-schema.json");
    json_emit_text(builder, "exporter", "corewise " COREWISE_VERSION);
    json_emit_text(builder, "name", index->run->command);
    json_builder_set_member_name(builder, "profiles");
    json_builder_begin_array(builder);
    emit_profile(builder, &table, "on the core", times, on_core);
    emit_profile(builder, &table, "blocked or waiting for a core", times, off_core);
    json_builder_end_array(builder);
    emit_frames(builder, &table);
    json_builder_end_object(builder);
}

static gboolean speedscope_render(const struct session *session, const struct report_options *options,
                                  GString *out, GError **error)
{
    g_autoptr(ReportIndex) index = report_index_new(session);
    g_autoptr(GPtrArray) times = stack_times_of(index, error);
    if (!times)
        return FALSE;
    g_autoptr(JsonBuilder) builder = json_builder_new();
    emit_file(builder, index, times, options && options->all);
    g_autoptr(JsonNode) file = json_builder_get_root(builder);
    json_print_line(file, out);
    return TRUE;
}

const struct format format_speedscope = {"speedscope", "call stacks on and off the core, for speedscope.app",
                                         speedscope_render, FALSE};
