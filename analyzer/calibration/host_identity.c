/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/calibration/host_identity.h"

#include <string.h>
#include <sys/utsname.h>

#include "runtime/host_limits.h"

/* "model name" of /proc/cpuinfo, without runs of spaces. */
static char *processor_model(void)
{
    static const char key[] = "model name";
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
        return NULL;
    const char *line = strstr(text, key);
    const char *colon = line ? strchr(line, ':') : NULL;
    if (!colon)
        return NULL;
    g_autofree char *value = g_strndup(colon + 1, strcspn(colon + 1, "\n"));
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    g_auto(GStrv) words = g_strsplit_set(valid, " \t", 0);
    GString *model = g_string_new(NULL);
    for (char **word = words; *word; word++) {
        if (**word)
            g_string_append_printf(model, "%s%s", model->len ? " " : "", *word);
    }
    return g_string_free(model, FALSE);
}

struct host *host_identify(void)
{
    struct host *host = host_new();
    struct utsname system;
    if (uname(&system) == 0) {
        host->name = g_strdup(system.nodename);
        host->kernel = g_strdup(system.release);
    }
    host->processor = processor_model();
    host->corewise = g_strdup(COREWISE_VERSION);
    struct usable_cores usable;
    corewise_usable_cores_read("/", &usable);
    host->cores = usable.workers;
    host->quota_cores = usable.quota_cores;
    return host;
}

static gboolean differ(const char *first, const char *second)
{
    return first && second && strcmp(first, second) != 0;
}

char *host_difference(const struct host *other, const struct host *this_host)
{
    if (differ(other->name, this_host->name))
        return g_strdup_printf("it was measured on %s, this is %s", other->name, this_host->name);
    if (differ(other->processor, this_host->processor))
        return g_strdup_printf("its processor is %s, this one's %s", other->processor, this_host->processor);
    return NULL;
}
