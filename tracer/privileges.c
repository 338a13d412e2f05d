/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/privileges.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static const guint needed[] = {
    CAP_BPF,                /* the iterators that end a watch */
    CAP_PERFMON,            /* the same; system calls in slices, locks and markers of new processes */
    CAP_SYS_PTRACE,         /* memory and mappings of other users' processes */
    CAP_CHECKPOINT_RESTORE, /* files that are mapped but deleted */
    CAP_SYS_ADMIN,          /* the same before Linux 5.9, and the cost of the programs */
    CAP_DAC_READ_SEARCH,    /* object files that only others may read */
    CAP_DAC_OVERRIDE,       /* a session file in the folder of the user who called sudo */
    CAP_KILL,               /* to end a launched command that changed its user */
};

void privileges_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    guint32 kept[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, sets))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(needed); i++)
        kept[CAP_TO_INDEX(needed[i])] |= CAP_TO_MASK(needed[i]);
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        sets[i].permitted &= kept[i];
        sets[i].effective &= kept[i];
        sets[i].inheritable = 0;
    }
    syscall(SYS_capset, &header, sets);
}
