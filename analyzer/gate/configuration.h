/* SPDX-License-Identifier: Apache-2.0 */
/* A project's settings for findings, `.corewise.yaml`. docs/lint.md has the schema. */
#ifndef ANALYZER_GATE_CONFIGURATION_H
#define ANALYZER_GATE_CONFIGURATION_H

#include "model/session.h"

#define CONFIGURATION_FILE ".corewise.yaml"

/* Of a rule. */
enum rule_setting { RULE_DEFAULT, RULE_OFF, RULE_ON, RULE_NOTE, RULE_WARNING, RULE_ERROR };

struct configuration {
    char *folder;                /* absolute: where the file lies */
    enum rule_setting *settings; /* one per rule of the table (rules/rule.h) */
    char **include, **exclude;   /* globs of files relative to `folder`; NULL: everything, nothing */
    char **effects;              /* absolute names of effects files; NULL: none */
};

/* The nearest file in `folder` or one above it. The caller frees the name; NULL: none. */
char *configuration_find(const char *folder);

/* NULL with ANALYZER_ERROR_INPUT when the file cannot be read or is wrong: with its line, and the nearest
 * known name. */
struct configuration *configuration_read(const char *file, GError **error);
void configuration_free(struct configuration *configuration);
typedef struct configuration Configuration;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Configuration, configuration_free)

/* The names of the rules that are not off, NULL-terminated; the caller frees the list. */
const char **configuration_rules(const struct configuration *configuration);

/* Gives findings the severity of their rule (the doubtful stay notes) and removes those in files that are not
 * wanted. */
void configuration_apply(const struct configuration *configuration, struct session *session);

#endif
