// Preloaded into pgdr, ends it by SIGKILL at an entry of its audit log: right after it is on the disk, when nothing of
// what it announces has been done; or right before it is written, when all that was announced before has been done and
// nothing tells so yet; or a while after a step was announced, or when it has been done and nothing tells so yet.
//
// PGDR_CRASH_DIRECTORY: the log's directory. PGDR_CRASH_WHEN: "before" or "after" the entry PGDR_CRASH_AT, the first
// being 1; or "during" step PGDR_CRASH_STEP, PGDR_CRASH_DELAY microseconds after its entry, or once it has "acted".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
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

// Writes and flushes of the log take turns.
static atomic_int written;
static atomic_int announced;

static void die_if(const char *when, int number) {
    const char *wanted = getenv("PGDR_CRASH_WHEN"), *at = getenv("PGDR_CRASH_AT");
    if (wanted && at && strcmp(wanted, when) == 0 && number == atoi(at)) kill(getpid(), SIGKILL);
}

static void *die_later(void *unused) {
    (void)unused;
    const char *delay = getenv("PGDR_CRASH_DELAY");
    usleep(delay ? (useconds_t)atoi(delay) : 0);
    kill(getpid(), SIGKILL);
    return NULL;
}

static void written_next(int descriptor, const void *bytes, size_t count) {
    if (!is_log(descriptor)) return;
    die_if("before", atomic_fetch_add(&written, 1) + 1);
    const char *when = getenv("PGDR_CRASH_WHEN"), *step = getenv("PGDR_CRASH_STEP");
    if (!when || !step) return;
    int acted = strcmp(when, "acted") == 0;
    if (!acted && strcmp(when, "during") != 0) return;
    // What comes after the announcement tells that it was done.
    if (acted && atomic_load(&announced)) kill(getpid(), SIGKILL);
    char text[256];
    snprintf(text, sizeof text, "\"step\":\"%s\"", step);
    if (memmem(bytes, count, text, strlen(text))) atomic_store(&announced, 1);
}

static void flushed(int descriptor) {
    if (!is_log(descriptor)) return;
    die_if("after", atomic_load(&written));
    const char *when = getenv("PGDR_CRASH_WHEN");
    if (!when || strcmp(when, "during") != 0 || !atomic_exchange(&announced, 0)) return;
    const char *delay = getenv("PGDR_CRASH_DELAY");
    // At once means before anything is done.
    if (!delay || atoi(delay) == 0) kill(getpid(), SIGKILL);
    pthread_t thread;
    pthread_create(&thread, NULL, die_later, NULL);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    written_next(descriptor, bytes, count);
    return real(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    written_next(descriptor, bytes, count);
    return real(descriptor, bytes, count, offset);
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
