#include "format/space.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/size.h"
#include "format/model_lines.h"
#include "format/run_conf.h"
#include "format/trials.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INT_MOST = 1000000000, CHOICES_MOST = 1000 };

static const char *const kinds[SPACE_KINDS] = {
    [SPACE_LOG] = "log",
    [SPACE_UNIFORM] = "uniform",
    [SPACE_INT] = "int",
    [SPACE_CHOICE] = "choice",
};

static enum status read_bound(struct model_lines *lines, enum space_kind kind, const char *token, double *bound)
{
    uint64_t whole;

    if (kind == SPACE_INT) {
        if (!number_u64(token, &whole) || whole > INT_MOST)
            return model_wrong(lines, "'%s': not a whole number from 0 to %d", token, INT_MOST);
        *bound = (double)whole;
        return STATUS_OK;
    }
    if (!number_double(token, bound))
        return model_wrong(lines, "'%s': not a number", token);
    *bound += 0.0; /* -0 is 0 */
    if (kind == SPACE_LOG && !(*bound > 0))
        return model_wrong(lines, "'%s': a range whose logarithm is uniform must be above 0", token);
    return STATUS_OK;
}

/* LOW HIGH [POINTS] */
static enum status read_range(struct model_lines *lines, struct space_dimension *dimension)
{
    char **token = lines->token + 2;
    size_t given = lines->count - 2, most = SPACE_POINTS_MOST;
    enum status status;

    if (given != 2 && given != 3)
        return model_wrong(lines, "it is '%s %s LOW HIGH [POINTS]'", dimension->name, kinds[dimension->kind]);
    status = read_bound(lines, dimension->kind, token[0], &dimension->low);
    if (!status)
        status = read_bound(lines, dimension->kind, token[1], &dimension->high);
    if (status)
        return status;
    if (!(dimension->low < dimension->high))
        return model_wrong(lines, "'%s': the end of a range must be above its beginning, %s", token[1], token[0]);
    if (dimension->kind == SPACE_INT) {
        dimension->points = (size_t)(dimension->high - dimension->low) + 1;
        most = size_smaller(most, dimension->points);
    }
    if (given == 3 && (!number_size(token[2], &dimension->points) || dimension->points < 1 || dimension->points > most))
        return model_wrong(lines, "'%s': not a number of points from 1 to %zu", token[2], most);
    return STATUS_OK;
}

static enum status read_choices(struct model_lines *lines, struct space_dimension *dimension)
{
    if (lines->count == 2)
        return model_wrong(lines, "it is '%s choice VALUE ...'", dimension->name);
    if (lines->count - 2 > CHOICES_MOST)
        return model_wrong(lines, "more than %d values", CHOICES_MOST);
    for (size_t i = 2; i < lines->count; i++) {
        for (size_t j = 0; j < dimension->points; j++)
            if (strcmp(lines->token[i], dimension->choices[j]) == 0)
                return model_wrong(lines, "'%s': it is given twice", lines->token[i]);
        dimension->choices = memory_grow(dimension->choices, dimension->points, sizeof *dimension->choices);
        dimension->choices[dimension->points++] = memory_string(lines->token[i]);
    }
    return STATUS_OK;
}

static enum status check_name(struct model_lines *lines, const struct space *space)
{
    const char *name = lines->token[0];

    if (!run_conf_is_key(name, strlen(name)))
        return model_wrong(lines, "no name of a variable or a setting");
    if (strcmp(name, TRIAL_COLUMN) == 0)
        return model_wrong(lines, "this is the column that names the trials");
    for (size_t i = 0; i < space->n; i++)
        if (strcmp(name, space->dimensions[i].name) == 0)
            return model_wrong(lines, "line %zu has it already", space->dimensions[i].line);
    if (space->n == SPACE_MOST)
        return model_wrong(lines, "more than %d settings", SPACE_MOST);
    return STATUS_OK;
}

/* NAME KIND ... */
static enum status read_dimension(struct model_lines *lines, struct space *space)
{
    struct space_dimension *dimension;
    const char *word = lines->count > 1 ? lines->token[1] : "";
    enum status status = check_name(lines, space);
    size_t kind = 0;

    while (kind < SPACE_KINDS && strcmp(kinds[kind], word) != 0)
        kind++;
    if (!status && kind == SPACE_KINDS)
        status = model_wrong(lines, "'%s': no such kind of values%s", word, model_suggest(lines, word, kinds, kind));
    if (status)
        return status;
    space->dimensions = memory_grow(space->dimensions, space->n, sizeof *space->dimensions);
    dimension = &space->dimensions[space->n++];
    *dimension = (struct space_dimension){ .name = memory_string(lines->token[0]), .line = lines->line, .kind = kind };
    return dimension->kind == SPACE_CHOICE ? read_choices(lines, dimension) : read_range(lines, dimension);
}

enum status space_parse(const char *text, const char *source, struct space *space, struct error *error)
{
    struct model_lines *lines;
    enum status status = model_lines_open(text, source, NULL, 0, error, &lines);

    *space = (struct space){ 0 };
    while (!status && !(status = model_lines_next(lines)) && lines->count)
        status = read_dimension(lines, space);
    if (!status && !space->n)
        status = model_wrong(lines, "no line has a setting, such as 'optimizer.lr log 1e-4 1e-1'");
    model_lines_close(lines);
    return status;
}

enum status space_read(const char *path, struct space *space, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *space = (struct space){ 0 };
    if (!status)
        status = bytes_check_text(&bytes, path, error);
    if (!status)
        status = space_parse(bytes.at ? (char *)bytes.at : "", path, space, error);
    free(bytes.at);
    return status;
}

void space_free(struct space *space)
{
    for (size_t i = 0; i < space->n; i++) {
        struct space_dimension *dimension = &space->dimensions[i];
        free(dimension->name);
        for (size_t j = 0; dimension->choices && j < dimension->points; j++)
            free(dimension->choices[j]);
        free(dimension->choices);
    }
    free(space->dimensions);
    *space = (struct space){ 0 };
}
