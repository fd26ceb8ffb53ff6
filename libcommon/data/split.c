#include "data/split.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

enum status split_parse(const char *text, struct split_part *part, struct error *error)
{
    size_t length = strcspn(text, "=");
    const char *share = text + length + 1;

    *part = (struct split_part){ 0 };
    if (text[length] == '\0')
        return error_set(error, STATUS_USAGE, "%s: not of the form name=share", text);
    if (length == 0 || strcspn(text, "/@") < length)
        return error_set(error, STATUS_USAGE, "%s: the name of a part is not empty and has no '/' or '@' in it", text);
    if (strcmp(share, "rest") == 0)
        part->share = SPLIT_REST;
    else if (number_size(share, &part->n) && part->n > 0)
        part->share = SPLIT_COUNT;
    else if (number_double(share, &part->fraction) && part->fraction > 0 && part->fraction <= 1)
        part->share = SPLIT_FRACTION;
    else
        return error_set(error, STATUS_USAGE, "%s: a share is a number of samples, a fraction such as 0.1, or rest",
                         text);
    part->name = memory_format("%.*s", (int)length, text);
    return STATUS_OK;
}

/* What rounding down took from a part with a fraction; no other part has a remainder. */
static double remainder_of(const struct split_part *part, size_t count)
{
    return part->share == SPLIT_FRACTION ? part->fraction * (double)count - (double)part->n : -1;
}

static size_t largest_remainder(const struct split_part *parts, size_t n, size_t count)
{
    size_t largest = 0;

    for (size_t i = 1; i < n; i++)
        if (remainder_of(&parts[i], count) > remainder_of(&parts[largest], count))
            largest = i;
    return largest;
}

/* Turn the fractions into numbers of samples: each is rounded down, and those of the largest remainders get one more
 * until their sum is what they are together, rounded. */
static void size_fractions(struct split_part *parts, size_t n, size_t count)
{
    size_t given = 0;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        if (parts[i].share == SPLIT_FRACTION) {
            parts[i].n = (size_t)(parts[i].fraction * (double)count);
            given += parts[i].n;
            sum += parts[i].fraction * (double)count;
        }
    for (size_t wanted = (size_t)(sum + 0.5); given < wanted; given++)
        parts[largest_remainder(parts, n, count)].n++;
}

static enum status check_names(const struct split_part *parts, size_t n, struct error *error)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            if (strcmp(parts[i].name, parts[j].name) == 0)
                return error_set(error, STATUS_USAGE, "%s: two parts have this name", parts[i].name);
            if (parts[i].share == SPLIT_REST && parts[j].share == SPLIT_REST)
                return error_set(error, STATUS_USAGE, "%s: %s takes the rest already", parts[i].name, parts[j].name);
        }
    return STATUS_OK;
}

/* How many samples each part takes; *left: those that no part takes. */
static enum status size_parts(struct split_part *parts, size_t n, size_t count, size_t *left, struct error *error)
{
    size_t sum = 0;

    size_fractions(parts, n, count);
    for (size_t i = 0; i < n; i++)
        if (parts[i].share != SPLIT_REST && __builtin_add_overflow(sum, parts[i].n, &sum))
            sum = SIZE_MAX;
    if (sum > count)
        return error_set(error, STATUS_DATA, "the parts have %zu samples together, and the set only %zu", sum, count);
    *left = count - sum;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].share == SPLIT_REST) {
            parts[i].n = *left;
            *left = 0;
        }
        if (parts[i].n == 0)
            return error_set(error, STATUS_DATA, "%s: the part would have no samples of the set's %zu", parts[i].name,
                             count);
    }
    return STATUS_OK;
}

/* The samples class by class, in each class in the order in which they are given out; without SPLIT_STRATIFIED they are
 * taken as one class. */
struct strata {
    size_t classes, *size; /* (classes) */
    uint32_t *sample;      /* (count) */
};

static size_t count_classes(const uint16_t *labels, size_t count)
{
    size_t classes = 1;

    for (size_t i = 0; i < count; i++)
        if (labels[i] >= classes)
            classes = labels[i] + 1u;
    return classes;
}

/* Sort the samples in `order` by their labels, those of one label as they stand. */
static struct strata sort_by_class(const uint32_t *order, const uint16_t *labels, size_t count)
{
    struct strata strata = { .classes = count_classes(labels, count) };
    size_t *next = memory_new(strata.classes, sizeof *next);

    strata.size = memory_new(strata.classes, sizeof *strata.size);
    strata.sample = memory_new(count, sizeof *strata.sample);
    for (size_t i = 0; i < count; i++)
        strata.size[labels[i]]++;
    for (size_t label = 1; label < strata.classes; label++)
        next[label] = next[label - 1] + strata.size[label - 1];
    for (size_t i = 0; i < count; i++)
        strata.sample[next[labels[order[i]]]++] = order[i];
    free(next);
    return strata;
}

