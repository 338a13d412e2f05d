/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/effects.h"

#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/yaml_complaint.h"

/* One entry as the file spells it: several functions, arguments counted from 1, 0 = not given. */
struct effect_entry {
    char **functions;
    unsigned functions_count;
    double cpu_ns, cpu_ns_per_byte, typical_bytes;
    unsigned size_argument, pieces_argument;
    double cpu_ns_per_piece;
    int blocks_on;
    unsigned descriptor_argument;
    double *wait_ns;
    unsigned wait_ns_count;
    unsigned duration_argument;
    double duration_ns;
    int lock;
    unsigned lock_argument;
    int lock_kind;
    char *lock_name;
    unsigned mutex_argument;
    int creates;
    unsigned start_argument, calls_argument, exclusive_argument;
    char *task_field, *count_field, *model_field;
    unsigned options_argument;
    unsigned *registers_arguments;
    unsigned registers_arguments_count;
    int opens;
    unsigned opens_argument, copies_argument;
    unsigned properties;
};

struct effect_file {
    char *header;
    struct effect_entry *effects;
    unsigned effects_count;
};

/* Values of blocks_on and opens: 0 is "not given", 1 the descriptor, then the causes. */
enum { BLOCKS_NOT = 0, BLOCKS_DESCRIPTOR = 1, BLOCKS_FIRST_CAUSE = 2 };
#define CAUSE_ROW(NAME, CAUSE) {NAME, BLOCKS_FIRST_CAUSE + (CAUSE)}

#define MAXIMUM_REGISTERED 16 /* functions registered by one call */
#define MAXIMUM_ARGUMENT   16 /* bits of effect.registers_arguments */

static const cyaml_strval_t cause_names[] = {
    {"descriptor", BLOCKS_DESCRIPTOR},       CAUSE_ROW("disk", CAUSE_DISK),
    CAUSE_ROW("socket", CAUSE_SOCKET),       CAUSE_ROW("pipe", CAUSE_PIPE),
    CAUSE_ROW("terminal", CAUSE_TERMINAL),   CAUSE_ROW("mutex", CAUSE_MUTEX),
    CAUSE_ROW("condition", CAUSE_CONDITION), CAUSE_ROW("rwlock", CAUSE_RWLOCK),
    CAUSE_ROW("semaphore", CAUSE_SEMAPHORE), CAUSE_ROW("barrier", CAUSE_BARRIER),
    CAUSE_ROW("join", CAUSE_JOIN),           CAUSE_ROW("futex", CAUSE_FUTEX),
    CAUSE_ROW("timer", CAUSE_TIMER),         CAUSE_ROW("poll", CAUSE_POLL),
    CAUSE_ROW("accept", CAUSE_ACCEPT),       CAUSE_ROW("child", CAUSE_CHILD),
    CAUSE_ROW("io_uring", CAUSE_IO_URING),   CAUSE_ROW("other", CAUSE_OTHER),
};

static const cyaml_strval_t lock_actions[] = {
    {"take", LOCK_TAKE}, {"try", LOCK_TRY},       {"release", LOCK_RELEASE},
    {"wait", LOCK_WAIT}, {"signal", LOCK_SIGNAL},
};

static const cyaml_strval_t lock_kinds[] = {
    {"mutex", LOCK_MUTEX},         {"condition", LOCK_CONDITION}, {"rwlock", LOCK_RWLOCK},
    {"semaphore", LOCK_SEMAPHORE}, {"spinlock", LOCK_SPINLOCK},   {"barrier", LOCK_BARRIER},
};

static const cyaml_strval_t creations[] = {
    {"thread", CREATE_THREAD}, {"process", CREATE_PROCESS}, {"coroutine", CREATE_COROUTINE}};

static const cyaml_strval_t property_names[] = {
    {"system_call", EFFECT_SYSTEM_CALL},
    {"waits_for_task", EFFECT_WAITS_FOR_TASK},
    {"allocates", EFFECT_ALLOCATES},
    {"not_thread_safe", EFFECT_NOT_THREAD_SAFE},
    {"not_async_signal_safe", EFFECT_NOT_ASYNC_SIGNAL_SAFE},
    {"does_not_return", EFFECT_DOES_NOT_RETURN},
    {"polls", EFFECT_POLLS},
    {"creates_flow", EFFECT_CREATES_FLOW},
    {"executes", EFFECT_EXECUTES},
    {"runs_event_loop", EFFECT_RUNS_EVENT_LOOP},
    {"pool", EFFECT_POOL},
    {"in_signal", EFFECT_IN_SIGNAL},
    {"switches", EFFECT_SWITCHES},
    {"field", EFFECT_FIELD},
    {"shared", EFFECT_SHARED},
    {"true_on_success", EFFECT_TRUE_ON_SUCCESS},
    {"nests", EFFECT_NESTS},
    {"gives_way", EFFECT_GIVES_WAY},
    {"blocking_callee", EFFECT_BLOCKING_CALLEE},
    {"model_outside", EFFECT_MODEL_OUTSIDE},
    {"may_crash", EFFECT_MAY_CRASH},
};

