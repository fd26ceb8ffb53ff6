#include "base/program.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/processors.h"
#include "base/signals.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_OPTIONS = 48 };

static const struct {
    unsigned bit;
    struct option_spec spec;
} common[] = {
    { OPT_DRY_RUN, { 'n', "dry-run", NULL, "say what would be done and do nothing", 0 } },
    { OPT_OUTPUT, { 'o', "output", "PATH", "where the result goes", 0 } },
    { OPT_FORCE, { 'f', "force", NULL, "replace the output if it exists", 0 } },
    { OPT_DEVICE, { 'd', "device", "DEVICE", "auto, cpu, blas or ref (default auto)", 0 } },
    { OPT_THREADS, { 't', "threads", "COUNT", "worker threads (default: the processors this process may use)", 0 } },
    { OPT_JSON, { 'j', "json", NULL, "JSON Lines instead of tab-separated records", 0 } },
    { OPT_SEED, { 's', "seed", "SEED", "seed of everything random (default 1)", 0 } },
    { OPT_NUL, { '0', "null", NULL, "end names with NUL instead of newline", 0 } },
    { 0, { 'h', "help", NULL, "print this and exit", 0 } },
    { 0, { 'V', "version", NULL, "print the version and exit", 0 } },
    { 0, { 'q', "quiet", NULL, "only errors on stderr", 0 } },
    { 0, { 'v', "verbose", NULL, "more on stderr", 0 } },
};

static struct invocation invocation = { .device = "auto", .seed = 1, .form = RECORDS_TABS };

/* OPT_* of the common options that the program takes. */
static unsigned common_bits(const struct program *program)
{
    unsigned bits = 0;

    for (const struct option_spec *option = program->options; option->letter; option++)
        bits |= option->common;
    return bits;
}

/* The program's own options, then the common ones it takes; a zeroed one ends them. */
static void collect_options(const struct program *program, struct option_spec *all)
{
    const unsigned bits = common_bits(program);
    size_t n = 0;

    for (const struct option_spec *option = program->options; option->letter; option++)
        if (option->name)
            all[n++] = *option;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (!common[i].bit || (common[i].bit & bits))
            all[n++] = common[i].spec;
    if (n >= MOST_OPTIONS)
        die(STATUS_BUG, "more than %d options", MOST_OPTIONS);
    all[n] = (struct option_spec){ 0 };
}

static void print_help(const struct program *program, const struct option_spec *all)
{
    struct text lines = { 0 };
    char *synopsis = memory_string(program->synopsis), *rest = synopsis;

    for (const char *form, *before = "usage:"; (form = strsep(&rest, "\n")); before = "      ")
        text_format(&lines, "%s %s %s\n", before, *form == ' ' ? "   " : program_invocation_short_name, form);
    text_format(&lines, "%s\n\n", program->purpose);
    for (const struct option_spec *option = all; option->letter; option++) {
        char *left = memory_format(option->letter < 256 ? "-%c, --%s%s%s" : "%c   --%s%s%s",
                                   option->letter < 256 ? option->letter : ' ', option->name,
                                   option->argument ? " " : "", option->argument ? option->argument : "");
        text_format(&lines, "  %-28s %s\n", left, option->help);
        free(left);
    }
    text_format(&lines, "\nman %s says more.\n", program_invocation_short_name);
    fputs(lines.at, stdout);
    text_free(&lines);
    free(synopsis);
}

static void parse_common(int letter, const char *argument)
{
    switch (letter) {
    case 'n':
        invocation.dry_run = true;
        break;
    case 'o':
        invocation.output = argument;
        break;
    case 'f':
        invocation.mode = OUTPUT_REPLACE;
        break;
    case 'd':
        invocation.device = argument;
        break;
    case 't':
        if (!number_size(argument, &invocation.threads) || invocation.threads < 1 || invocation.threads > 4096)
            program_usage("-t %s: not a number of threads from 1 to 4096", argument);
        invocation.chose_threads = true;
        break;
    case 's':
        if (!number_u64(argument, &invocation.seed))
            program_usage("-s %s: not a whole number from 0 to 2^64 - 1", argument);
        break;
    case 'j':
        invocation.form = RECORDS_JSON;
        break;
    case '0':
        invocation.names_end_in_nul = true;
        break;
    case 'q':
        invocation.verbosity = -1;
        break;
    case 'v':
        invocation.verbosity = 1;
        break;
    }
}

