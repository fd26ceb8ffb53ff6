/* idx-show - draw samples of a data set */
#include "base/divide.h"
#include "base/file.h"
#include "base/number.h"
#include "base/program.h"
#include "base/text.h"
#include "data/batch.h"
#include "data/sheet.h"
#include "data/showing.h"
#include "format/class_names.h"
#include "train/state.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { OPTION_CLASSES = 256 + 1, OPTION_COLUMNS, OPTION_COUNT, OPTION_EPOCH, OPTION_SKIP, OPTION_TEXT, OPTION_ZOOM };
enum { SMALLEST = 64 }; /* a picture is drawn at least so large, unless told */

struct request {
    struct showing_rule rule;
    bool wanted[IDX_MOST_CLASSES];
    const char *network, *predictions, *classes;
    size_t columns, epoch, zoom; /* 0: not told */
    bool bare, text;
};

/* How many samples are shown, unless told: as PNG, as text, with -a. */
enum { COUNT_DRAWN = 100, COUNT_PRINTED = 20, COUNT_AUGMENTED = 10, COLUMNS_AUGMENTED = 10 };

static const struct option_spec options[] = {
    { 'a', "augment", "NETWORK", "what training makes of each sample: a checkpoint or a model text", 0 },
    { 'b', "bare", NULL, "no captions", 0 },
    { 'c', "class", "LABEL", "only samples of this class; may be given several times", 0 },
    { OPTION_CLASSES, "classes", "FILE", "call the classes as this file does, a name a line", 0 },
    { OPTION_COLUMNS, "columns", "COUNT", "so many pictures in a row", 0 },
    { OPTION_COUNT, "count", "COUNT", "at most so many samples (default 100; 20 as text, 10 with -a)", 0 },
    { OPTION_EPOCH, "epoch", "EPOCH", "with -a: from this epoch on (default: the network's next)", 0 },
    { 'p', "predictions", "FILE", "the worst mistakes, from nn-predict's records", 0 },
    { 'r', "random", NULL, "in the order in which training with the seed -s meets them", 0 },
    { OPTION_SKIP, "skip", "COUNT", "leave out so many samples", 0 },
    { OPTION_TEXT, "text", NULL, "print text, not PNG", 0 },
    { OPTION_ZOOM, "zoom", "FACTOR", "draw each pixel so many high and wide", 0 },
    OPTIONS_COMMON(OPT_DRY_RUN | OPT_OUTPUT | OPT_FORCE | OPT_SEED | OPT_JSON),
    { 0 },
};

static size_t parse_count(const char *name, const char *argument, size_t least)
{
    size_t count;

    if (!number_size(argument, &count) || count < least)
        program_usage("%s %s: not a number from %zu", name, argument, least);
    return count;
}

static void parse_class(struct request *request, const char *argument)
{
    size_t label;

    if (!number_size(argument, &label) || label >= IDX_MOST_CLASSES)
        program_usage("-c %s: not the number of a class", argument);
    request->wanted[label] = true;
    request->rule.classes = request->wanted;
}

static void parse_option(int letter, const char *argument, void *context)
{
    struct request *request = context;

    switch (letter) {
    case 'a':
        request->network = argument;
        break;
    case 'b':
        request->bare = true;
        break;
    case 'c':
        parse_class(request, argument);
        break;
    case 'p':
        request->predictions = argument;
        break;
    case 'r':
        request->rule.shuffled = true;
        break;
    case OPTION_CLASSES:
        request->classes = argument;
        break;
    case OPTION_COLUMNS:
        request->columns = parse_count("--columns", argument, 1);
        break;
    case OPTION_COUNT:
        request->rule.count = parse_count("--count", argument, 1);
        break;
    case OPTION_EPOCH:
        request->epoch = parse_count("--epoch", argument, 1);
        break;
    case OPTION_SKIP:
        request->rule.skip = parse_count("--skip", argument, 0);
        break;
    case OPTION_TEXT:
        request->text = true;
        break;
    case OPTION_ZOOM:
        request->zoom = parse_count("--zoom", argument, 1);
        break;
    }
}

static const struct program program = { "[-bfjnqrv] [-a network [--epoch epoch]] [-c label] [--classes file]\n"
                                        " [--columns count] [--count count] [-o file] [-p predictions]\n"
                                        " [-s seed] [--skip count] [--text] [--zoom factor] prefix",
                                        "draw samples of a data set",
                                        options,
                                        parse_option,
                                        1,
                                        1 };

