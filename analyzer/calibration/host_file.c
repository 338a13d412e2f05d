/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/host_file.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "analyzer/analyzer.h"
#include "analyzer/calibration/host_identity.h"
#include "analyzer/host_costs.h"
#include "analyzer/yaml_complaint.h"

#define COST_LIMIT 1e12 /* no cost of anything here is larger, in seconds or bytes */

/* One cost as the file spells it. */
struct cost_entry {
    double median, low, high;
    gint64 samples;
};

struct file_content {
    unsigned version;
    char *corewise, *host, *kernel, *processor, *measured;
    unsigned cores;
    double quota_cores;
    struct cost_entry *costs[HOST_COST_COUNT]; /* NULL: not in the file */
};

#define OPTIONAL_NUMBER(TYPE, KEY, STRUCT, FIELD)                                                            \
    CYAML_FIELD_##TYPE(KEY, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, STRUCT, FIELD)
#define OPTIONAL_TEXT(KEY, FIELD)                                                                            \
    CYAML_FIELD_STRING_PTR(KEY, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_content, FIELD, 0,     \
                           CYAML_UNLIMITED)

static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_FLOAT("median", CYAML_FLAG_STRICT, struct cost_entry, median),
    OPTIONAL_NUMBER(FLOAT, "low", struct cost_entry, low),
    OPTIONAL_NUMBER(FLOAT, "high", struct cost_entry, high),
    OPTIONAL_NUMBER(INT, "samples", struct cost_entry, samples),
    CYAML_FIELD_END,
};

/* The schema with a key per row of host_cost_kinds; `cost_fields` and `file_fields` are the caller's. */
static cyaml_schema_value_t make_schema(cyaml_schema_field_t cost_fields[HOST_COST_COUNT + 1],
                                        cyaml_schema_field_t file_fields[])
{
    const cyaml_schema_field_t last = CYAML_FIELD_END;
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        cost_fields[id] = (cyaml_schema_field_t){
            .key = host_cost_kinds[id].name,
            .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct cost_entry,
                                          entry_fields)},
            .data_offset = (uint32_t)((gsize)id * sizeof(struct cost_entry *)),
        };
    }
    cost_fields[HOST_COST_COUNT] = last;
    const cyaml_schema_field_t fields[] = {
        CYAML_FIELD_UINT("version", CYAML_FLAG_STRICT, struct file_content, version),
        OPTIONAL_TEXT("corewise", corewise),
        OPTIONAL_TEXT("host", host),
        OPTIONAL_TEXT("kernel", kernel),
        OPTIONAL_TEXT("processor", processor),
        OPTIONAL_TEXT("measured", measured),
        OPTIONAL_NUMBER(UINT, "cores", struct file_content, cores),
        OPTIONAL_NUMBER(FLOAT, "quota_cores", struct file_content, quota_cores),
        CYAML_FIELD_MAPPING("costs", CYAML_FLAG_OPTIONAL, struct file_content, costs, cost_fields),
        last,
    };
    memcpy(file_fields, fields, sizeof(fields));
    return (cyaml_schema_value_t){CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file_content, file_fields)};
}
#define FILE_FIELD_COUNT 10

char *host_file_default_path(void)
{
    return g_build_filename(g_get_user_cache_dir(), "corewise", "host.yaml", NULL);
}

/* What the schema cannot say. NULL when the content is sound. */
static char *find_contradiction(const struct file_content *content)
{
    if (content->version != HOST_FILE_VERSION)
        return g_strdup_printf("its version is %u, this corewise knows %d", content->version,
                               HOST_FILE_VERSION);
    if (content->cores > G_MAXINT16 || !(content->quota_cores >= 0 && content->quota_cores <= G_MAXINT16))
        return g_strdup("`cores` or `quota_cores` is no number of cores");
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        const struct cost_entry *cost = content->costs[id];
        if (cost && !(cost->median > 0 && cost->median < COST_LIMIT))
            return g_strdup_printf("`%s` is %g, which no cost can be", host_cost_kinds[id].name,
                                   cost->median);
    }
    return NULL;
}

static struct host *host_of(const struct file_content *content)
{
    struct host *host = host_new();
    host->name = g_strdup(content->host);
    host->kernel = g_strdup(content->kernel);
    host->processor = g_strdup(content->processor);
    host->measured_at = g_strdup(content->measured);
    host->corewise = g_strdup(content->corewise);
    host->cores = (int)content->cores;
    host->quota_cores = content->quota_cores;
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        const struct cost_entry *entry = content->costs[id];
        if (!entry)
            continue;
        struct host_cost *cost = host_cost_new();
        cost->name = g_strdup(host_cost_kinds[id].name);
        cost->unit = g_strdup(host_cost_kinds[id].unit);
        cost->value = entry->median;
        cost->low = entry->low > 0 ? entry->low : NAN;
        cost->high = entry->high > 0 ? entry->high : NAN;
        cost->samples = MAX(1, entry->samples);
        g_ptr_array_add(host->costs, cost);
    }
    return host;
}

