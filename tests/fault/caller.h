/*
 * Looking at the process that waits in a system call, by /proc. What cannot be found out is empty: it may have been
 * killed.
 */
#ifndef FAULT_CALLER_H
#define FAULT_CALLER_H

#include "calls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PATH_SIZE = 4096 };

/* The file that a call is about, as an absolute path; "" where it is about none. For a rename, the old name. */
void caller_path(pid_t thread, const struct call *call, const uint64_t arguments[6], char path[PATH_SIZE]);

/* The name of its program, and its process's number. */
void caller_name(pid_t thread, char name[16 + 1]);
pid_t caller_process(pid_t thread);

/* Is the code at this address that of the dynamic loader? */
bool caller_is_loader(pid_t thread, uint64_t address);

/* Do half of a read or write for the caller, at least a byte, as the kernel may: the count that it gets, or -1 for
   other calls and where this is not permitted. */
ptrdiff_t caller_transfer_half(pid_t thread, const struct call *call, const uint64_t arguments[6]);

#endif