static bool is_common(int letter, const struct program *program)
{
    for (const struct option_spec *option = program->options; option->letter; option++)
        if (option->letter == letter && option->name)
            return false;
    return true;
}

/* A standard descriptor that the caller closed must not be given to the next file that is opened, nor swallow what is
   printed: it becomes one on which reading (0) or writing (1, 2) fails. */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            exit(STATUS_RESOURCE);
}

static void parse_options(int argc, char **argv, const struct program *program, void *context,
                          const struct option_spec *all)
{
    struct option longs[MOST_OPTIONS + 1] = { 0 };
    char letters[3 * MOST_OPTIONS] = ":", *end = letters + 1;
    int letter;

    for (size_t i = 0; all[i].letter; i++) {
        longs[i] =
            (struct option){ all[i].name, all[i].argument ? required_argument : no_argument, NULL, all[i].letter };
        if (all[i].letter < 256)
            end += sprintf(end, "%c%s", all[i].letter, all[i].argument ? ":" : "");
    }
    unsetenv("POSIXLY_CORRECT"); /* options may follow operands */
    opterr = 0;
    while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (letter == ':')
            program_usage("%s: it needs an argument", argv[optind - 1]);
        if (letter == '?' && optopt && optopt < 256 && !strchr(letters, optopt))
            program_usage("-%c: no such option", optopt);
        if (letter == '?')
            program_usage("%s: no such option, or not used so", argv[optind - 1]);
        if (letter == 'h') {
            print_help(program, all);
            exit(program_finish(STATUS_OK));
        }
        if (letter == 'V') {
            printf("%s (rote) %s\n", program_invocation_short_name, ROTE_VERSION);
            exit(program_finish(STATUS_OK));
        }
        if (is_common(letter, program))
            parse_common(letter, optarg);
        else
            program->parse(letter, optarg, context);
    }
}

static int write_error; /* errno of the first write to stdout that failed */

static ssize_t write_stdout(void *nothing, const char *bytes, size_t size)
{
    (void)nothing;
    if (file_write_fully(STDOUT_FILENO, bytes, size) == 0)
        return (ssize_t)size;
    if (!write_error)
        write_error = errno;
    return 0;
}

/* A stream forgets why a write failed; this one does not. */
static void open_stdout(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_stdout });

    if (!stream)
        die_system(ACCESS_CREATE, "stdout", "open");
    setvbuf(stream, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = stream;
}

const struct invocation *program_start(int argc, char **argv, const struct program *program, void *context)
{
    struct option_spec all[MOST_OPTIONS];

    signals_end_cleanly();
    fill_standard_descriptors();
    open_stdout();
    collect_options(program, all);
    parse_options(argc, argv, program, context, all);
    invocation.operands = argv + optind;
    invocation.operand_count = (size_t)(argc - optind);
    if (!invocation.threads && common_bits(program) & OPT_THREADS)
        invocation.threads = processors_available();
    if (invocation.operand_count < program->least)
        program_usage("an operand is missing");
    if (invocation.operand_count > program->most)
        program_usage("%s: one operand too many", invocation.operands[program->most]);
    return &invocation;
}

void program_usage(const char *format, ...)
{
    struct text text = { 0 };
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_format(&text, "%s; '%s -h' prints how it is used", message, program_invocation_short_name);
    die(STATUS_USAGE, "%s", text.at);
}

static void say(int least, const char *format, va_list arguments)
{
    char message[1024];

    if (invocation.verbosity < least)
        return;
    vsnprintf(message, sizeof message, format, arguments);
    warn("%s", message);
}

void program_say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(0, format, arguments);
    va_end(arguments);
}

void program_tell(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(1, format, arguments);
    va_end(arguments);
}

void program_print_path(const char *path)
{
    char shown[TEXT_SHOWN];

    if (isatty(STDOUT_FILENO))
        for (const char *at = path; *at; fputs(shown, stdout))
            at += text_show(at, shown);
    else
        fputs(path, stdout);
    putchar(invocation.names_end_in_nul ? '\0' : '\n');
}

int program_finish(enum status status)
{
    struct error error;
    int copy;

    if (fflush(stdout) == 0 && !ferror(stdout)) {
        copy = dup(STDOUT_FILENO); /* closing it tells what closing stdout would */
        if (copy >= 0 && close(copy) == 0)
            return status;
        write_error = errno;
    }
    errno = write_error;
    error_system(&error, ACCESS_WRITE, "stdout", "write");
    warn_error(&error);
    return STATUS_IO;
}