static struct host *parse(const char *path, const char *text, gsize length, GError **error)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    struct yaml_complaint complaint = {messages, 0};
    const cyaml_config_t config = yaml_complaint_config(&complaint);
    cyaml_schema_field_t cost_fields[HOST_COST_COUNT + 1], file_fields[FILE_FIELD_COUNT];
    const cyaml_schema_value_t schema = make_schema(cost_fields, file_fields);
    struct file_content *content = NULL;
    cyaml_err_t status =
        cyaml_load_data((const uint8_t *)text, length, &config, &schema, (cyaml_data_t **)&content, NULL);
    struct host *host = NULL;
    g_autofree char *wrong = NULL;
    if (status != CYAML_OK || !content) {
        wrong = g_strdup_printf("%s%s", status == CYAML_OK ? "it is empty" : cyaml_strerror(status),
                                messages->str);
    } else {
        wrong = find_contradiction(content);
        host = wrong ? NULL : host_of(content);
    }
    g_autofree char *line = complaint.line > 0 ? g_strdup_printf(":%ld", complaint.line) : g_strdup("");
    if (wrong)
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS,
                    "cannot use host costs %s%s: %s; corewise calibrate measures them anew", path, line,
                    wrong);
    cyaml_free(&config, &schema, content, 0);
    return host;
}

struct host *host_file_read(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) cause = NULL;
    if (!g_file_get_contents(path, &text, &length, &cause)) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS,
                    "cannot read host costs %s: %s; corewise calibrate --output %s makes it", path,
                    cause->message, path);
        return NULL;
    }
    return parse(path, text, length, error);
}

static int cost_index(const char *name)
{
    for (int id = 0; id < HOST_COST_COUNT; id++) {
        if (g_strcmp0(host_cost_kinds[id].name, name) == 0)
            return id;
    }
    return -1;
}

/* Borrows the strings of `host`; `entries` gets what content->costs points to. */
static void fill_content(const struct host *host, struct file_content *content,
                         struct cost_entry entries[HOST_COST_COUNT])
{
    *content = (struct file_content){
        .version = HOST_FILE_VERSION,
        .corewise = host->corewise,
        .host = host->name,
        .kernel = host->kernel,
        .processor = host->processor,
        .measured = host->measured_at,
        .cores = (unsigned)MAX(0, host->cores),
        .quota_cores = host->quota_cores,
    };
    for (guint i = 0; i < host->costs->len; i++) {
        const struct host_cost *cost = g_ptr_array_index(host->costs, i);
        int id = cost_index(cost->name);
        if (id < 0 || cost->samples == 0)
            continue; /* a default is no measurement */
        entries[id] = (struct cost_entry){cost->value, isnan(cost->low) ? 0 : cost->low,
                                          isnan(cost->high) ? 0 : cost->high, cost->samples};
        content->costs[id] = &entries[id];
    }
}

static gboolean write_text(const char *path, const char *yaml, gsize length, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *body = g_strndup(yaml, length);
    g_autofree char *text =
        g_strconcat("# What concurrency costs on this host, measured by corewise calibrate: "
                    "seconds, bytes, or ns as the names say.\n",
                    body, NULL);
    g_autoptr(GError) cause = NULL;
    gboolean made = g_mkdir_with_parents(folder, 0755) == 0;
    const char *reason = made ? NULL : g_strerror(errno);
    if (made && g_file_set_contents(path, text, -1, &cause))
        return TRUE;
    g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS,
                "cannot write host costs %s: %s; choose another place with --output", path,
                made ? cause->message : reason);
    return FALSE;
}

gboolean host_file_write(const struct host *host, const char *path, GError **error)
{
    g_autoptr(GString) messages = g_string_new(NULL);
    struct yaml_complaint complaint = {messages, 0};
    const cyaml_config_t config = yaml_complaint_config(&complaint);
    cyaml_schema_field_t cost_fields[HOST_COST_COUNT + 1], file_fields[FILE_FIELD_COUNT];
    const cyaml_schema_value_t schema = make_schema(cost_fields, file_fields);
    struct cost_entry entries[HOST_COST_COUNT];
    struct file_content content;
    fill_content(host, &content, entries);
    char *yaml = NULL;
    size_t length = 0;
    cyaml_err_t status = cyaml_save_data(&yaml, &length, &config, &schema, &content, 0);
    gboolean written = FALSE;
    if (status == CYAML_OK)
        written = write_text(path, yaml, length, error);
    else
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS, "cannot write host costs %s: %s%s", path,
                    cyaml_strerror(status), messages->str);
    config.mem_fn(config.mem_ctx, yaml, 0);
    return written;
}

struct host *host_file_find(char **remark, GError **error)
{
    *remark = NULL;
    g_autofree char *path = host_file_default_path();
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    g_autoptr(Host) host = host_file_read(path, error);
    if (!host)
        return NULL;
    g_autoptr(Host) this_host = host_identify();
    g_autofree char *difference = host_difference(host, this_host);
    if (difference) {
        g_set_error(error, ANALYZER_ERROR, ANALYZER_ERROR_COSTS,
                    "cannot use host costs %s: it is of another machine (%s); corewise calibrate measures "
                    "this one",
                    path, difference);
        return NULL;
    }
    if (g_strcmp0(host->kernel, this_host->kernel) != 0)
        *remark = g_strdup_printf("the host costs %s were measured under kernel %s, this is %s; corewise "
                                  "calibrate measures them anew",
                                  path, host->kernel ? host->kernel : "unknown", this_host->kernel);
    host->cores = 0;
    host->quota_cores = 0;
    return g_steal_pointer(&host);
}
