// Calls that Swift does not import as they are: variadic functions, and what glibc shows only under _GNU_SOURCE.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <stddef.h>
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

/// The version of Landlock in the kernel; below 1 where it has none.
static inline int cprocess_landlock_version(void) {
    return (int) syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/// The ruleset of Landlock version 6, which older headers do not have.
struct cprocess_landlock_rules {
    unsigned long long files;
    unsigned long long network;
    unsigned long long scopes;
};

/// A ruleset that handles the accesses in `files` and, from version 6 on, signals to processes outside; a descriptor, or -1.
static inline int cprocess_landlock_create(unsigned long long files, _Bool signals) {
    struct cprocess_landlock_rules rules = { .files = files, .scopes = signals ? 1ULL << 1 /* LANDLOCK_SCOPE_SIGNAL */ : 0 };
    return (int) syscall(SYS_landlock_create_ruleset, &rules, signals ? sizeof rules : sizeof rules.files, 0);
}

/// Allows `access` beneath the folder, or to the file, of descriptor `place`.
static inline int cprocess_landlock_allow(int ruleset, int place, unsigned long long access) {
    struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = place };
    return (int) syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/// Names a file or folder without a right to read it; -1 on failure.
static inline int cprocess_open_place(const char *path) {
    return (int) syscall(SYS_openat, AT_FDCWD, path, 010000000 /* O_PATH */ | O_CLOEXEC, 0);
}

static inline int cprocess_landlock_restrict(int ruleset) {
    return (int) syscall(SYS_landlock_restrict_self, ruleset, 0);
}

/// Puts a filter on this process and all that it starts; 0 on success.
static inline int cprocess_filter_system_calls(const struct sock_filter *program, unsigned short length) {
    struct sock_fprog filter = { .len = length, .filter = (struct sock_filter *) program };
    return (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

/// Any system call; -1 with `errno` on failure.
static inline long cprocess_system_call(long number, long first, long second, long third) {
    return syscall(number, first, second, third);
}

/// Where the filter finds the architecture, the number and the arguments of a call.
enum cprocess_offset {
    cprocess_offset_architecture = offsetof(struct seccomp_data, arch),
    cprocess_offset_number = offsetof(struct seccomp_data, nr),
    cprocess_offset_arguments = offsetof(struct seccomp_data, args),
};

/// The architecture that this is compiled for, as the kernel names it to filters.
#if defined(__x86_64__)
static const unsigned int cprocess_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const unsigned int cprocess_architecture = AUDIT_ARCH_AARCH64;
#else
#error "The filter of system calls is not written for this architecture."
#endif
