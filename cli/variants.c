/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/variants.h"

#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/yaml_complaint.h"
#include "model/names.h"

/* What the file holds, as libcyaml fills it. Those outside of `variants` count for variants that have none.
 */
struct common_settings {
    char **environment, **load, **ready;
    unsigned environment_count, load_count, ready_count;
    double tasks;
};
struct variant_settings {
    char *name, *model;
    int workers;
    char **command;
    unsigned command_count;
    struct common_settings common;
};
struct variants_file {
    char *throughput, *latency_p50_ms, *latency_p99_ms;
    struct common_settings common;
    struct variant_settings *variants;
    unsigned variants_count;
};

static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

#define TEXT_FIELD(STRUCT, NAME, FLAGS)                                                                      \
    CYAML_FIELD_STRING_PTR(#NAME, CYAML_FLAG_POINTER | (FLAGS), STRUCT, NAME, 1, CYAML_UNLIMITED)
#define WORDS_FIELD(KEY, STRUCT, MEMBER, FLAGS)                                                              \
    {                                                                                                        \
        .key = KEY, .data_offset = offsetof(STRUCT, MEMBER),                                                 \
        .count_offset = offsetof(STRUCT, MEMBER##_count), .count_size = sizeof(unsigned), .value = {         \
            .type = CYAML_SEQUENCE,                                                                          \
            .flags = CYAML_FLAG_POINTER | (FLAGS),                                                           \
            .data_size = sizeof(char *),                                                                     \
            .sequence = {&word_schema, 1, CYAML_UNLIMITED},                                                  \
        }                                                                                                    \
    }
#define COMMON_FIELDS(STRUCT)                                                                                \
    WORDS_FIELD("environment", STRUCT, common.environment, CYAML_FLAG_OPTIONAL),                             \
        WORDS_FIELD("load", STRUCT, common.load, CYAML_FLAG_OPTIONAL),                                       \
        WORDS_FIELD("ready", STRUCT, common.ready, CYAML_FLAG_OPTIONAL),                                     \
        CYAML_FIELD_FLOAT("tasks", CYAML_FLAG_OPTIONAL, STRUCT, common.tasks)

static const cyaml_schema_field_t variant_fields[] = {
    TEXT_FIELD(struct variant_settings, name, 0),
    TEXT_FIELD(struct variant_settings, model, CYAML_FLAG_OPTIONAL),
    CYAML_FIELD_INT("workers", CYAML_FLAG_OPTIONAL, struct variant_settings, workers),
    WORDS_FIELD("command", struct variant_settings, command, 0),
    COMMON_FIELDS(struct variant_settings),
    CYAML_FIELD_END};
static const cyaml_schema_value_t variant_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct variant_settings, variant_fields)};
static const cyaml_schema_field_t file_fields[] = {
    TEXT_FIELD(struct variants_file, throughput, CYAML_FLAG_OPTIONAL),
    TEXT_FIELD(struct variants_file, latency_p50_ms, CYAML_FLAG_OPTIONAL),
    TEXT_FIELD(struct variants_file, latency_p99_ms, CYAML_FLAG_OPTIONAL),
    COMMON_FIELDS(struct variants_file),
    CYAML_FIELD_SEQUENCE("variants", CYAML_FLAG_POINTER, struct variants_file, variants, &variant_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct variants_file, file_fields)};

void variant_free(struct variant *variant)
{
    if (!variant)
        return;
    g_free(variant->name);
    g_free(variant->model);
    g_strfreev(variant->command);
    g_strfreev(variant->environment);
    g_strfreev(variant->load.command);
    g_strfreev(variant->load.ready);
    g_free(variant->load.throughput);
    g_free(variant->load.latency_p50_ms);
    g_free(variant->load.latency_p99_ms);
    g_free(variant);
}

static void free_variant(gpointer variant)
{
    variant_free(variant);
}

/* --- the six models */

static void add_model(GPtrArray *variants, const char *const *command, enum execution_model model,
                      int workers, gboolean several)
{
    struct variant *variant = g_new0(struct variant, 1);
    const char *name = execution_model_name(model);
    variant->name = several ? g_strdup_printf("%s × %d", name, workers) : g_strdup(name);
    variant->model = g_strdup(name);
    variant->workers = workers;
    variant->command = g_strdupv((char **)command);
    variant->job = TRUE;
    GPtrArray *settings = g_ptr_array_new();
    g_ptr_array_add(settings, g_strdup_printf("COREWISE_MODEL=%s", name));
    g_ptr_array_add(settings, g_strdup_printf("COREWISE_WORKERS=%d", workers));
    g_ptr_array_add(settings, NULL);
    variant->environment = (char **)g_ptr_array_free(settings, FALSE);
    g_ptr_array_add(variants, variant);
}

