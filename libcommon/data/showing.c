#include "data/showing.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool fits(const struct showing_rule *rule, const struct idx_set *set, size_t sample)
{
    return !rule->classes || rule->classes[set->labels[sample]];
}

/* Leave out what the rule skips, and what is too much. */
static void cut(const struct showing_rule *rule, struct showing *showing)
{
    const size_t skip = rule->skip < showing->n ? rule->skip : showing->n, left = showing->n - skip;

    showing->n = left < rule->count ? left : rule->count;
    memmove(showing->shown, showing->shown + skip, showing->n * sizeof *showing->shown);
}

void showing_choose(const struct showing_rule *rule, struct showing *showing)
{
    const struct idx_set *set = showing->set;
    uint32_t *order = memory_new(set->count, sizeof *order);

    showing->shown = memory_new(set->count, sizeof *showing->shown);
    showing->n = 0;
    if (rule->shuffled)
        batch_order(rule->seed, 0, order, set->count);
    for (uint32_t i = 0; i < set->count; i++) {
        const uint32_t sample = rule->shuffled ? order[i] : i;
        if (fits(rule, set, sample))
            showing->shown[showing->n++].sample = sample;
    }
    cut(rule, showing);
    free(order);
}

/* --- Mistakes */

/* A prediction of the set: which sample, and that it has this label. Labels may be names, which the set has not. */
static enum status check_prediction(const struct idx_set *set, const struct record *record, const char *source,
                                    struct shown *shown, struct error *error)
{
    const char *index = record_get(record, "index");
    uint64_t sample, label;

    shown->label = record_get(record, "label");
    shown->predicted = record_get(record, "predicted");
    shown->probability = record_get_number(record, "probability");
    if (!index || !shown->label || !shown->predicted || !record_get(record, "probability"))
        return error_set(error, STATUS_DATA, "%s: read: no columns index, label, predicted and probability", source);
    if (!number_u64(index, &sample) || sample >= set->count)
        return error_set(error, STATUS_DATA, "%s: read: there is no sample %s in the set, which has %zu", source, index,
                         set->count);
    shown->sample = (uint32_t)sample;
    if (number_u64(shown->label, &label) && label != set->labels[sample])
        return error_set(error, STATUS_DATA, "%s: read: sample %s has the label %s there, but %u in the set", source,
                         index, shown->label, set->labels[sample]);
    return STATUS_OK;
}

/* Are the records of more than one set? Pictures of files of their own have no index. */
static bool several_sets(const struct records *records)
{
    const char *first = NULL;

    for (size_t i = 0; i < records->n; i++) {
        const char *path = record_get(&records->record[i], "path");
        if (path && first && strcmp(path, first) != 0)
            return true;
        first = first ? first : path;
    }
    return false;
}

static bool is_of(const struct record *record, const char *operand)
{
    const char *path = record_get(record, "path");

    return path && strcmp(path, operand) == 0;
}

/* Who does not say comes last. */
static double confidence(const struct shown *shown)
{
    return isnan(shown->probability) ? -1 : shown->probability;
}

static int compare_confidence(const void *a, const void *b)
{
    const struct shown *one = a, *other = b;

    if (confidence(one) != confidence(other))
        return confidence(one) > confidence(other) ? -1 : 1;
    return (one->sample > other->sample) - (one->sample < other->sample);
}

enum status showing_mistakes(const struct showing_rule *rule, const char *operand, const struct records *records,
                             const char *source, struct showing *showing, struct error *error)
{
    const bool several = several_sets(records);
    size_t seen = 0;

    showing->shown = memory_new(records->n + 1, sizeof *showing->shown);
    showing->n = 0;
    for (size_t i = 0; i < records->n; i++) {
        struct shown *next = &showing->shown[showing->n];
        enum status status;

        if (several && !is_of(&records->record[i], operand))
            continue;
        status = check_prediction(showing->set, &records->record[i], source, next, error);
        if (status)
            return status;
        seen++;
        showing->n += fits(rule, showing->set, next->sample) && strcmp(next->label, next->predicted) != 0;
    }
    if (!seen)
        return error_set(error, STATUS_DATA, "%s: read: it has no prediction of %s", source, operand);
    qsort(showing->shown, showing->n, sizeof *showing->shown, compare_confidence);
    cut(rule, showing);
    return STATUS_OK;
}

void showing_free(struct showing *showing)
{
    free(showing->shown);
}
