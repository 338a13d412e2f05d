/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/gate/configuration.h"

#include <fnmatch.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/rules/rule.h"
#include "analyzer/yaml_complaint.h"
#include "model/nearest_name.h"

/* What the file holds, as libcyaml fills it. */
struct path_settings {
    char **include, **exclude;
    unsigned include_count, exclude_count;
};
struct settings_file {
    int *rules; /* enum rule_setting, one per rule */
    struct path_settings paths;
    char **effects;
    unsigned effects_count;
};

static const cyaml_strval_t setting_names[] = {{"off", RULE_OFF},
                                               {"on", RULE_ON},
                                               {"note", RULE_NOTE},
                                               {"warning", RULE_WARNING},
                                               {"error", RULE_ERROR}};
static const char *const settings_known[] = {"off", "on", "note", "warning", "error", NULL};
static const char *const sections_known[] = {"rules", "paths", "effects", NULL};
static const char *const paths_known[] = {"include", "exclude", NULL};

static const cyaml_schema_value_t name_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};

#define NAMES_FIELD(STRUCT, NAME)                                                                            \
    CYAML_FIELD_SEQUENCE(#NAME, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, STRUCT, NAME, &name_schema, 0,     \
                         CYAML_UNLIMITED)
static const cyaml_schema_field_t path_fields[] = {
    NAMES_FIELD(struct path_settings, include), NAMES_FIELD(struct path_settings, exclude), CYAML_FIELD_END};

static guint rule_count(void)
{
    guint count = 0;
    while (rules[count])
        count++;
    return count;
}

/* A field per rule, so that libcyaml knows the line of a wrong one. The caller frees the list. */
static cyaml_schema_field_t *rule_fields(void)
{
    guint count = rule_count();
    cyaml_schema_field_t *fields = g_new0(cyaml_schema_field_t, count + 1);
    for (guint i = 0; i < count; i++) {
        fields[i] = (cyaml_schema_field_t){
            .key = rules[i]->name,
            .data_offset = i * (guint)sizeof(int),
            .value = {.type = CYAML_ENUM,
                      .flags = CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
                      .data_size = sizeof(int),
                      .enumeration = {setting_names, CYAML_ARRAY_LEN(setting_names)}},
        };
    }
    return fields;
}

/* The word behind `what` in a message of libcyaml; the caller frees it. NULL: it is not there. */
static char *word_after(const char *text, const char *what)
{
    const char *word = strstr(text, what);
    if (!word)
        return NULL;
    word += strlen(what);
    return g_strndup(word, strcspn(word, "\n"));
}

/* Whether libcyaml met the mistake inside of this mapping. */
static gboolean is_within(const struct yaml_complaint *complaint, const char *field)
{
    g_autofree char *mark = g_strdup_printf("'%s'", field);
    return strstr(complaint->backtrace->str, mark) != NULL;
}

/* `; did you mean data-race? ` for what nobody knows; the caller frees it. */
static char *suggestion(const struct yaml_complaint *complaint)
{
    g_autofree char *key = word_after(complaint->text->str, "Unexpected key: ");
    g_autofree char *value = word_after(complaint->text->str, "Invalid ENUM value: ");
    if (value)
        return g_strdup_printf("; did you mean %s?", nearest_name(value, settings_known));
    if (!key)
        return g_strdup("");
    g_autofree const char **names = rule_names();
    const char *const *known = is_within(complaint, "rules")   ? names
                               : is_within(complaint, "paths") ? paths_known
                                                               : sections_known;
    return g_strdup_printf("; did you mean %s?", nearest_name(key, known));
}

static void set_complaint(const char *file, cyaml_err_t status, const struct yaml_complaint *complaint,
                          GError **error)
{
    g_autofree char *line = complaint->line > 0 ? g_strdup_printf(":%ld", complaint->line) : g_strdup("");
    g_autofree char *meant = suggestion(complaint);
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT,
                "cannot use %s%s: %s%s%s docs/lint.md has the schema", file, line, cyaml_strerror(status),
                complaint->text->str, *meant ? meant : ";");
}

/* Absolute when `folder` is given; the caller frees the list. NULL for none. */
static char **names_copy(char **names, unsigned count, const char *folder)
{
    if (count == 0)
        return NULL;
    char **copy = g_new0(char *, count + 1);
    for (unsigned i = 0; i < count; i++)
        copy[i] = folder ? g_canonicalize_filename(names[i], folder) : g_strdup(names[i]);
    return copy;
}

static struct configuration *configuration_new(const char *file, const struct settings_file *settings)
{
    struct configuration *configuration = g_new0(struct configuration, 1);
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    configuration->folder = g_path_get_dirname(path);
    configuration->settings = g_new0(enum rule_setting, rule_count());
    if (!settings)
        return configuration;
    for (guint i = 0; settings->rules && rules[i]; i++)
        configuration->settings[i] = (enum rule_setting)settings->rules[i];
    configuration->include = names_copy(settings->paths.include, settings->paths.include_count, NULL);
    configuration->exclude = names_copy(settings->paths.exclude, settings->paths.exclude_count, NULL);
    configuration->effects = names_copy(settings->effects, settings->effects_count, configuration->folder);
    return configuration;
}

