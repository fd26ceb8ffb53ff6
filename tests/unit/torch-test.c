/*
 * The reference against PyTorch, whose numbers for the first steps of each tests/golden/torch/NAME.model are in
 * tests/golden/torch/expected. `torch-test DIRECTORY` writes rote's own there, as NAME.safetensors, which
 * tests/golden/torch-steps.py compares with PyTorch's and can make `expected` from. Run from the root of the tree.
 */
#include "base/file.h"
#include "base/memory.h"
#include "steps.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char folder[] = "tests/golden/torch";
static const char expected[] = "tests/golden/torch/expected";

enum { NAME = 64 };

/* A line of `expected`: a tensor's norm, and its products with the vectors cos(1), cos(2)... and cos(2), cos(4)... */
struct row {
    char model[NAME], tensor[2 * NAME];
    int step;
    double norm, first, second;
    double most; /* how far rote may be from it, as a part of the norm */
};

static struct row *rows;
static size_t row_count;
static const char *model; /* whose test runs */

/* A row, or a line that names the model of those after it. */
static void read_line(const char *line, char name[NAME])
{
    struct row row;

    if (sscanf(line, "model %63s", name) == 1)
        return;
    if (sscanf(line, "%d %127s %lf %lf %lf %lf", &row.step, row.tensor, &row.norm, &row.first, &row.second,
               &row.most) != 6)
        die(STATUS_DATA, "%s: read: not a row: %s", expected, line);
    strcpy(row.model, name);
    rows = memory_grow(rows, row_count, sizeof *rows);
    rows[row_count++] = row;
}

static void read_rows(void)
{
    struct error error;
    struct bytes text;
    char *rest = NULL, name[NAME] = "";

    if (file_read(expected, 0, &text, &error))
        die_error(&error);
    for (char *line = strtok_r((char *)text.at, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (line[0] != '#')
            read_line(line, name);
    free(text.at);
}

/* How far `n` values are from those of the row, as a part of their norm. The two products of a difference, squared and
 * added, are its squared norm on average: cos^2 is a half. */
static double distance(const struct row *row, const float *values, size_t n)
{
    double squares = 0, first = -row->first, second = -row->second, norm;

    for (size_t i = 0; i < n; i++) {
        const double value = (double)values[i], place = (double)(i + 1);
        squares += value * value;
        first += value * cos(place);
        second += value * cos(2 * place);
    }
    norm = fabs(sqrt(squares) - row->norm);
    return fmax(norm, hypot(first, second)) / (row->norm > 0 ? row->norm : 1);
}

static void check_row(const struct row *row, const struct steps *steps)
{
    size_t n = 0;
    const float *values = steps_find(steps, row->step, row->tensor, &n);
    double off = values ? distance(row, values, n) : INFINITY;

    if (!CHECK(off <= row->most))
        printf("#   step %d: %s is %.2g off PyTorch's, at most %.2g\n", row->step, row->tensor, off, row->most);
}

/* How many tensors a model has that PyTorch knows, too. */
static size_t count_tensors(const struct steps *steps)
{
    size_t count = 0;

    for (size_t i = 0; i < steps->count; i++)
        count += strncmp(steps->tensors[i].name, "step", 4) == 0 && strncmp(steps->tensors[i].name, "step0.", 6) != 0;
    return count;
}

static void check_model(void)
{
    char *path = memory_format("%s/%s.model", folder, model);
    struct steps *steps = steps_train(path);
    size_t checked = 0;

    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].model, model) == 0) {
            check_row(&rows[i], steps);
            checked++;
        }
    CHECK_EQUAL(checked, count_tensors(steps));
    steps_free(steps);
    free(path);
}

static void check(const char *name)
{
    char *sentence = memory_format("%s is as in PyTorch", name);

    model = name;
    unit_test(sentence, check_model);
    free(sentence);
}

static void write_steps(const char *directory, const char *name)
{
    char *from = memory_format("%s/%s.model", folder, name), *to = memory_format("%s/%s.safetensors", directory, name);
    struct steps *steps = steps_train(from);

    steps_write(steps, to);
    steps_free(steps);
    free(from);
    free(to);
}

int main(int argc, char **argv)
{
    struct error error;
    char **names;
    size_t count;

    if (directory_list(folder, ".model", &names, &count, &error))
        die_error(&error);
    if (argc == 1)
        read_rows();
    for (size_t i = 0; i < count; i++) {
        names[i][strlen(names[i]) - strlen(".model")] = '\0';
        if (argc == 1)
            check(names[i]);
        else
            write_steps(argv[1], names[i]);
    }
    directory_free(names, count);
    free(rows);
    return argc == 1 ? unit_finish() : 0;
}
