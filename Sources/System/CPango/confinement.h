#pragma once
#include <sys/syscall.h>

// No other system header here: this module would become the owner of its types.

extern long syscall(long number, ...);

/// Closes all descriptors from 3 on.
static inline void faxlock_close_others(void) { syscall(SYS_close_range, 3u, ~0u, 0u); }

/// Ends process `pid` when it has used `seconds` of CPU since its start. 0 if that holds.
static inline int faxlock_limit_cpu(int pid, unsigned long seconds) {
    unsigned long limit[2] = {0, 0}; // soft, hard
    if (syscall(SYS_prlimit64, (long)pid, 0L, (void *)0, limit) != 0) return -1;
    limit[0] = seconds < limit[1] ? seconds : limit[1];
    return (int)syscall(SYS_prlimit64, (long)pid, 0L, limit, (void *)0);
}
