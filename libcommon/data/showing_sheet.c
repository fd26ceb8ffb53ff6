/* What is drawn of each sample, and what is said of it. */
#include "data/showing.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/augment.h"
#include "data/batch.h"

#include <stdlib.h>

/* --- Captions */

/* What a class is called that may be a number, or be called so already. */
static const char *call_class(const struct showing *showing, const char *class)
{
    size_t label;

    if (showing->classes && number_size(class, &label) && label < showing->classes->count)
        return showing->classes->name[label];
    return class;
}

static char *describe_label(const struct showing *showing, const struct shown *shown)
{
    char number[NUMBER_SIZE];

    if (shown->label)
        return memory_string(call_class(showing, shown->label));
    return memory_string(call_class(showing, number_print(showing->set->labels[shown->sample], number)));
}

static char *describe_prediction(const struct showing *showing, const struct shown *shown)
{
    if (!shown->predicted)
        return NULL;
    return memory_format("> %s %.0f%%", call_class(showing, shown->predicted), shown->probability * 100);
}

/* --- Pictures */

/* The pixel whose value in the plan's table is nearest to this one. */
static unsigned char pixel_of(const float table[PLAN_PIXEL_VALUES], float value)
{
    const float pixel = (value - table[0]) / (table[PLAN_PIXEL_VALUES - 1] - table[0]) * 255;
    unsigned char below;

    if (!(pixel > 0))
        return 0;
    if (pixel >= 255)
        return 255;
    below = (unsigned char)pixel;
    return pixel - (float)below < 0.5F ? below : below + 1;
}

struct picture showing_augmented(const struct showing *showing, uint32_t sample, uint32_t epoch)
{
    const struct plan *plan = showing->plan;
    const size_t size = shape_size(plan->input), channels = plan->input.channels;
    struct picture picture = { plan->input, memory_new(size, 1) };
    float *values = memory_floats(size), *room = memory_floats(augment_room(plan) + 1);

    batch_picture(plan, showing->set, sample, values);
    augment(plan, showing->seed, epoch, sample, values, values, room);
    for (size_t i = 0; i < size; i++)
        picture.samples[i] = pixel_of(plan->pixel[i % channels], values[i]);
    free(values);
    free(room);
    return picture;
}

static struct picture sample_picture(const struct idx_set *set, size_t sample)
{
    const struct shape shape = { set->rows, set->columns, set->channels };

    return picture_of_planes(set->pixels + sample * shape_size(shape), shape);
}

/* --- Cells */

static void add_cell(const struct showing *showing, struct picture picture, char *first, char *second,
                     struct sheet *sheet)
{
    if (showing->bare) {
        free(first);
        free(second);
        first = second = NULL;
    }
    sheet_add(sheet, picture, first, second);
}

/* How many epochs are shown of each sample. */
static size_t epochs_shown(const struct showing *showing)
{
    return showing->plan ? showing->columns - 1 : 0;
}

enum status showing_check(const struct showing *showing, struct error *error)
{
    const struct shape shape = { showing->set->rows, showing->set->columns, 1 };
    const size_t epochs = epochs_shown(showing);

    if (showing->epoch > UINT32_MAX || epochs > UINT32_MAX - showing->epoch)
        return error_set(error, STATUS_USAGE, "%zu epochs after epoch %zu: epochs are counted up to 2^32 - 1", epochs,
                         showing->epoch);
    if (showing->n && epochs > PICTURE_MOST_PIXELS / shape_size(shape) / showing->n)
        return error_set(error, STATUS_USAGE, "a sheet of %zu x %zu pictures is too large", showing->n, 1 + epochs);
    return STATUS_OK;
}

void showing_sheet(const struct showing *showing, struct sheet *sheet)
{
    for (size_t i = 0; i < showing->n; i++) {
        const struct shown *shown = &showing->shown[i];

        add_cell(showing, sample_picture(showing->set, shown->sample), describe_label(showing, shown),
                 describe_prediction(showing, shown), sheet);
        for (size_t epoch = showing->epoch; epoch < showing->epoch + epochs_shown(showing); epoch++)
            add_cell(showing, showing_augmented(showing, shown->sample, (uint32_t)epoch),
                     memory_format("epoch %zu", epoch + 1), NULL, sheet);
    }
}

/* --- Records */

static void print_record(const struct showing *showing, struct record_writer *writer, const struct shown *shown,
                         size_t cell)
{
    const size_t column = cell % showing->columns;
    char *label = describe_label(showing, shown);

    record_count(writer, "row", cell / showing->columns);
    record_count(writer, "column", column);
    record_count(writer, "index", shown->sample);
    record_text(writer, "label", label);
    if (shown->predicted) {
        record_text(writer, "predicted", call_class(showing, shown->predicted));
        record_number(writer, "probability", shown->probability);
    }
    if (showing->plan && column)
        record_count(writer, "epoch", showing->epoch + column);
    else if (showing->plan)
        record_none(writer, "epoch");
    record_end(writer);
    free(label);
}

void showing_records(const struct showing *showing, struct record_writer *writer)
{
    const size_t cells = 1 + epochs_shown(showing);

    for (size_t cell = 0; cell < showing->n * cells; cell++)
        print_record(showing, writer, &showing->shown[cell / cells], cell);
}