static bool is_stdin(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static void check_usage(const struct invocation *run, const struct request *request)
{
    if (request->text && run->output)
        program_usage("-o %s: with --text nothing is drawn", run->output);
    if (request->epoch && !request->network)
        program_usage("--epoch is for -a");
    if (request->network && request->columns == 1)
        program_usage("--columns 1: with -a the first column has the samples as they are");
    if (request->network && request->predictions)
        program_usage("-a and -p exclude each other");
    if (request->predictions && request->rule.shuffled)
        program_usage("-p and -r exclude each other");
    if (is_stdin(request->classes) && (is_stdin(request->network) || is_stdin(request->predictions)))
        program_usage("-: there is only one stdin");
}

static void read_set(const char *operand, struct idx_set *set)
{
    struct error error;

    if (idx_read(operand, set, &error))
        die_error(&error);
    if (set->channels != 1 && set->channels != 3)
        die(STATUS_DATA, "%s: show: pictures of %zu channels are neither grey nor RGB", operand, set->channels);
}

static void read_classes(const char *path, const struct idx_set *set, struct class_names *classes)
{
    struct error error;

    if (class_names_read(path, classes, &error) || class_names_check(classes, set->classes, path, &error))
        die_error(&error);
}

/* `predictions` must last as long as `showing`. */
static void choose(const struct request *request, const char *operand, struct records *predictions,
                   struct showing *showing)
{
    const char *source = request->predictions;
    struct error error;

    if (!source)
        showing_choose(&request->rule, showing);
    else if (records_read(predictions, source, &error) ||
             showing_mistakes(&request->rule, operand, predictions, source, showing, &error))
        die_error(&error);
    if (!showing->n)
        die(STATUS_NO, "%s: show: no sample %s", operand,
            source ? "that is asked for was taken for another class" : "is of those asked for");
}

/* The network of -a */
static void read_network(const struct request *request, const struct invocation *run, struct session *network,
                         struct showing *showing)
{
    const struct checkpoint *checkpoint;
    struct error error;

    if (session_load_network(request->network, network, &error) ||
        batch_check(network->plan, showing->set, run->operands[0], &error))
        die_error(&error);
    checkpoint = network->checkpoint; /* none where it is a model text */
    showing->plan = network->plan;
    showing->seed = checkpoint ? checkpoint->seed : run->seed;
    showing->epoch = request->epoch ? request->epoch - 1 : checkpoint ? checkpoint->epoch : 0;
    if (!network->plan->augments)
        program_say("%s: show: it augments nothing", request->network);
}

/* What is read; who shows it looks into it to the end. */
struct inputs {
    struct idx_set set;
    struct class_names classes;
    struct session network;
    struct records predictions;
};

static void read_inputs(const struct request *request, const struct invocation *run, struct inputs *inputs,
                        struct showing *showing)
{
    read_set(run->operands[0], &inputs->set);
    showing->set = &inputs->set;
    if (request->classes) {
        read_classes(request->classes, &inputs->set, &inputs->classes);
        showing->classes = &inputs->classes;
    }
    if (request->network)
        read_network(request, run, &inputs->network, showing);
    choose(request, run->operands[0], &inputs->predictions, showing);
}

static void inputs_free(struct inputs *inputs)
{
    idx_free(&inputs->set);
    class_names_free(&inputs->classes);
    session_free(&inputs->network);
    records_free(&inputs->predictions);
}

/* --- As PNG, or as text */

static size_t square_root_up(size_t n)
{
    size_t root = 1;

    while (root * root < n)
        root++;
    return root;
}

static void write_picture(const struct sheet *sheet, const char *path, enum output_mode mode)
{
    struct picture drawn = sheet_draw(sheet);
    struct output *out = output_open(path, mode);
    struct text file = { 0 };

    picture_write(&drawn, &file);
    output_write(out, file.at, file.length);
    output_publish(out);
    text_free(&file);
    picture_free(&drawn);
}

/* To stdout go records of what is where, unless the picture does. */
static void draw(struct showing *showing, const struct invocation *run, struct sheet *sheet)
{
    const char *path = run->output ? run->output : "-";
    struct record_writer *writer = record_writer_new(stdout, run->form);
    struct shape shape;
    struct error error;

    if (sheet_size(sheet, &shape, &error))
        program_usage("%s", error.text);
    if (!run->dry_run)
        write_picture(sheet, path, run->mode);
    if (run->dry_run || strcmp(path, "-") != 0)
        showing_records(showing, writer);
    record_writer_free(writer);
}

/* Colours are for a terminal that has them. */
static enum sheet_look choose_look(void)
{
    const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");

    setlocale(LC_CTYPE, "");
    if (!isatty(STDOUT_FILENO) || !terminal || strcmp(terminal, "dumb") == 0 || (no_colour && *no_colour) ||
        strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return SHEET_INK;
    return SHEET_COLOURS;
}

static size_t terminal_width(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

static void print(const struct sheet *sheet)
{
    struct text text = { 0 };

    sheet_print(sheet, choose_look(), &text);
    fwrite(text.at, 1, text.length, stdout);
    text_free(&text);
}

/* What the command line left open. */
static void fill_in(struct request *request, const struct invocation *run)
{
    request->text |= !run->output && !run->dry_run && isatty(STDOUT_FILENO);
    if (!request->rule.count)
        request->rule.count = request->network ? COUNT_AUGMENTED : request->text ? COUNT_PRINTED : COUNT_DRAWN;
    request->rule.seed = run->seed;
}

static size_t choose_columns(const struct request *request, const struct showing *showing)
{
    const struct shape shape = { showing->set->rows, showing->set->columns, showing->set->channels };

    if (request->columns)
        return request->columns;
    if (request->text)
        return sheet_fitting(shape, terminal_width());
    return showing->plan ? COLUMNS_AUGMENTED : square_root_up(showing->n);
}

static void lay_out(const struct request *request, struct showing *showing, struct sheet *sheet)
{
    const size_t rows = showing->set->rows, columns = showing->set->columns;
    struct error error;

    showing->columns = sheet->columns = choose_columns(request, showing);
    sheet->zoom = request->zoom ? request->zoom : divide_up(SMALLEST, rows > columns ? rows : columns);
    if (showing_check(showing, &error))
        program_usage("%s", error.text);
    showing_sheet(showing, sheet);
}

int main(int argc, char **argv)
{
    static struct request request;
    const struct invocation *run = program_start(argc, argv, &program, &request);
    struct showing showing = { .bare = request.bare };
    struct inputs inputs = { 0 };
    struct sheet sheet = { 0 };

    check_usage(run, &request);
    fill_in(&request, run);
    if (run->output)
        output_check(run->output, run->mode);
    read_inputs(&request, run, &inputs, &showing);
    lay_out(&request, &showing, &sheet);
    if (request.text)
        print(&sheet);
    else
        draw(&showing, run, &sheet);
    sheet_free(&sheet);
    showing_free(&showing);
    inputs_free(&inputs);
    return program_finish(STATUS_OK);
}