#define ENTRY_UINT(NAME) CYAML_FIELD_UINT(#NAME, CYAML_FLAG_OPTIONAL, struct effect_entry, NAME)
#define ENTRY_TEXT(NAME)                                                                                     \
    CYAML_FIELD_STRING_PTR(#NAME, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct effect_entry, NAME, 1,    \
                           CYAML_UNLIMITED)
#define ENTRY_FLOAT(NAME) CYAML_FIELD_FLOAT(#NAME, CYAML_FLAG_OPTIONAL, struct effect_entry, NAME)
#define ENTRY_ENUM(NAME, TABLE)                                                                              \
    CYAML_FIELD_ENUM(#NAME, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct effect_entry, NAME, TABLE,       \
                     CYAML_ARRAY_LEN(TABLE))

static const cyaml_schema_value_t name_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};
static const cyaml_schema_value_t argument_schema = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};
static const cyaml_schema_value_t nanoseconds_schema = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_SEQUENCE("functions", CYAML_FLAG_POINTER, struct effect_entry, functions, &name_schema, 1,
                         CYAML_UNLIMITED),
    ENTRY_FLOAT(cpu_ns),
    ENTRY_FLOAT(cpu_ns_per_byte),
    ENTRY_FLOAT(typical_bytes),
    ENTRY_UINT(size_argument),
    ENTRY_UINT(pieces_argument),
    ENTRY_FLOAT(cpu_ns_per_piece),
    ENTRY_ENUM(blocks_on, cause_names),
    ENTRY_UINT(descriptor_argument),
    CYAML_FIELD_SEQUENCE("wait_ns", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct effect_entry, wait_ns,
                         &nanoseconds_schema, WAIT_LEVEL_COUNT, WAIT_LEVEL_COUNT),
    ENTRY_UINT(duration_argument),
    ENTRY_FLOAT(duration_ns),
    ENTRY_ENUM(lock, lock_actions),
    ENTRY_UINT(lock_argument),
    ENTRY_ENUM(lock_kind, lock_kinds),
    ENTRY_TEXT(lock_name),
    ENTRY_UINT(mutex_argument),
    ENTRY_ENUM(creates, creations),
    ENTRY_UINT(start_argument),
    ENTRY_UINT(calls_argument),
    ENTRY_TEXT(task_field),
    ENTRY_TEXT(count_field),
    ENTRY_TEXT(model_field),
    ENTRY_UINT(options_argument),
    CYAML_FIELD_SEQUENCE("registers_arguments", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct effect_entry,
                         registers_arguments, &argument_schema, 1, MAXIMUM_REGISTERED),
    ENTRY_UINT(exclusive_argument),
    ENTRY_ENUM(opens, cause_names),
    ENTRY_UINT(opens_argument),
    ENTRY_UINT(copies_argument),
    CYAML_FIELD_FLAGS("properties", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct effect_entry, properties,
                      property_names, CYAML_ARRAY_LEN(property_names)),
    CYAML_FIELD_END};

static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct effect_entry, entry_fields)};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_STRING_PTR("header", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct effect_file, header, 0,
                           CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("effects", CYAML_FLAG_POINTER, struct effect_file, effects, &entry_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};

static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct effect_file, file_fields)};

struct effects {
    GHashTable *by_name; /* struct effect.name → struct effect */
};

static void effect_free(gpointer data)
{
    struct effect *effect = data;
    g_free(effect->name);
    g_free(effect->lock_name);
    g_free(effect->task_field);
    g_free(effect->count_field);
    g_free(effect->model_field);
    g_free(effect);
}

void effects_free(struct effects *effects)
{
    if (!effects)
        return;
    g_hash_table_unref(effects->by_name);
    g_free(effects);
}

static int argument_index(unsigned number)
{
    return number == 0 ? NO_ARGUMENT : (int)number - 1;
}

