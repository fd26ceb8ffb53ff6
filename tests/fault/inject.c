/*
 * inject - number the system calls of a command and all its children, and let one of them fail
 *
 *     inject -c CLASSES [-p PATH]... [-n NUMBER [-r] -a ACTION] [-o FILE] [-t SECONDS] command [argument ...]
 *
 * Counted are the calls of the classes (calls.h: "change", "write", "fsync-directory", "all", ...), on files at or
 * below the PATHs where there are any, in the order in which they come, over all processes and threads; those of the
 * dynamic loader only with "all". Each is seen before it is done. At call NUMBER (with -r, from it on) the ACTION is
 * taken:
 *
 *     kill, kill-caller        SIGKILL to the whole process group, or to the caller; the call is not done
 *     ENOSPC, EIO, ...         the call is not done and fails so
 *     short                    of a read or write of a regular file half is done
 *     signal=TERM              the caller gets a signal, and its call is done
 *     group-signal=TERM        the whole process group gets it
 *
 * FILE gets a line for each call that counts: number, program, call, path, "change" where it is one, its group, and the
 * action. The status is that of the command, 128 and a number if a signal ended it, 124 if it took more than SECONDS;
 * not before all its children have ended. 125: this program failed; 126: the action was never taken.
 *
 * By seccomp_unotify(2), which needs no privilege, sees static programs and shells too, and costs little for what is
 * not counted.
 */
#include "caller.h"
#include "calls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PATHS = 8, FAILED = 125, TIMED_OUT = 124, NOT_REACHED = 126 };

enum action {
    ACTION_NONE,
    ACTION_KILL,
    ACTION_KILL_CALLER,
    ACTION_ERROR,
    ACTION_SHORT,
    ACTION_SIGNAL,
    ACTION_GROUP_SIGNAL
};

static struct {
    const char *classes, *paths[MOST_PATHS];
    size_t path_count;
    unsigned long long number;
    bool repeat;
    enum action action;
    const char *action_name;
    int value; /* the error or signal of the action */
    FILE *list;
    int seconds;
} request = { .seconds = 120 };

static pid_t group;              /* of the command: that of its first process */
static unsigned long long count; /* calls counted so far */
static bool acted;               /* the action was taken at least once */

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;

    fputs("inject: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (group > 0)
        kill(-group, SIGKILL);
    _exit(FAILED);
}

static int find_number(const char *name, const char *(*name_of)(int))
{
    for (int i = 1; i < 200; i++)
        if (name_of(i) && strcmp(name_of(i), name) == 0)
            return i;
    fail("%s: no such error or signal", name);
}

static void parse_action(const char *name)
{
    static const char signal_prefix[] = "signal=", group_prefix[] = "group-signal=";

    request.action_name = name;
    if (strcmp(name, "kill") == 0)
        request.action = ACTION_KILL;
    else if (strcmp(name, "kill-caller") == 0)
        request.action = ACTION_KILL_CALLER;
    else if (strcmp(name, "short") == 0)
        request.action = ACTION_SHORT;
    else if (strncmp(name, signal_prefix, strlen(signal_prefix)) == 0) {
        request.action = ACTION_SIGNAL;
        request.value = find_number(name + strlen(signal_prefix), sigabbrev_np);
    } else if (strncmp(name, group_prefix, strlen(group_prefix)) == 0) {
        request.action = ACTION_GROUP_SIGNAL;
        request.value = find_number(name + strlen(group_prefix), sigabbrev_np);
    } else {
        request.action = ACTION_ERROR;
        request.value = find_number(name, strerrorname_np);
    }
}

