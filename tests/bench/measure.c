/* Runs a command and says what it took.
 *
 * measure OUT COMMAND [ARGUMENT…]: one line is appended to OUT,
 *
 *   status seconds cpu_seconds peak_anonymous_kib peak_resident_kib
 *
 * Anonymous memory (RssAnon: heap, stacks, buffers; not the page cache that a
 * mapped store shows as resident) is sampled every 20 ms, so a shorter peak may
 * be missed. Before the command starts, memory is touched and given back, 4 GiB of it
 * or $WARM_GIB: a virtual machine whose host takes idle memory away pays for each page
 * that it gets again, and whoever comes first would pay for all. Exits with the
 * command's own status, 128 + N if signal N ended it. */
#define _GNU_SOURCE /* wait4, MAP_POPULATE */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_GIB = 4 };

static const long sample_ns = 20 * 1000000L;

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* RssAnon of a process in KiB; 0 when it is gone. */
static long anonymous_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *status = fopen(path, "r");
    if (status == NULL) { return 0; }
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0) { kib = strtol(line + 8, NULL, 10); }
    }
    fclose(status);
    return kib;
}

/* Samples until the child ends. A child that ends wakes us at once, so that the
 * sampling does not blur the time. */
static int watch(pid_t pid, const sigset_t *child_ended, long *peak_kib, struct rusage *usage)
{
    const struct timespec pause = {0, sample_ns};
    for (;;) {
        int status = 0;
        if (wait4(pid, &status, WNOHANG, usage) == pid) { return status; }
        long kib = anonymous_kib(pid);
        if (kib > *peak_kib) { *peak_kib = kib; }
        sigtimedwait(child_ended, NULL, &pause);
    }
}

static void warm_memory(void)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    const char *asked = getenv("WARM_GIB");
    size_t bytes = (size_t)(asked == NULL ? WARM_GIB : atoi(asked)) << 30;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory != MAP_FAILED) { munmap(memory, bytes); }
}

static double cpu_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure OUT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    sigset_t child_ended, before;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, &before);

    warm_memory();
    double started = seconds_now();
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (pid < 0) {
        perror("fork");
        return 3;
    }
    long peak_kib = 0;
    struct rusage usage;
    int status = watch(pid, &child_ended, &peak_kib, &usage);
    double seconds = seconds_now() - started;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

    FILE *out = fopen(argv[1], "a");
    if (out == NULL) {
        perror(argv[1]);
        return 3;
    }
    fprintf(out, "%d %.3f %.3f %ld %ld\n", code, seconds, cpu_seconds(&usage), peak_kib,
        usage.ru_maxrss);
    return fclose(out) == 0 ? code : 3;
}