static struct configuration *read_text(const char *file, const char *text, gsize length, GError **error)
{
    g_autofree cyaml_schema_field_t *by_rule = rule_fields();
    const cyaml_schema_field_t fields[] = {
        {.key = "rules",
         .data_offset = offsetof(struct settings_file, rules),
         .value = {.type = CYAML_MAPPING,
                   .flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                   .data_size = rule_count() * (guint)sizeof(int),
                   .mapping = {by_rule}}},
        CYAML_FIELD_MAPPING("paths", CYAML_FLAG_OPTIONAL, struct settings_file, paths, path_fields),
        NAMES_FIELD(struct settings_file, effects),
        CYAML_FIELD_END};
    const cyaml_schema_value_t schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct settings_file, fields)};
    g_autoptr(GString) messages = g_string_new(NULL);
    g_autoptr(GString) backtrace = g_string_new(NULL);
    struct yaml_complaint complaint = {.text = messages, .backtrace = backtrace};
    const cyaml_config_t config = yaml_complaint_config(&complaint);
    struct settings_file *settings = NULL;
    struct configuration *configuration = NULL;
    cyaml_err_t status =
        cyaml_load_data((const guchar *)text, length, &config, &schema, (cyaml_data_t **)&settings, NULL);
    if (status == CYAML_OK)
        configuration = configuration_new(file, settings);
    else
        set_complaint(file, status, &complaint, error);
    cyaml_free(&config, &schema, settings, 0);
    return configuration;
}

char *configuration_find(const char *folder)
{
    g_autofree char *at = g_canonicalize_filename(folder, NULL);
    for (;;) {
        g_autofree char *file = g_build_filename(at, CONFIGURATION_FILE, NULL);
        if (g_file_test(file, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&file);
        char *above = g_path_get_dirname(at);
        gboolean is_top = strcmp(above, at) == 0;
        g_free(at);
        at = above;
        if (is_top)
            return NULL;
    }
}

struct configuration *configuration_read(const char *file, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) cause = NULL;
    gsize length = 0;
    if (g_file_get_contents(file, &text, &length, &cause))
        return read_text(file, text, length, error);
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_INPUT, "cannot read %s: %s", file, cause->message);
    return NULL;
}

void configuration_free(struct configuration *configuration)
{
    if (!configuration)
        return;
    g_free(configuration->folder);
    g_free(configuration->settings);
    g_strfreev(configuration->include);
    g_strfreev(configuration->exclude);
    g_strfreev(configuration->effects);
    g_free(configuration);
}

const char **configuration_rules(const struct configuration *configuration)
{
    const char **names = g_new0(const char *, rule_count() + 1);
    guint wanted = 0;
    for (guint i = 0; rules[i]; i++) {
        if (configuration->settings[i] != RULE_OFF)
            names[wanted++] = rules[i]->name;
    }
    return names;
}

/* Folders stand for all that is in them. */
static gboolean matches(const char *glob, const char *path)
{
    g_autofree char *trimmed = g_strdup(glob);
    while (g_str_has_suffix(trimmed, "/"))
        trimmed[strlen(trimmed) - 1] = '\0';
    g_autofree char *below = g_strconcat(trimmed, "/*", NULL);
    return fnmatch(trimmed, path, 0) == 0 || fnmatch(below, path, 0) == 0;
}

/* `../other/…` and `/usr/…` are matched with the absolute name, all others below the folder of the settings.
 */
static gboolean matches_any(const struct configuration *configuration, char **globs, const char *absolute)
{
    g_autofree char *prefix = g_strconcat(configuration->folder, "/", NULL);
    const char *relative = g_str_has_prefix(absolute, prefix) ? absolute + strlen(prefix) : NULL;
    for (char **glob = globs; glob && *glob; glob++) {
        gboolean is_outside = **glob == '/' || g_str_has_prefix(*glob, "../");
        g_autofree char *whole = is_outside ? g_canonicalize_filename(*glob, configuration->folder) : NULL;
        if (is_outside ? matches(whole, absolute) : relative && matches(*glob, relative))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_wanted(const struct configuration *configuration, const char *root, const char *file)
{
    g_autofree char *absolute = g_canonicalize_filename(file, root);
    return (!configuration->include || matches_any(configuration, configuration->include, absolute)) &&
           !matches_any(configuration, configuration->exclude, absolute);
}

static void set_severity(struct finding *finding, enum rule_setting setting)
{
    if (setting == RULE_NOTE)
        finding->severity = SEVERITY_NOTE;
    else if (setting == RULE_WARNING && finding->severity != SEVERITY_NOTE)
        finding->severity = SEVERITY_WARNING;
    else if (setting == RULE_ERROR && finding->severity != SEVERITY_NOTE)
        finding->severity = SEVERITY_ERROR;
}

void configuration_apply(const struct configuration *configuration, struct session *session)
{
    for (guint i = session->findings->len; i > 0; i--) {
        struct finding *finding = g_ptr_array_index(session->findings, i - 1);
        if (!is_wanted(configuration, session->root, finding->file)) {
            g_ptr_array_remove_index(session->findings, i - 1);
            continue;
        }
        for (guint rule = 0; rules[rule]; rule++) {
            if (strcmp(rules[rule]->name, finding->rule) == 0)
                set_severity(finding, configuration->settings[rule]);
        }
    }
}