static void parse(int argc, char **argv)
{
    for (int letter; (letter = getopt(argc, argv, "+a:c:n:o:p:rt:")) != -1;)
        switch (letter) {
        case 'a':
            parse_action(optarg);
            break;
        case 'c':
            if (!call_classes_are_known(optarg))
                fail("-c %s: no such class of calls", optarg);
            request.classes = optarg;
            break;
        case 'n':
            request.number = strtoull(optarg, NULL, 10);
            break;
        case 'o':
            request.list = fopen(optarg, "we");
            if (!request.list)
                fail("%s: create: %s", optarg, strerror(errno));
            break;
        case 'p':
            if (request.path_count == MOST_PATHS)
                fail("-p: more than %d of them", MOST_PATHS);
            request.paths[request.path_count++] = optarg;
            break;
        case 'r':
            request.repeat = true;
            break;
        case 't':
            request.seconds = atoi(optarg);
            break;
        default:
            exit(FAILED);
        }
    if (!request.classes || optind == argc || (request.number && !request.action))
        fail("usage: inject -c classes [-p path]... [-n number [-r] -a action] [-o file] [-t seconds] command "
             "[argument ...]");
}

/* Let the kernel ask about the calls that may count. With "all" that is every call but the one that hands over the
 * listener. */
static int install_filter(void)
{
    struct sock_filter code[256];
    unsigned short n = 0;
    const bool all = call_classes_have(request.classes, "all");
    const uint32_t ask = SECCOMP_RET_USER_NOTIF, allow = SECCOMP_RET_ALLOW;
    struct sock_fprog program = { .filter = code };

    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, allow);
    for (size_t i = 0; i < call_count && !all; i++) {
        /* The arguments are not known yet: what might be a change is asked about. */
        const uint64_t any[6] = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
        if (!call_is_in(&calls[i], any, true, request.classes))
            continue;
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ask);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, all ? ask : allow);
    program.len = n;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    /* A signal that comes while a call is looked at waits for it: each call is seen once (Linux 5.19). */
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
}

union descriptor_message {
    struct cmsghdr align;
    char space[CMSG_SPACE(sizeof(int))];
};

static int send_descriptor(int socket, int fd)
{
    union descriptor_message control = { .space = { 0 } };
    char byte = 0;
    struct iovec data = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
    union descriptor_message control;
    char byte;
    struct iovec data = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    struct cmsghdr *header;
    int fd;

    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || !(header = CMSG_FIRSTHDR(&message)))
        fail("the command could not be put under observation: seccomp user notifications are not to be had here");
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

/* Start the command in a process group of its own; returns the descriptor on which the kernel asks. */
static int start(char **command)
{
    int pair[2], listener;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
        fail("%s", strerror(errno));
    group = fork();
    if (group < 0)
        fail("fork: %s", strerror(errno));
    if (group == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setpgid(0, 0);
        listener = install_filter();
        if (listener < 0 || send_descriptor(pair[1], listener))
            _exit(FAILED);
        execvp(command[0], command);
        _exit(127);
    }
    close(pair[1]);
    listener = receive_descriptor(pair[0]);
    close(pair[0]);
    return listener;
}

static bool is_watched(const char *path)
{
    for (size_t i = 0; i < request.path_count; i++) {
        size_t n = strlen(request.paths[i]);
        if (strncmp(path, request.paths[i], n) == 0 && (!path[n] || path[n] == '/'))
            return true;
    }
    return request.path_count == 0;
}

static bool is_directory(const char *path)
{
    struct stat there;

    return stat(path, &there) == 0 && S_ISDIR(there.st_mode);
}

static void note(const struct seccomp_notif *asked, const struct call *call, const char *path, bool act)
{
    char program[16 + 1], number[16];

    if (!request.list)
        return;
    caller_name((pid_t)asked->pid, program);
    snprintf(number, sizeof number, "%d", asked->data.nr);
    fprintf(request.list, "%llu\t%s\t%s\t", count, program, call ? call->name : number);
    for (; *path; path++)
        fputc((unsigned char)*path < ' ' ? '?' : *path, request.list);
    fprintf(request.list, "\t%s\t%s\t%s\n",
            call && call_changes(call, (const uint64_t *)asked->data.args) ? "change" : "", call ? call->group : "",
            act ? request.action_name : "");
    fflush(request.list);
}

