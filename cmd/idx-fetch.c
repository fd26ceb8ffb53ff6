/* idx-fetch - put known data sets in place */
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/program.h"
#include "data/fetch.h"
#include "data/known.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A mirror, or the folder of Debian's package. */
struct source {
    const char *base;
    bool silent; /* it did not answer, and is asked no more */
};

struct request {
    bool list;          /* -l */
    const char *sha256; /* -c */
    const char **mirrors;
    size_t mirror_count; /* -m */
};

static const struct option_spec options[] = {
    { 'c', "check", "SHA256", "fetch the file of one URL, which must have this digest", 0 },
    { 'l', "list", NULL, "print the known data sets", 0 },
    { 'm', "mirror", "PLACE", "ask this URL or folder instead of the known mirrors; may be repeated", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_OUTPUT | OPT_FORCE | OPT_JSON),
    { 0 },
};

static void check_place(const char *place)
{
    if (!*place || (transfer_is_url(place) && !transfer_is_known(place)))
        program_usage("'%s': not a folder, nor a URL that begins with http, https or file", place);
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'c':
        if (!digest_is_hex(argument))
            program_usage("-c %s: a SHA-256 is 64 digits from 0 to 9 and a to f", argument);
        request->sha256 = argument;
        break;
    case 'l':
        request->list = true;
        break;
    case 'm':
        check_place(argument);
        request->mirrors = memory_grow(request->mirrors, request->mirror_count, sizeof *request->mirrors);
        request->mirrors[request->mirror_count++] = argument;
        break;
    }
}

static const struct program program = {
    "[-fnqv] [-o directory] [-m place] name ...\n[-j] -l\n[-fnqv] -c sha256 -o file url",
    "put known data sets in place",
    options,
    parse_option,
    0,
    MANY_OPERANDS
};

static void list_sets(enum record_form form)
{
    struct record_writer *writer = record_writer_new(stdout, form);

    for (const struct known_set *set = known_sets; set < known_sets + known_count; set++) {
        struct text files = { 0 };

        for (size_t i = 0; i < KNOWN_FILES; i++)
            text_format(&files, "%s%s", i ? " " : "", set->files[i].name);
        record_text(writer, "name", set->name);
        record_text(writer, "files", files.at);
        record_text(writer, "licence", set->licence);
        record_text(writer, "source", set->source);
        if (set->package)
            record_text(writer, "package", set->package);
        else
            record_none(writer, "package");
        record_end(writer);
        text_free(&files);
    }
    record_writer_free(writer);
}

/* Must the file be fetched? Not if it is there; and it must not be in place of another one without -f. */
static enum status look(const struct fetch_file *file, const struct invocation *run, bool *wanted)
{
    enum fetch_state state;
    struct error error;
    enum status status = fetch_look(file, &state, &error);

    *wanted = !status && state != FETCH_RIGHT;
    if (!status && state == FETCH_OTHER && file->mode == OUTPUT_NO_REPLACE)
        status = error_set(&error, STATUS_CANNOT_CREATE,
                           "%s: fetch: something else of that name is there; -f replaces it", file->path);
    if (status)
        warn_error(&error);
    else if (state == FETCH_RIGHT) {
        program_say("%s: it is there and right", file->path);
        if (!run->dry_run)
            fetch_tidy(file);
    }
    return status;
}

/* Ask one place, or with -n only say so. */
static enum answer ask(const struct fetch_file *file, const char *place, const struct invocation *run,
                       struct error *error)
{
    enum answer answer;

    if (run->dry_run) {
        program_say("%s: would be fetched from %s", file->path, place);
        return ANSWER_FILE;
    }
    program_tell("%s: asking %s", file->path, place);
    answer = fetch_from(file, place, error);
    if (answer == ANSWER_FILE)
        program_say("%s: fetched from %s", file->path, place);
    return answer;
}

/* Ask a source for the file, compressed as mirrors mostly have it, then as it is. */
static enum answer ask_source(const struct fetch_file *file, const char *base, const struct invocation *run,
                              struct error *error)
{
    const char *name = path_base(file->path);
    bool compressed = strcmp(name + strlen(name) - 3, ".gz") == 0;
    char *plain = path_join(base, name), *packed = memory_format("%s%s", plain, compressed ? "" : ".gz");
    enum answer answer = ask(file, packed, run, error);

    if (answer == ANSWER_ABSENT && !compressed)
        answer = ask(file, plain, run, error);
    free(packed);
    free(plain);
    return answer;
}

