/* SPDX-License-Identifier: Apache-2.0 */
/* Compile commands as databases hold them, turned into what libclang accepts. */
#ifndef ANALYZER_COMMAND_LINE_H
#define ANALYZER_COMMAND_LINE_H

#include <glib.h>

/* The flags of `arguments` (compiler first, NULL-terminated) that matter for parsing, compiler and files left
 * out. Drops launchers (ccache), outputs (-c -o), dependency files (-M*: libclang would overwrite the
 * user's), all warnings, linker and assembler flags, and an inserted `--`. Response files are expanded,
 * relative to `directory`. Adds what makes C that GCC accepts parse. The caller owns the strings
 * (g_strfreev). */
char **command_line_clean(const char *const *arguments, const char *directory);

/* The same for flags alone, as given after `--`. */
char **command_line_clean_flags(const char *const *flags, const char *directory);

/* Replaces -fopenmp, under which libclang hides what a pragma is about, by the macro that it defines and the
 * folder of omp.h; *openmp tells whether it was there. Takes `flags` and returns them, perhaps moved. */
char **command_line_replace_openmp(char **flags, gboolean *openmp);

/* Removes from `flags` the ones that clang's diagnostic `message` refuses (`unknown argument: '-mfoo'`).
 * FALSE when the message refuses none of them. */
gboolean command_line_drop_refused(char **flags, const char *message);

/* The last resort when clang refuses a command without naming a flag: leaves only what the preprocessor needs
 * (-I -D -U -include …) and what is always added. FALSE when that is all there was. */
gboolean command_line_keep_essential(char **flags);

/* TRUE for a file of C source by its name (or by -x c in `flags`); C++, assembler and others are not
 * analysed. */
gboolean command_line_is_c(const char *file, const char *const *flags);

#endif
