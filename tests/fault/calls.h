/*
 * The system calls that inject.c knows by name, in groups of those that do the same, and which argument of each names a
 * file.
 */
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call {
    int number;
    const char *name, *group;
    int path, directory, descriptor; /* which argument that is, from 1 on; 0: none is */
    bool anonymous;                  /* of memory, which no file is behind */
};

extern const struct call calls[];
extern const size_t call_count;

/* NULL for one that is not listed. */
const struct call *call_find(int number);

/* Does it change what is on a disk, or who may? A write to a pipe does not, but is counted as one that does. */
bool call_changes(const struct call *call, const uint64_t arguments[6]);

/* Is it one of the classes, names with commas between them: a group, the name of a call, "change", "all", or
   "fsync-directory"? `call` may be NULL, for one that is not listed; `on_directory`: its descriptor is one. */
bool call_is_in(const struct call *call, const uint64_t arguments[6], bool on_directory, const char *classes);

/* Is a class one of them? */
bool call_classes_have(const char *classes, const char *class);

/* Is each of the classes one? */
bool call_classes_are_known(const char *classes);

#endif