GPtrArray *variants_of_models(const char *const *command, const int *workers, int cores)
{
    /* A worker that computes wants a core, so one of each; those that wait can be many more. */
    const int few[] = {cores, 0}, some[] = {cores, 8 * cores, 0},
              many[] = {1, cores, 8 * cores, 64 * cores, 0};
    const int *const defaults[EXECUTION_MODEL_COUNT] = {
        [MODEL_THREADS] = many,
        [MODEL_PROCESSES] = some,
        [MODEL_ASYNC_PROCESSES] = few,
        [MODEL_ASYNC_THREADS] = some,
    };
    GPtrArray *variants = g_ptr_array_new_with_free_func(free_variant);
    for (int model = 0; model < EXECUTION_MODEL_COUNT; model++) {
        if (!defaults[model])
            add_model(variants, command, model, 1, FALSE);
        for (const int *count = workers ? workers : defaults[model]; defaults[model] && *count; count++)
            add_model(variants, command, model, *count, TRUE);
    }
    return variants;
}

/* --- the file */

static char **words_copy(char **words, unsigned count)
{
    char **copy = count ? g_new0(char *, count + 1) : NULL;
    for (unsigned i = 0; i < count; i++)
        copy[i] = g_strdup(words[i]);
    return copy;
}

static char **own_or_common(char **own, unsigned own_count, char **common, unsigned common_count)
{
    return own_count ? words_copy(own, own_count) : words_copy(common, common_count);
}

static struct variant *variant_of(const struct variants_file *file, const struct variant_settings *settings)
{
    const struct common_settings *own = &settings->common, *common = &file->common;
    struct variant *variant = g_new0(struct variant, 1);
    variant->name = g_strdup(settings->name);
    variant->model = g_strdup(settings->model);
    variant->workers = settings->workers;
    variant->command = words_copy(settings->command, settings->command_count);
    variant->environment = own_or_common(own->environment, own->environment_count, common->environment,
                                         common->environment_count);
    variant->load.command = own_or_common(own->load, own->load_count, common->load, common->load_count);
    variant->load.ready = own_or_common(own->ready, own->ready_count, common->ready, common->ready_count);
    variant->load.throughput = g_strdup(file->throughput);
    variant->load.latency_p50_ms = g_strdup(file->latency_p50_ms);
    variant->load.latency_p99_ms = g_strdup(file->latency_p99_ms);
    variant->tasks = own->tasks > 0 ? own->tasks : common->tasks > 0 ? common->tasks : 1;
    return variant;
}

static gboolean check_pattern(const char *file, const char *pattern, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GRegex) regex = pattern ? g_regex_new(pattern, 0, 0, &wrong) : NULL;
    if (pattern && (!regex || g_regex_get_capture_count(regex) < 1)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "cannot use the pattern `%s` of %s: %s",
                    pattern, file, wrong ? wrong->message : "it has no group ( ) around the number");
        return FALSE;
    }
    return TRUE;
}

static gboolean check_variants(const char *file, const GPtrArray *variants, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < variants->len; i++) {
        const struct variant *variant = g_ptr_array_index(variants, i);
        int model = 0;
        if (variant->model && !vocabulary_find(&execution_model_vocabulary, variant->model, &model)) {
            g_set_error(
                error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "variant %s of %s: the models are sequential, threads, processes, async, async+processes and "
                "async+threads, not %s",
                variant->name, file, variant->model);
            return FALSE;
        }
        if (!g_hash_table_add(names, variant->name)) {
            g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                        "two variants of %s are called %s; give each its own name", file, variant->name);
            return FALSE;
        }
        for (char **setting = variant->environment; setting && *setting; setting++) {
            if (!strchr(*setting, '=') || **setting == '=') {
                g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                            "environment of %s takes NAME=VALUE, not `%s`", file, *setting);
                return FALSE;
            }
        }
    }
    return TRUE;
}

static GPtrArray *variants_of_file(const char *name, const struct variants_file *file, GError **error)
{
    GPtrArray *variants = g_ptr_array_new_with_free_func(free_variant);
    for (unsigned i = 0; i < file->variants_count; i++)
        g_ptr_array_add(variants, variant_of(file, &file->variants[i]));
    if (check_pattern(name, file->throughput, error) && check_pattern(name, file->latency_p50_ms, error) &&
        check_pattern(name, file->latency_p99_ms, error) && check_variants(name, variants, error))
        return variants;
    g_ptr_array_unref(variants);
    return NULL;
}

GPtrArray *variants_read(const char *file, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) unreadable = NULL;
    if (!g_file_get_contents(file, &text, &length, &unreadable)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                    "cannot read the variants: %s; docs/compare.md has the schema", unreadable->message);
        return NULL;
    }
    struct yaml_complaint complaint = {.text = g_string_new(NULL)};
    cyaml_config_t config = yaml_complaint_config(&complaint);
    struct variants_file *settings = NULL;
    cyaml_err_t status = cyaml_load_data((const uint8_t *)text, length, &config, &file_schema,
                                         (cyaml_data_t **)&settings, NULL);
    GPtrArray *variants = NULL;
    if (status == CYAML_OK) {
        variants = variants_of_file(file, settings, error);
    } else {
        g_autofree char *line = complaint.line > 0 ? g_strdup_printf(":%ld", complaint.line) : g_strdup("");
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                    "cannot use %s%s: %s%s; docs/compare.md has the schema", file, line,
                    cyaml_strerror(status), complaint.text->str);
    }
    cyaml_free(&config, &file_schema, settings, 0);
    g_string_free(complaint.text, TRUE);
    return variants;
}
