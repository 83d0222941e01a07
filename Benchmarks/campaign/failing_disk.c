/* A disk that fails when it is told to: preloaded into a server (LD_PRELOAD), it counts the calls that write to one folder and fails the
 * n-th of a kind, or that and all that come after it. strace can do that too, but counts for each thread apart.
 *
 * DISK_FOLDER is the folder, DISK_FAULTS a file of `struct control` that whoever runs the server changes while it runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CALLS = 4096, LABEL = 64 };

struct control {
    int32_t counted; /* calls of the kind so far */
    int32_t first;   /* the first that fails, from 1; 0: none does */
    int32_t stays;   /* whether all that come after it fail, too, of whatever kind */
    int32_t error;   /* errno */
    int32_t failed;  /* how many did */
    char kind[44];   /* as the labels are; empty: all calls */
    int32_t known;   /* labels */
    char labels[CALLS][LABEL]; /* what each call was: its name and its path, files of one use under one name */
};

static struct control *control;
static const char *folder;

__attribute__((constructor)) static void start(void) {
    folder = getenv("DISK_FOLDER");
    const char *path = getenv("DISK_FAULTS");
    if (!folder || !path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED) control = memory;
}

static void describe(char *label, const char *name, const char *path) {
    if (strncmp(path, "/blobs/incoming/", 16) == 0) path = "/blobs/incoming/*";
    else if (strncmp(path, "/blobs/", 7) == 0 && strcmp(path, "/blobs/incoming") != 0) path = "/blobs/xx";
    else if (strncmp(path, "/calls/", 7) == 0) path = "/calls/*";
    else if (path[0] == 0) path = "/";
    snprintf(label, LABEL, "%s %.40s", name, path);
}

/* Whether this call fails: errno is set then. */
static int fails_at(const char *name, const char *path) {
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0) return 0;
    char label[LABEL] = {0};
    describe(label, name, path + length);
    int32_t known = __atomic_fetch_add(&control->known, 1, __ATOMIC_SEQ_CST);
    if (known < CALLS) memcpy(control->labels[known], label, LABEL);
    int32_t first = __atomic_load_n(&control->first, __ATOMIC_SEQ_CST);
    int tripped = first != 0 && control->stays && __atomic_load_n(&control->failed, __ATOMIC_SEQ_CST) > 0;
    if (!tripped) {
        if (control->kind[0] && strncmp(control->kind, label, sizeof control->kind) != 0) return 0;
        if (__atomic_add_fetch(&control->counted, 1, __ATOMIC_SEQ_CST) != first) return 0;
    }
    __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
    errno = __atomic_load_n(&control->error, __ATOMIC_SEQ_CST);
    return 1;
}

static int fails(const char *name, int descriptor) {
    if (!control) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int saved = errno;
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0) return 0;
    path[length] = 0;
    return fails_at(name, path);
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*next)(int, const void *, size_t);
    if (!next) next = NEXT(ssize_t (*)(int, const void *, size_t), "write");
    return fails("write", descriptor) ? -1 : next(descriptor, bytes, count);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    static ssize_t (*next)(int, const struct iovec *, int);
    if (!next) next = NEXT(ssize_t (*)(int, const struct iovec *, int), "writev");
    return fails("write", descriptor) ? -1 : next(descriptor, parts, count);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t place) {
    static ssize_t (*next)(int, const void *, size_t, off64_t);
    if (!next) next = NEXT(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64");
    return fails("write", descriptor) ? -1 : next(descriptor, bytes, count, place);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t place) {
    return pwrite64(descriptor, bytes, count, place);
}

int fsync(int descriptor) {
    static int (*next)(int);
    if (!next) next = NEXT(int (*)(int), "fsync");
    return fails("sync", descriptor) ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
    static int (*next)(int);
    if (!next) next = NEXT(int (*)(int), "fdatasync");
    return fails("sync", descriptor) ? -1 : next(descriptor);
}

int ftruncate64(int descriptor, off64_t length) {
    static int (*next)(int, off64_t);
    if (!next) next = NEXT(int (*)(int, off64_t), "ftruncate64");
    return fails("truncate", descriptor) ? -1 : next(descriptor, length);
}

int ftruncate(int descriptor, off_t length) {
    return ftruncate64(descriptor, length);
}

int renameat(int from, const char *old, int to, const char *new) {
    static int (*next)(int, const char *, int, const char *);
    if (!next) next = NEXT(int (*)(int, const char *, int, const char *), "renameat");
    return fails("rename", from) ? -1 : next(from, old, to, new);
}

int openat64(int descriptor, const char *path, int flags, ...) {
    static int (*next)(int, const char *, int, ...);
    if (!next) next = NEXT(int (*)(int, const char *, int, ...), "openat64");
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
        if (fails("create in", descriptor)) return -1;
    }
    return next(descriptor, path, flags, mode);
}

int openat(int descriptor, const char *path, int flags, ...) {
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    return openat64(descriptor, path, flags, mode);
}