static enum status fetch_file(const struct known_set *set, const struct fetch_file *file, struct source *sources,
                              const struct invocation *run)
{
    enum status worst = STATUS_UNAVAILABLE;

    for (struct source *source = sources; source->base; source++) {
        struct error error;
        enum answer answer;

        if (source->silent)
            continue;
        answer = ask_source(file, source->base, run, &error);
        if (answer == ANSWER_FILE)
            return STATUS_OK;
        source->silent = answer == ANSWER_NONE;
        warn_error(&error);
        worst = status_worse(worst, error.status);
    }
    warn("%s: fetch: no source has given it; -m asks another mirror or a folder%s%s", file->path,
         set->package ? ", and Debian has a package " : "", set->package ? set->package : "");
    return worst;
}

/* The mirrors of the command line, else the known ones; then Debian's package, if it is installed. */
static struct source *collect_sources(const struct known_set *set, const struct request *request)
{
    struct source *sources = memory_new(request->mirror_count + KNOWN_MIRRORS + 2, sizeof *sources);
    size_t n = 0;

    for (size_t i = 0; i < request->mirror_count; i++)
        sources[n++].base = request->mirrors[i];
    for (size_t i = 0; i < KNOWN_MIRRORS && set->mirrors[i] && !request->mirror_count; i++)
        sources[n++].base = set->mirrors[i];
    if (set->folder && access(set->folder, X_OK) == 0)
        sources[n++].base = set->folder;
    return sources;
}

static struct fetch_file describe_file(const char *path, const char *sha256, size_t size, const struct invocation *run)
{
    return (struct fetch_file){
        .path = path,
        .sha256 = sha256,
        .size = size,
        .mode = run->mode,
        .progress = run->verbosity >= 0 && isatty(STDERR_FILENO),
    };
}

/* First look at all files of the set, so that nothing is asked of the network when one of them stands in the way. */
static enum status fetch_files(const struct known_set *set, const char *directory, struct source *sources,
                               const struct invocation *run)
{
    char *paths[KNOWN_FILES];
    struct fetch_file files[KNOWN_FILES];
    bool wanted[KNOWN_FILES];
    enum status status = STATUS_OK;

    for (size_t i = 0; i < KNOWN_FILES; i++) {
        paths[i] = path_join(directory, set->files[i].name);
        files[i] = describe_file(paths[i], set->files[i].sha256, set->files[i].size, run);
        status = status_worse(status, look(&files[i], run, &wanted[i]));
    }
    for (size_t i = 0; i < KNOWN_FILES && !status; i++)
        if (wanted[i])
            status = fetch_file(set, &files[i], sources, run);
    for (size_t i = 0; i < KNOWN_FILES; i++)
        free(paths[i]);
    return status;
}

static enum status fetch_set(const struct known_set *set, const struct request *request, const struct invocation *run)
{
    const char *directory = run->output ? run->output : set->name;
    struct source *sources;
    struct error error;
    enum status status;

    if (!run->dry_run && directory_make(directory, &error)) {
        warn_error(&error);
        return error.status;
    }
    sources = collect_sources(set, request);
    status = fetch_files(set, directory, sources, run);
    free(sources);
    return status;
}

static enum status fetch_sets(const struct request *request, const struct invocation *run)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < run->operand_count; i++) {
        const char *name = run->operands[i], *nearest = known_nearest(name);

        if (!known_find(name))
            program_usage("%s: no known data set%s%s", name, nearest ? "; the nearest is " : "",
                          nearest ? nearest : ": -l lists them");
    }
    for (size_t i = 0; i < run->operand_count; i++)
        status = status_worse(status, fetch_set(known_find(run->operands[i]), request, run));
    return status;
}

/* -c */
static enum status fetch_checked(const struct request *request, const struct invocation *run)
{
    struct fetch_file file = describe_file(run->output, request->sha256, 0, run);
    struct error error;
    bool wanted;
    enum status status = look(&file, run, &wanted);

    if (status || !wanted || ask(&file, run->operands[0], run, &error) == ANSWER_FILE)
        return status;
    warn_error(&error);
    return error.status;
}

static void check_usage(const struct request *request, const struct invocation *run)
{
    if (request->list ? run->operand_count > 0 : run->operand_count == 0)
        program_usage(request->list ? "-l takes no operand" : "no data set is named");
    if (request->sha256 && (run->operand_count > 1 || !run->output || request->mirror_count || request->list))
        program_usage("-c fetches the file of one URL: it needs -o, and neither -m nor -l");
    if (request->sha256)
        check_place(run->operands[0]);
    else if (run->output && run->operand_count > 1)
        program_usage("-o %s: it can hold one data set; without -o each gets a directory of its name", run->output);
}

int main(int argc, char **argv)
{
    struct request request = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &request);
    enum status status = STATUS_OK;

    check_usage(&request, run);
    if (request.list)
        list_sets(run->form);
    else if (request.sha256)
        status = fetch_checked(&request, run);
    else
        status = fetch_sets(&request, run);
    free(request.mirrors);
    return program_finish(status);
}
