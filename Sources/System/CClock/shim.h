// adjtimex(2), which Swift's Glibc module does not have. Apart from CProcess: whoever imports this gets struct timespec from it.
#include <sys/timex.h>

/// Whether the kernel takes its clock for synchronised: 1 or 0; -1 if it does not say.
static inline int cclock_is_synchronised(void) {
    struct timex state = { 0 };
    if (adjtimex(&state) < 0) return -1;
    return (state.status & STA_UNSYNC) == 0;
}
