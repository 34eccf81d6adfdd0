/* kill -9 at a chosen step: runs a command and kills it just before the N-th
 * system call with which it changes something outside itself.
 *
 * killat OUT N COMMAND [ARGUMENT…]
 *
 * Such a call writes, syncs, cuts, renames, removes or makes a folder, whichever
 * library makes it and whatever it goes to. N = 0: never. One line is written to
 * OUT: how many of them were reached. Exits with the command's own status, 128 + N
 * if signal N ended it.
 *
 * A filter of the kernel's (seccomp) stops the command at these calls alone; the
 * debugger's interface (ptrace) tells us of it, for all its threads. */
#define _GNU_SOURCE /* __WALL */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned changing[] = {
    SYS_write,
    SYS_writev,
    SYS_pwrite64,
    SYS_pwritev,
    SYS_pwritev2,
    SYS_sendfile,
    SYS_copy_file_range,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_msync,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_renameat2,
    SYS_linkat,
    SYS_unlinkat,
    SYS_mkdirat,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_rename /* newer machines have only the calls above */
    SYS_rename,
    SYS_link,
    SYS_unlink,
    SYS_rmdir,
    SYS_mkdir,
#endif
};

enum { CHANGING = sizeof changing / sizeof *changing, NOT_STARTED = 99 };

static _Noreturn void give_up(const char *what)
{
    perror(what);
    _exit(NOT_STARTED);
}

/* One load, two instructions a call, and everything else may pass. */
static void set_filter(void)
{
    struct sock_filter steps[2 * CHANGING + 2] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short count = 1;
    for (size_t i = 0; i < CHANGING; i++) {
        steps[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, changing[i], 0, 1);
        steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {count, steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        give_up("killat: seccomp");
    }
}

static _Noreturn void become(char **command)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) { give_up("killat: ptrace"); }
    raise(SIGSTOP); /* until we are ready to be told */
    set_filter();
    execvp(command[0], command);
    give_up(command[0]);
}

static bool is_event(int status, int event)
{
    return status >> 8 == (SIGTRAP | event << 8);
}

/* What a stopped thread goes on with: its signal, if that is its own. */
static uintptr_t signal_of(int status)
{
    int number = WSTOPSIG(status);
    return status >> 16 != 0 || number == SIGSTOP || number == SIGTRAP ? 0 : (uintptr_t)number;
}

/* Until nothing of the command is left; the status of its first process. */
static int follow(pid_t pid, uint64_t kill_at, uint64_t *reached)
{
    int status = 0, ended = 0;
    for (pid_t at; (at = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (at == pid) { ended = status; }
            continue;
        }
        if (is_event(status, PTRACE_EVENT_SECCOMP) && ++*reached == kill_at) {
            kill(pid, SIGKILL);
            continue;
        }
        ptrace(PTRACE_CONT, at, NULL, signal_of(status));
    }
    return ended;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: killat OUT N COMMAND [ARGUMENT...]\n");
        return 2;
    }
    const uintptr_t options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                              PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    uint64_t reached = 0;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) { become(argv + 3); }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) { give_up("killat"); }
    if (!WIFSTOPPED(status)) { return NOT_STARTED; }
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL, options) != 0) { give_up("killat: ptrace"); }
    ptrace(PTRACE_CONT, pid, NULL, (uintptr_t)0);
    status = follow(pid, strtoull(argv[2], NULL, 10), &reached);

    FILE *out = fopen(argv[1], "w");
    if (out == NULL) { give_up(argv[1]); }
    fprintf(out, "%llu\n", (unsigned long long)reached);
    if (fclose(out) != 0) { give_up(argv[1]); }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
