// Calls that Swift does not import as they are: variadic functions, and what glibc shows only under _GNU_SOURCE.
#include <linux/memfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int cprocess_prctl(int option, unsigned long argument) {
    return prctl(option, argument, 0UL, 0UL, 0UL);
}

/// A memory file, closed on exec; -1 on failure.
static inline int cprocess_memory_file(const char *name) {
    return (int) syscall(SYS_memfd_create, name, MFD_CLOEXEC);
}

enum cprocess_limit {
    cprocess_limit_core = RLIMIT_CORE,
    cprocess_limit_memory = RLIMIT_AS,
    cprocess_limit_file_size = RLIMIT_FSIZE,
    cprocess_limit_descriptors = RLIMIT_NOFILE,
    cprocess_limit_processor = RLIMIT_CPU,
};

/// Sets the soft and the hard limit.
static inline int cprocess_set_limit(enum cprocess_limit limit, unsigned long value) {
    struct rlimit both = { value, value };
    return setrlimit((int) limit, &both);
}
