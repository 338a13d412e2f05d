/* SPDX-License-Identifier: Apache-2.0 */
/* Every word that a report may use for a class, a model, a shape, a verdict, a cause or a region can be
 * explained. */
#include "cli/explanations.h"

#include <glib.h>
#include <string.h>

#include "model/names.h"

static guint count_explanations(const char *name)
{
    guint count = 0;
    for (const struct explanation *each = explanations; each->name; each++)
        count += g_str_equal(each->name, name);
    return count;
}

static void test_vocabulary(gconstpointer data)
{
    const struct vocabulary *vocabulary = data;
    for (int i = 0; i < vocabulary->count; i++) {
        if (count_explanations(vocabulary->names[i]) == 0)
            g_test_message("nothing explains %s", vocabulary->names[i]);
        g_assert_cmpuint(count_explanations(vocabulary->names[i]), >, 0);
    }
}

static void test_texts(void)
{
    for (const struct explanation *each = explanations; each->name; each++) {
        g_assert_cmpuint(count_explanations(each->name), ==, 1);
        g_assert_nonnull(each->summary);
        g_assert_cmpuint(strlen(each->text), >, 20);
    }
}

int main(int count, char **arguments)
{
    g_test_init(&count, &arguments, NULL);
    g_test_add_data_func("/explanations/classes", &work_class_vocabulary, test_vocabulary);
    g_test_add_data_func("/explanations/models", &execution_model_vocabulary, test_vocabulary);
    g_test_add_data_func("/explanations/shapes", &execution_shape_vocabulary, test_vocabulary);
    g_test_add_data_func("/explanations/verdicts", &verdict_kind_vocabulary, test_vocabulary);
    g_test_add_data_func("/explanations/causes", &wait_cause_vocabulary, test_vocabulary);
    g_test_add_data_func("/explanations/regions", &region_kind_vocabulary, test_vocabulary);
    g_test_add_func("/explanations/texts", test_texts);
    return g_test_run();
}
