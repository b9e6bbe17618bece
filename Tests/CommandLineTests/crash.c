// Preloaded into pgdr, ends it by SIGKILL right after it has flushed so many entries of its audit log to the disk: the
// instant at which an entry is on the disk and nothing of what it announces has been done.
//
// PGDR_CRASH_AFTER: how many. PGDR_CRASH_DIRECTORY: the audit log's directory.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_log(int descriptor) {
    const char *directory = getenv("PGDR_CRASH_DIRECTORY");
    if (directory == NULL) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 6) return 0;
    path[length] = 0;
    return strncmp(path, directory, strlen(directory)) == 0 && strcmp(path + length - 6, ".jsonl") == 0;
}

static void flushed(int descriptor) {
    static atomic_int count;
    const char *limit = getenv("PGDR_CRASH_AFTER");
    if (limit == NULL || !is_log(descriptor)) return;
    if (atomic_fetch_add(&count, 1) + 1 == atoi(limit)) kill(getpid(), SIGKILL);
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(descriptor);
    flushed(descriptor);
    return result;
}

int fdatasync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(descriptor);
    flushed(descriptor);
    return result;
}
