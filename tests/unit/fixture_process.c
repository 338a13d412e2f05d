/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_TIMEOUT_MS 20000

char *fixture_path(const char *name)
{
    return g_build_filename(FIXTURE_DIR, name, NULL);
}

/* Whatever the fate of the test, no fixture outlives it. */
static void prepare_child(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void read_lines(struct fixture_process *process, guint line_count)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char byte = 0;
    while (process->lines->len < line_count && read(process->output, &byte, 1) == 1) {
        if (byte != '\n') {
            g_string_append_c(line, byte);
            continue;
        }
        g_ptr_array_add(process->lines, g_strdup(line->str));
        g_string_truncate(line, 0);
    }
    g_assert_cmpuint(process->lines->len, ==, line_count);
}

struct fixture_process *fixture_process_start(const char *name, const char *argument, guint line_count)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = fixture_path(name);
    char *command[] = {path, (char *)argument, NULL};
    struct fixture_process *process = g_new0(struct fixture_process, 1);
    process->lines = g_ptr_array_new_with_free_func(g_free);
    g_spawn_async_with_pipes(NULL, command, NULL, G_SPAWN_DO_NOT_REAP_CHILD, prepare_child, NULL,
                             &process->pid, NULL, &process->output, NULL, &error);
    g_assert_no_error(error);
    read_lines(process, line_count);
    return process;
}

void fixture_process_stop(struct fixture_process *process)
{
    kill(process->pid, SIGKILL);
    waitpid(process->pid, NULL, 0);
    close(process->output);
    g_ptr_array_unref(process->lines);
    g_free(process);
}

const char *fixture_process_find(const struct fixture_process *process, const char *word)
{
    gsize length = strlen(word);
    for (guint i = 0; i < process->lines->len; i++) {
        const char *line = process->lines->pdata[i];
        if (strncmp(line, word, length) == 0 && line[length] == ' ')
            return line + length + 1;
    }
    return NULL;
}

gboolean fixture_thread_stop(int tid)
{
    int status = 0;
    if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0) {
        g_assert_cmpint(errno, ==, EPERM);
        return FALSE;
    }
    g_assert_cmpint(ptrace(PTRACE_INTERRUPT, tid, NULL, NULL), ==, 0);
    g_assert_cmpint(waitpid(tid, &status, __WALL), ==, tid);
    return TRUE;
}

void fixture_thread_read(int tid, guint8 *bytes, struct stack_snapshot *snapshot)
{
    const gsize page = 4096;
    struct user_regs_struct registers;
    g_assert_cmpint(ptrace(PTRACE_GETREGS, tid, NULL, &registers), ==, 0);
    gsize size = 0;
    while (size < FIXTURE_STACK_BYTES) { /* page by page: the stack ends somewhere */
        gsize part = MIN(page - ((registers.rsp + size) & (page - 1)), FIXTURE_STACK_BYTES - size);
        struct iovec local = {bytes + size, part};
        struct iovec remote = {(void *)(registers.rsp + size), part};
        if (process_vm_readv(tid, &local, 1, &remote, 1, 0) != (gssize)part)
            break;
        size += part;
    }
    *snapshot = (struct stack_snapshot){
        .ip = registers.rip,
        .sp = registers.rsp,
        .bp = registers.rbp,
        .bx = registers.rbx,
        .r12 = registers.r12,
        .r13 = registers.r13,
        .r14 = registers.r14,
        .r15 = registers.r15,
        .bytes = bytes,
        .size = (guint32)size,
    };
}

void fixture_thread_step(int tid)
{
    int status = 0;
    g_assert_cmpint(ptrace(PTRACE_SINGLESTEP, tid, NULL, NULL), ==, 0);
    g_assert_cmpint(waitpid(tid, &status, __WALL), ==, tid);
}

void fixture_thread_release(int tid)
{
    g_assert_cmpint(ptrace(PTRACE_DETACH, tid, NULL, NULL), ==, 0);
}

int fixture_line(const char *source, const char *text)
{
    g_autofree char *path = g_build_filename(FIXTURE_SOURCE_DIR, source, NULL);
    g_autofree char *content = NULL;
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    const char *found = strstr(content, text);
    g_assert_nonnull(found);
    int line = 1;
    for (const char *byte = content; byte < found; byte++)
        line += *byte == '\n';
    return line;
}