static struct effect *effect_from_entry(const struct effect_entry *entry, const char *name)
{
    struct effect *effect = g_new0(struct effect, 1);
    effect->name = g_strdup(name);
    effect->cpu_ns = entry->cpu_ns;
    effect->cpu_ns_per_byte = entry->cpu_ns_per_byte;
    effect->typical_bytes = entry->typical_bytes;
    effect->size_argument = argument_index(entry->size_argument);
    effect->pieces_argument = argument_index(entry->pieces_argument);
    effect->cpu_ns_per_piece = entry->cpu_ns_per_piece;
    effect->descriptor_argument = argument_index(entry->descriptor_argument);
    if (entry->blocks_on == BLOCKS_DESCRIPTOR) {
        effect->block = BLOCK_DESCRIPTOR;
    } else if (entry->blocks_on >= BLOCKS_FIRST_CAUSE) {
        effect->block = BLOCK_CAUSE;
        effect->cause = (enum wait_cause)(entry->blocks_on - BLOCKS_FIRST_CAUSE);
    }
    effect->has_wait_ns = entry->wait_ns_count == WAIT_LEVEL_COUNT;
    for (unsigned i = 0; i < entry->wait_ns_count && i < WAIT_LEVEL_COUNT; i++)
        effect->wait_ns[i] = entry->wait_ns[i];
    effect->duration_argument = argument_index(entry->duration_argument);
    effect->duration_ns = entry->duration_ns;
    effect->lock = (enum effect_lock)entry->lock;
    effect->lock_argument = argument_index(entry->lock_argument);
    effect->lock_kind = (enum lock_kind)entry->lock_kind;
    effect->lock_name = g_strdup(entry->lock_name);
    effect->mutex_argument = argument_index(entry->mutex_argument);
    effect->creates = (enum effect_create)entry->creates;
    effect->start_argument = argument_index(entry->start_argument);
    effect->calls_argument = argument_index(entry->calls_argument);
    effect->task_field = g_strdup(entry->task_field);
    effect->count_field = g_strdup(entry->count_field);
    effect->model_field = g_strdup(entry->model_field);
    effect->options_argument = argument_index(entry->options_argument);
    for (unsigned i = 0; i < entry->registers_arguments_count; i++)
        effect->registers_arguments |= 1U << (entry->registers_arguments[i] - 1);
    effect->exclusive_argument = argument_index(entry->exclusive_argument);
    effect->opens = entry->opens >= BLOCKS_FIRST_CAUSE;
    effect->opens_cause = effect->opens ? (enum wait_cause)(entry->opens - BLOCKS_FIRST_CAUSE) : CAUSE_OTHER;
    effect->opens_argument = argument_index(entry->opens_argument);
    effect->copies_argument = argument_index(entry->copies_argument);
    effect->properties = entry->properties;
    return effect;
}

/* What the schema cannot say: keys that need each other. NULL when the entry is sound. */
static const char *entry_contradiction(const struct effect_entry *entry)
{
    if (entry->blocks_on == BLOCKS_DESCRIPTOR && entry->descriptor_argument == 0)
        return "`blocks_on: descriptor` needs `descriptor_argument`";
    if (entry->lock != LOCK_ACTION_NONE && (entry->lock_argument == 0) == !entry->lock_name)
        return "`lock` needs either `lock_argument` or `lock_name`";
    if (entry->count_field && !entry->task_field)
        return "`count_field` needs `task_field`, the function that is called so often";
    if ((entry->model_field && !entry->task_field) || (entry->options_argument == 0) != !entry->model_field)
        return "`model_field` needs `task_field`, and the `options_argument` that points to it";
    if ((entry->pieces_argument != 0) != (entry->cpu_ns_per_piece > 0))
        return "`pieces_argument` and `cpu_ns_per_piece` need each other";
    if (entry->opens == BLOCKS_DESCRIPTOR)
        return "`opens` names what the new descriptor is, it cannot be `descriptor`";
    if (entry->duration_argument != 0 && entry->duration_ns <= 0)
        return "`duration_argument` needs `duration_ns`, the length of one unit";
    for (unsigned i = 0; i < entry->registers_arguments_count; i++) {
        if (entry->registers_arguments[i] < 1 || entry->registers_arguments[i] > MAXIMUM_ARGUMENT)
            return "`registers_arguments` counts arguments from 1 to 16";
    }
    if (entry->cpu_ns < 0 || entry->cpu_ns_per_byte < 0 || entry->typical_bytes < 0)
        return "a cost cannot be negative";
    return NULL;
}

