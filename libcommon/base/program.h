/*
 * What every program does alike: options, help, messages for people, and the end.
 *
 *     static const struct option_spec options[] = {
 *         { 'k', "key", "NAME", "choose by this column (default valid.accuracy)" },
 *         { OPTION_MIN, "min", NULL, "the smallest is best" },      // no letter: a number above 255
 *         OPTIONS_COMMON(OPT_JSON | OPT_NUL),
 *         { 0 },
 *     };
 *     static const struct program program = {
 *         "[-k name] [records|directory ...]", "print the path of the best checkpoint", options, parse_option, 0, 1
 *     };
 *
 *     const struct invocation *run = program_start(argc, argv, &program, &context);
 *     ... run->operands[0 .. run->operand_count - 1] ...
 *     return program_finish(STATUS_OK);                             // checks stdout
 *
 * A wrong command line ends the program with 64 and says how it is used; -h and -V print to stdout and end it with 0.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/error.h"
#include "base/output.h"
#include "base/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROTE_VERSION "0.1"

/* The options whose letters mean the same in every program; -h, -V, -q and -v are always there. */
enum {
    OPT_DRY_RUN = 1,  /* -n */
    OPT_OUTPUT = 2,   /* -o PATH */
    OPT_FORCE = 4,    /* -f */
    OPT_DEVICE = 8,   /* -d DEVICE */
    OPT_THREADS = 16, /* -t COUNT */
    OPT_JSON = 32,    /* -j */
    OPT_SEED = 64,    /* -s SEED */
    OPT_NUL = 128,    /* -0 */
};

enum { MANY_OPERANDS = 1 << 30 };

struct option_spec {
    int letter;           /* or, for an option that has only a long name, a number above 255; 0 ends the list */
    const char *name;     /* the long form */
    const char *argument; /* what its argument is called, NULL where it takes none */
    const char *help;     /* one line for -h */
    unsigned common;      /* OPT_* bits: stands for those options */
};

#define OPTIONS_COMMON(bits)          \
    {                                 \
        256, NULL, NULL, NULL, (bits) \
    }

struct program {
    const char *synopsis; /* as in the page; a further line is a further form, or goes on if it begins with a blank */
    const char *purpose;  /* one line, as in the page's NAME */
    const struct option_spec *options;
    void (*parse)(int letter, const char *argument, void *context); /* die(STATUS_USAGE, ...) on a wrong argument */
    size_t least, most;                                             /* operands */
};

struct invocation {
    char **operands;
    size_t operand_count;
    bool dry_run, names_end_in_nul;
    const char *output;    /* NULL without -o */
    enum output_mode mode; /* OUTPUT_REPLACE with -f */
    const char *device;    /* "auto" without -d */
    size_t threads;        /* what the process may use without -t; 0 where the program takes no -t */
    bool chose_threads;    /* with -t */
    uint64_t seed;         /* 1 without -s */
    enum record_form form;
    int verbosity; /* -1 with -q, 1 with -v */
};

/* Parse the command line. The result lives as long as the program. */
const struct invocation *program_start(int argc, char **argv, const struct program *program, void *context);

/* End with 64 and "program: message", then how to get help. */
_Noreturn void program_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line to stderr for people, "program: message": not with -q; with `program_tell`, only with -v. */
void program_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void program_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print a file name to stdout, ended as -0 says; on a terminal control characters are shown as \xHH. */
void program_print_path(const char *path);

/* Flush and check stdout: 74 and a message if anything that was printed did not arrive, else `status`. */
int program_finish(enum status status);

#endif