static struct strata strata_new(const struct split_rule *rule, const uint16_t *labels, size_t count)
{
    struct random_draw draw = { .seed = rule->seed, .purpose = RANDOM_SPLIT };
    struct strata strata = { .classes = 1 };
    uint32_t *order = memory_new(count, sizeof *order);

    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    if (!(rule->flags & SPLIT_TAIL))
        random_order(&draw, order, (uint32_t)count);
    if (rule->flags & SPLIT_STRATIFIED) {
        strata = sort_by_class(order, labels, count);
        free(order);
    } else {
        strata.size = memory_new(1, sizeof *strata.size);
        *strata.size = count;
        strata.sample = order;
    }
    return strata;
}

/* Which of `n` parts lacks most of its share of the first `k` samples; of equal ones the first. */
static size_t most_lacking(const size_t *size, const size_t *given, size_t n, size_t k, size_t count)
{
    int64_t most = INT64_MIN;
    size_t found = 0;

    for (size_t part = 0; part < n; part++) {
        int64_t lack = (int64_t)(size[part] * k - given[part] * count); /* each factor is below 2^32 */
        if (given[part] < size[part] && lack > most) {
            most = lack;
            found = part;
        }
    }
    return found;
}

static int compare_indices(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Give out all samples to `n` parts of these sizes, whose sum is `count`: each part's indices, ascending. */
static uint32_t **give_out(const struct split_rule *rule, const uint16_t *labels, size_t count, const size_t *size,
                           size_t n)
{
    struct strata strata = strata_new(rule, labels, count);
    size_t *given = memory_new(n, sizeof *given), *listed = memory_new(n, sizeof *listed), k = 0;
    const uint32_t *next = strata.sample;
    uint32_t **list = memory_new(n, sizeof *list);

    for (size_t part = 0; part < n; part++)
        list[part] = memory_new(size[part], sizeof **list);
    for (size_t label = 0; label < strata.classes; label++) {
        for (size_t i = 0; i < strata.size[label]; i++)
            given[most_lacking(size, given, n, ++k, count)]++;
        for (size_t part = 0; part < n; part++)
            while (listed[part] < given[part])
                list[part][listed[part]++] = *next++;
    }
    for (size_t part = 0; part < n; part++)
        qsort(list[part], size[part], sizeof **list, compare_indices);
    free(strata.size);
    free(strata.sample);
    free(given);
    free(listed);
    return list;
}

enum status split_decide(const struct split_rule *rule, const uint16_t *labels, size_t count, struct split_part *parts,
                         size_t n, struct error *error)
{
    size_t *size = memory_new(1 + n, sizeof *size); /* the first is what no part asked for */
    uint32_t **list;
    enum status status = check_names(parts, n, error);

    if (!status)
        status = size_parts(parts, n, count, &size[0], error);
    if (!status) {
        for (size_t i = 0; i < n; i++)
            size[1 + i] = parts[i].n;
        list = give_out(rule, labels, count, size, 1 + n);
        for (size_t i = 0; i < n; i++)
            parts[i].list = list[1 + i];
        free(list[0]);
        free(list);
    }
    free(size);
    return status;
}

/* All samples but those of `list`, which is ascending. */
static uint32_t *complement(const uint32_t *list, size_t n, size_t count)
{
    uint32_t *others = memory_new(count - n, sizeof *others), *to = others;
    size_t next = 0;

    for (uint32_t i = 0; i < count; i++)
        if (next < n && list[next] == i)
            next++;
        else
            *to++ = i;
    return others;
}

enum status split_folds(const struct split_rule *rule, const uint16_t *labels, size_t count, size_t folds,
                        struct split_part **parts, struct error *error)
{
    size_t *size;
    uint32_t **list;

    *parts = NULL;
    if (folds > count)
        return error_set(error, STATUS_DATA, "%zu folds need more samples than the %zu of the set", folds, count);
    size = memory_new(folds, sizeof *size);
    for (size_t fold = 0; fold < folds; fold++)
        size[fold] = count / folds + (fold < count % folds);
    list = give_out(rule, labels, count, size, folds);
    *parts = memory_new(2 * folds, sizeof **parts);
    for (size_t fold = 0; fold < folds; fold++) {
        struct split_part *train = &(*parts)[2 * fold], *valid = train + 1;
        *train = (struct split_part){ .name = memory_format("fold%zu-train", fold + 1), .n = count - size[fold] };
        train->list = complement(list[fold], size[fold], count);
        *valid = (struct split_part){ .name = memory_format("fold%zu-valid", fold + 1), .n = size[fold] };
        valid->list = list[fold];
    }
    free(size);
    free(list);
    return STATUS_OK;
}

void split_free(struct split_part *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(parts[i].name);
        free(parts[i].list);
    }
}
