/* SPDX-License-Identifier: Apache-2.0 */
/* Members of DESIGN.md's JSON object: one call per member, each with its rule for "none". */
#ifndef REPORTS_JSON_EMIT_H
#define REPORTS_JSON_EMIT_H

#include <json-glib/json-glib.h>

#include "model/difference.h"

void json_emit_text(JsonBuilder *builder, const char *member, const char *text); /* NULL is null */
void json_emit_number(JsonBuilder *builder, const char *member, double value); /* NaN and infinity are null */
void json_emit_estimate(JsonBuilder *builder, const char *member, double value); /* negative, too, is null */
void json_emit_integer(JsonBuilder *builder, const char *member, gint64 value);
void json_emit_line(JsonBuilder *builder, const char *member, int line); /* 0 is null */
void json_emit_boolean(JsonBuilder *builder, const char *member, gboolean value);
void json_emit_texts(JsonBuilder *builder, const char *member, const GPtrArray *texts); /* char * */

/* Opens an object; json_builder_end_object closes it. */
void json_emit_begin(JsonBuilder *builder, const char *member);

/* Places as {file, line, text}; with `extents` also end_line. */
void json_emit_places(JsonBuilder *builder, const char *member, const GPtrArray *places, gboolean extents);

/* An array of one object per record: `emit` adds the members between the braces. */
void json_emit_records(JsonBuilder *builder, const char *member, const GPtrArray *records,
                       void (*emit)(JsonBuilder *builder, gconstpointer record));

/* Members of one struct model_estimate. */
void json_emit_model(JsonBuilder *builder, gconstpointer record);
/* The object `work`; null when it is not told. */
void json_emit_work(JsonBuilder *builder, const struct task_work *work);

/* All members of what `diff --format json` prints. */
void json_emit_difference(JsonBuilder *builder, const struct difference *difference);
/* All members of the object: what --format json prints. */
void json_emit_session(JsonBuilder *builder, const struct session *session);
/* The two halves of it, made by the stages of the same name. */
void json_emit_analysis(JsonBuilder *builder, const struct session *session);
void json_emit_trace(JsonBuilder *builder, const struct session *session);

/* Appends `node` indented by two spaces, with a newline at its end. Numbers have at most nine significant
 * digits: JsonGenerator's seventeen would print 0.7 as 0.69999999999999996. */
void json_print(JsonNode *node, GString *out);
/* The same on one line. */
void json_print_line(JsonNode *node, GString *out);

#endif
