/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of docs/rules, as they are shipped inside the program. */
#ifndef REPORTS_RULE_PAGES_H
#define REPORTS_RULE_PAGES_H

struct rule_page {
    const char *name; /* of the rule; NULL ends the list */
    const char *text; /* Markdown */
};

extern const struct rule_page rule_pages[]; /* made from docs/rules by embed_pages.cmake */

/* The page of a rule, or NULL. */
const char *rule_page_find(const char *rule);

/* What is wrong: the first paragraph below the title, on one line. The caller frees it; NULL: no page. */
char *rule_page_summary(const char *rule);

#endif
