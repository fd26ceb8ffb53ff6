/* idx-split - cut a data set into parts: data sets of their own, or lists of its samples */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/program.h"
#include "data/split.h"
#include "format/idx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    struct split_rule rule;
    size_t folds; /* 0: the parts are operands */
    bool lists;
};

static const struct option_spec options[] = {
    { 'S', "stratify", NULL, "give each part the same share of every class", 0 },
    { 'T', "tail", NULL, "keep the order: the last part is the end of the set", 0 },
    { 'k', "folds", "COUNT", "make fold1-train, fold1-valid, fold2-train ...", 0 },
    { 'l', "lists", NULL, "write lists of samples, not copies of them", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_OUTPUT | OPT_FORCE | OPT_SEED | OPT_JSON),
    { 0 },
};

static void parse_option(int letter, const char *argument, void *context)
{
    struct choice *choice = context;

    switch (letter) {
    case 'S':
        choice->rule.flags |= SPLIT_STRATIFIED;
        break;
    case 'T':
        choice->rule.flags |= SPLIT_TAIL;
        break;
    case 'k':
        if (!number_size(argument, &choice->folds) || choice->folds < 2)
            program_usage("-k %s: not a number of folds from 2 up", argument);
        break;
    case 'l':
        choice->lists = true;
        break;
    }
}

static const struct program program = { "[-STlnfjqv] [-s seed] -o dir prefix name=share ...\n"
                                        "[-STlnfjqv] [-s seed] -k folds -o dir prefix",
                                        "cut a data set into parts",
                                        options,
                                        parse_option,
                                        1,
                                        MANY_OPERANDS };

/* What is split: all samples of `prefix`, or those that `list` names. */
struct source {
    char *prefix;
    uint32_t *list; /* (set.count), or NULL */
    struct idx_set set;
};

static void check_usage(const struct invocation *run, const struct choice *choice)
{
    if (!run->output)
        program_usage("-o is missing: it names the directory for the parts");
    if (choice->lists && strchr(run->output, '@'))
        program_usage("-o %s: the path of a list cannot have an '@' in it", run->output);
    if (choice->folds && run->operand_count > 1)
        program_usage("%s: with -k the parts are the folds", run->operands[1]);
    if (!choice->folds && run->operand_count < 2)
        program_usage("no part is named: such as train=rest valid=0.1");
}

static void read_list(const char *path, struct source *source)
{
    struct idx_set all = source->set;
    struct error error;
    size_t n;

    if (idx_read_list(path, all.count, &source->list, &n, &error))
        die_error(&error);
    idx_select(&all, source->list, n, &source->set);
    idx_free(&all);
}

static struct source read_source(const char *operand)
{
    struct source source = { 0 };
    struct error error;
    char *list, *all;

    idx_operand(operand, &source.prefix, &list);
    all = memory_format("%s@", source.prefix);
    if (idx_read(all, &source.set, &error))
        die_error(&error);
    if (list)
        read_list(list, &source);
    free(all);
    free(list);
    return source;
}

/* The parts that the operands name; none with -k. */
static struct split_part *parse_parts(const struct invocation *run, size_t *n)
{
    struct split_part *parts;
    struct error error;

    *n = run->operand_count - 1;
    parts = memory_new(*n, sizeof *parts);
    for (size_t i = 0; i < *n; i++)
        if (split_parse(run->operands[1 + i], &parts[i], &error))
            die_error(&error);
    return parts;
}

static void decide(const char *operand, const struct choice *choice, const struct idx_set *set,
                   struct split_part **parts, size_t *n)
{
    struct error error;
    enum status status;

    if (choice->folds) {
        free(*parts);
        *n = 2 * choice->folds;
        status = split_folds(&choice->rule, set->labels, set->count, choice->folds, parts, &error);
    } else {
        status = split_decide(&choice->rule, set->labels, set->count, *parts, *n, &error);
    }
    if (status)
        die(status, "%s: %s", operand, error.text);
}