static gboolean add_entries(struct effects *effects, const struct effect_file *file, const char *name,
                            GError **error)
{
    for (unsigned i = 0; i < file->effects_count; i++) {
        const struct effect_entry *entry = &file->effects[i];
        const char *contradiction = entry_contradiction(entry);
        if (contradiction) {
            g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                        "cannot use effects file %s: entry %u (%s): %s; docs/effects.md has the schema", name,
                        i + 1, entry->functions[0], contradiction);
            return FALSE;
        }
        for (unsigned j = 0; j < entry->functions_count; j++) {
            struct effect *effect = effect_from_entry(entry, entry->functions[j]);
            g_hash_table_replace(effects->by_name, effect->name, effect);
        }
    }
    return TRUE;
}

static void set_complaint(GError **error, const char *name, cyaml_err_t status,
                          const struct yaml_complaint *complaint)
{
    g_autofree char *line = complaint->line > 0 ? g_strdup_printf(":%ld", complaint->line) : g_strdup("");
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "cannot use effects file %s%s: %s%s; docs/effects.md has the schema", name, line,
                status == CYAML_OK ? "it has no `effects:`" : cyaml_strerror(status), complaint->text->str);
}

static gboolean load_text(struct effects *effects, const char *name, const unsigned char *text, gsize length,
                          GError **error)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    struct yaml_complaint complaint = {messages, 0};
    const cyaml_config_t config = yaml_complaint_config(&complaint);
    struct effect_file *file = NULL;
    cyaml_err_t status = cyaml_load_data(text, length, &config, &file_schema, (cyaml_data_t **)&file, NULL);
    gboolean added = FALSE;
    if (status == CYAML_OK && file)
        added = add_entries(effects, file, name, error);
    else
        set_complaint(error, name, status, &complaint);
    cyaml_free(&config, &file_schema, file, 0);
    return added;
}

static gboolean load_file(struct effects *effects, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) cause = NULL;
    if (!g_file_get_contents(path, &text, &length, &cause)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "cannot read effects file %s: %s", path,
                    cause->message);
        return FALSE;
    }
    return load_text(effects, path, (const unsigned char *)text, length, error);
}

struct effects *effects_load(const char *const *files, GError **error)
{
    struct effects *effects = g_new0(struct effects, 1);
    effects->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, effect_free);
    for (const struct embedded_effects *part = embedded_effects; part->name; part++) {
        if (!load_text(effects, part->name, part->text, part->length, error)) {
            effects_free(effects);
            return NULL;
        }
    }
    for (const char *const *path = files; path && *path; path++) {
        if (!load_file(effects, *path, error)) {
            effects_free(effects);
            return NULL;
        }
    }
    return effects;
}

/* An entry for all functions whose names begin alike, `_mm_*`: the longest one. */
static const struct effect *find_family(const struct effects *effects, const char *name)
{
    const struct effect *effect = NULL;
    for (const char *end = strrchr(name, '_'); !effect && end; end = g_strrstr_len(name, end - name, "_")) {
        g_autofree char *family = g_strdup_printf("%.*s*", (int)(end + 1 - name), name);
        effect = g_hash_table_lookup(effects->by_name, family);
    }
    return effect;
}

const struct effect *effects_find(const struct effects *effects, const char *name)
{
    static const char *const prefixes[] = {"__builtin___", "__builtin_", "__isoc99_", "__isoc23_", "__"};
    static const char *const suffixes[] = {"_chk", "64", "_unlocked"};
    const struct effect *effect = g_hash_table_lookup(effects->by_name, name);
    for (gsize i = 0; !effect && i < G_N_ELEMENTS(prefixes); i++) {
        if (!g_str_has_prefix(name, prefixes[i]))
            continue;
        const char *rest = name + strlen(prefixes[i]);
        effect = *rest ? effects_find(effects, rest) : NULL;
    }
    for (gsize i = 0; !effect && i < G_N_ELEMENTS(suffixes); i++) {
        if (!g_str_has_suffix(name, suffixes[i]) || strlen(name) == strlen(suffixes[i]))
            continue;
        g_autofree char *stem = g_strndup(name, strlen(name) - strlen(suffixes[i]));
        effect = effects_find(effects, stem);
    }
    return effect ? effect : find_family(effects, name);
}

gboolean effect_runs_alone(const struct effect *effect)
{
    return (effect->properties & EFFECT_IN_SIGNAL) || effect->creates == CREATE_THREAD || effect->lock_name;
}

guint effects_count(const struct effects *effects)
{
    return g_hash_table_size(effects->by_name);
}
