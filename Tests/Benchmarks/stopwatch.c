/*
 * Runs a command and writes to a file how long it took and how much memory it had: "MILLISECONDS MAXRSS_KB STATUS".
 *
 * A program of its own, and small, because Linux counts the memory of the process that was there before exec(2) into
 * the maximum of the one after it: started from an interpreter every command would seem to need what that one has.
 * STATUS is the exit status, or 128 and the signal.
 *
 * Usage: stopwatch FILE COMMAND [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    struct timespec start;
    struct timespec end;
    struct rusage usage;
    int status;
    pid_t child;
    FILE *file;

    if (argc < 3)
        return 64;
    clock_gettime(CLOCK_MONOTONIC, &start);
    child = fork();
    if (child == 0)
    {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 71;
    clock_gettime(CLOCK_MONOTONIC, &end);
    file = fopen(argv[1], "w");
    if (file == NULL)
        return 73;
    fprintf(file, "%.3f %ld %d\n",
            (double) (end.tv_sec - start.tv_sec) * 1e3 + (double) (end.tv_nsec - start.tv_nsec) / 1e6,
            usage.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fclose(file) == 0 ? 0 : 74;
}