/* False: there will be no answer, as the caller is killed. */
static bool act(const struct seccomp_notif *asked, const struct call *call, struct seccomp_notif_resp *answer)
{
    const uint64_t *arguments = (const uint64_t *)asked->data.args;
    pid_t thread = (pid_t)asked->pid;
    ptrdiff_t n;

    acted = true;
    switch (request.action) {
    case ACTION_KILL:
        kill(-group, SIGKILL);
        return false;
    case ACTION_KILL_CALLER:
        kill(caller_process(thread), SIGKILL);
        return false;
    case ACTION_ERROR:
        *answer = (struct seccomp_notif_resp){ .id = asked->id, .error = -request.value };
        break;
    case ACTION_SHORT:
        n = call ? caller_transfer_half(thread, call, arguments) : -1;
        if (n >= 0)
            *answer = (struct seccomp_notif_resp){ .id = asked->id, .val = n };
        break;
    case ACTION_SIGNAL:
        kill(caller_process(thread), request.value);
        break;
    case ACTION_GROUP_SIGNAL:
        kill(-group, request.value);
        break;
    case ACTION_NONE:
        break;
    }
    return true;
}

/* Does this call count? Then also what it is about. */
static bool counts(const struct seccomp_notif *asked, const struct call *call, char path[PATH_SIZE])
{
    const uint64_t *arguments = (const uint64_t *)asked->data.args;

    path[0] = '\0';
    if (call)
        caller_path((pid_t)asked->pid, call, arguments, path);
    return call_is_in(call, arguments, call && call->descriptor && is_directory(path), request.classes) &&
           is_watched(path) &&
           (call_classes_have(request.classes, "all") ||
            !caller_is_loader((pid_t)asked->pid, asked->data.instruction_pointer));
}

static void answer_one(int listener)
{
    struct seccomp_notif asked = { 0 };
    struct seccomp_notif_resp answer = { 0 };
    const struct call *call;
    char path[PATH_SIZE];
    bool due;

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked))
        return; /* it was killed meanwhile */
    answer = (struct seccomp_notif_resp){ .id = asked.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
    call = call_find(asked.data.nr);
    if (counts(&asked, call, path)) {
        count++;
        due = request.number && (count == request.number || (request.repeat && count > request.number));
        note(&asked, call, path, due);
        if (due && !act(&asked, call, &answer))
            return;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static void ignore(int number)
{
    (void)number;
}

/* Those that their parents leave behind become ours, whatever group they are in, and are killed the next time. */
static void kill_children(void)
{
    FILE *children = fopen("/proc/thread-self/children", "re");
    int child;

    while (children && fscanf(children, "%d", &child) == 1)
        kill(child, SIGKILL);
    if (children)
        fclose(children);
}

/* Answer until the last descendant has ended. The status of the command. */
static int supervise(int listener)
{
    struct pollfd poll = { listener, POLLIN, 0 };
    const time_t begin = time(NULL);
    bool late = false;
    int status = 0, one;
    sigset_t none;

    sigemptyset(&none);
    for (;;) {
        struct timespec second = { 1, 0 };
        pid_t ended = waitpid(-1, &one, WNOHANG);
        if (ended < 0)
            break;
        if (ended == group)
            status = WIFSIGNALED(one) ? 128 + WTERMSIG(one) : WEXITSTATUS(one);
        if (ended > 0)
            continue;
        if (ppoll(&poll, 1, &second, &none) > 0 && poll.revents & POLLIN)
            answer_one(listener);
        else if (poll.revents & POLLHUP)
            poll.fd = -1; /* nobody is left who could ask; the last ones have still to be waited for */
        if (time(NULL) - begin > request.seconds) {
            late = true;
            kill_children();
        }
    }
    return late ? TIMED_OUT : status;
}

int main(int argc, char **argv)
{
    struct sigaction child_ended = { .sa_handler = ignore };
    sigset_t block;
    int status;

    parse(argc, argv);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, NULL); /* but while ppoll waits */
    sigaction(SIGCHLD, &child_ended, NULL);
    status = supervise(start(argv + optind));
    if (request.list && fclose(request.list))
        fail("the list of calls could not be written");
    return request.number && !acted && status != TIMED_OUT ? NOT_REACHED : status;
}
