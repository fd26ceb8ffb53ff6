#include "data/batch.h"

#include "base/random.h"

void batch_order(uint64_t seed, uint32_t epoch, uint32_t *order, size_t count)
{
    const struct random_draw draw = { .seed = seed, .purpose = RANDOM_ORDER, .epoch = epoch };

    random_order(&draw, order, (uint32_t)count);
}

void batch_picture(const struct plan *plan, const struct idx_set *set, size_t sample, float *to)
{
    const size_t positions = set->rows * set->columns, channels = set->channels;
    const unsigned char *pixels = set->pixels + sample * positions * channels; /* (channels, rows, columns) */

    for (size_t channel = 0; channel < channels; channel++)
        for (size_t position = 0; position < positions; position++)
            to[position * channels + channel] = plan->pixel[channel][pixels[channel * positions + position]];
}

enum status batch_check(const struct plan *plan, const struct idx_set *set, const char *path, struct error *error)
{
    const struct shape *input = &plan->input;

    if (set->rows != input->rows || set->columns != input->columns || set->channels != input->channels)
        return error_set(error, STATUS_DATA,
                         "%s: read: pictures of %zu x %zu x %zu, but the model's input is %zu x %zu x %zu", path,
                         set->channels, set->rows, set->columns, input->channels, input->rows, input->columns);
    if (set->classes > plan->classes)
        return error_set(error, STATUS_DATA, "%s: read: it has the label %zu, but the network has %zu outputs", path,
                         set->classes - 1, plan->classes);
    return STATUS_OK;
}

enum status batch_check_training(const struct plan *plan, const struct idx_set *set, const char *path,
                                 struct error *error)
{
    enum status status = batch_check(plan, set, path, error);

    if (status || !plan->normalizes || set->count % plan->batch != 1)
        return status;
    return error_set(error, STATUS_DATA,
                     "%s: train: of %zu samples, batches of %zu leave one for the last, in which batchnorm sees no "
                     "variance; another train.batch, or a sample less, helps",
                     path, set->count, plan->batch);
}