/* Where a part goes: the path of its list, or the prefix of its data set. */
static char *path_of(const struct split_part *part, const struct choice *choice, const char *directory)
{
    char *prefix = path_join(directory, part->name);
    char *path = memory_format("%s%s", prefix, choice->lists ? ".list" : "");

    free(prefix);
    return path;
}

/* One part that exists already is known before another is written. */
static void refuse_existing_part(const char *path, const struct choice *choice, const struct idx_set *set)
{
    char *image, *label;

    if (choice->lists) {
        output_check(path, OUTPUT_NO_REPLACE);
        return;
    }
    idx_paths(set, path, &image, &label);
    output_check(image, OUTPUT_NO_REPLACE);
    output_check(label, OUTPUT_NO_REPLACE);
    free(image);
    free(label);
}

/* The positions of a part's samples in what the prefix stands for. */
static void write_list(const struct source *source, const struct split_part *part, const char *path,
                       enum output_mode mode)
{
    uint32_t *list = memory_new(part->n, sizeof *list);

    for (size_t i = 0; i < part->n; i++)
        list[i] = source->list ? source->list[part->list[i]] : part->list[i];
    idx_write_list(list, part->n, path, mode);
    free(list);
}

/* How other programs are told of the part. */
static char *operand_of(const struct source *source, const struct choice *choice, const char *path)
{
    if (choice->lists)
        return memory_format("%s@%s", source->prefix, path);
    return memory_format("%s%s", path, strchr(path, '@') ? "@" : "");
}

static void print_part(struct record_writer *writer, const char *name, const char *operand, const struct idx_set *set)
{
    char digest[DIGEST_SIZE];

    idx_digest(set, digest);
    record_text(writer, "name", name);
    record_text(writer, "path", operand);
    record_count(writer, "count", set->count);
    record_text(writer, "digest", digest);
    record_end(writer);
}

static void make_part(const struct source *source, const struct split_part *part, const struct choice *choice,
                      const struct invocation *run, struct record_writer *writer)
{
    char *path = path_of(part, choice, run->output), *operand = operand_of(source, choice, path);
    struct idx_set set;

    idx_select(&source->set, part->list, part->n, &set);
    set.classes = source->set.classes; /* all parts have labels of one type */
    if (!run->dry_run && choice->lists)
        write_list(source, part, path, run->mode);
    else if (!run->dry_run)
        idx_write(&set, path, run->mode);
    print_part(writer, part->name, operand, &set);
    idx_free(&set);
    free(path);
    free(operand);
}

static void check_outputs(const struct split_part *parts, size_t n, const struct choice *choice,
                          const struct invocation *run, const struct idx_set *set)
{
    enum file_kind kind;

    if (run->mode == OUTPUT_REPLACE || file_kind(run->output, &kind, NULL) || kind != FILE_DIRECTORY)
        return; /* in a directory that is yet to be made nothing is in the way */
    for (size_t i = 0; i < n; i++) {
        char *path = path_of(&parts[i], choice, run->output);
        refuse_existing_part(path, choice, set);
        free(path);
    }
}

int main(int argc, char **argv)
{
    struct choice choice = { 0 };
    const struct invocation *run = program_start(argc, argv, &program, &choice);
    struct record_writer *writer = record_writer_new(stdout, run->form);
    struct split_part *parts;
    struct source source;
    size_t n;

    check_usage(run, &choice);
    choice.rule.seed = run->seed;
    parts = parse_parts(run, &n);
    source = read_source(run->operands[0]);
    decide(run->operands[0], &choice, &source.set, &parts, &n);
    check_outputs(parts, n, &choice, run, &source.set);
    if (!run->dry_run && directory_make_one(run->output) && errno != EEXIST)
        die_system(ACCESS_CREATE, run->output, "create");
    for (size_t i = 0; i < n; i++)
        make_part(&source, &parts[i], &choice, run, writer);
    split_free(parts, n);
    free(parts);
    free(source.prefix);
    free(source.list);
    idx_free(&source.set);
    record_writer_free(writer);
    return program_finish(STATUS_OK);
}
