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

struct seat {
    double remainder;
    size_t at;
};

static int compare_seats(const void *a, const void *b)
{
    const struct seat *x = a, *y = b;

    if (x->remainder != y->remainder)
        return x->remainder > y->remainder ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Add 1 to the `seats` sizes of the largest remainder; of equal remainders the first. */
static void hand_out(size_t *size, const double *remainder, size_t n, size_t seats)
{
    struct seat *order = memory_new(n, sizeof *order);

    for (size_t i = 0; i < n; i++)
        order[i] = (struct seat){ remainder[i], i };
    qsort(order, n, sizeof *order, compare_seats);
    for (size_t i = 0; i < seats; i++)
        size[order[i].at]++;
    free(order);
}

/* Turn the fractions into numbers of samples. */
static void size_fractions(struct split_part *parts, size_t n, size_t count)
{
    size_t *size = memory_new(n, sizeof *size), given = 0, wanted;
    double *remainder = memory_new(n, sizeof *remainder), sum = 0;

    for (size_t i = 0; i < n; i++) {
        double exact = parts[i].share == SPLIT_FRACTION ? parts[i].fraction * (double)count : 0;
        size[i] = (size_t)exact;
        remainder[i] = exact - (double)size[i];
        given += size[i];
        sum += exact;
    }
    wanted = (size_t)(sum + 0.5);
    hand_out(size, remainder, n, wanted > given ? wanted - given : 0);
    for (size_t i = 0; i < n; i++)
        if (parts[i].share == SPLIT_FRACTION)
            parts[i].n = size[i];
    free(size);
    free(remainder);
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

/* The samples that no part has taken yet: class by class, in each class those from `next` on. */
struct pool {
    size_t classes, left; /* left: in all classes */
    size_t *class_left, *next;
    uint32_t *sample;
};

static size_t count_classes(const uint16_t *labels, size_t count)
{
    size_t classes = 1;

    for (size_t i = 0; i < count; i++)
        if (labels[i] >= classes)
            classes = labels[i] + 1u;
    return classes;
}

static struct pool pool_new(const struct split_rule *rule, const uint16_t *labels, size_t count)
{
    struct random_draw draw = { .seed = rule->seed, .purpose = RANDOM_SPLIT };
    struct pool pool = { .classes = rule->flags & SPLIT_STRATIFIED ? count_classes(labels, count) : 1, .left = count };
    uint32_t *order = memory_new(count, sizeof *order);
    size_t *end = memory_new(pool.classes, sizeof *end);

    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    if (!(rule->flags & SPLIT_TAIL))
        random_order(&draw, order, (uint32_t)count);
    pool.sample = memory_new(count, sizeof *pool.sample);
    pool.class_left = memory_new(pool.classes, sizeof *pool.class_left);
    pool.next = memory_new(pool.classes, sizeof *pool.next);
    for (size_t i = 0; i < count; i++)
        pool.class_left[pool.classes > 1 ? labels[i] : 0]++;
    for (size_t label = 1; label < pool.classes; label++)
        end[label] = pool.next[label] = pool.next[label - 1] + pool.class_left[label - 1];
    for (size_t i = 0; i < count; i++)
        pool.sample[end[pool.classes > 1 ? labels[order[i]] : 0]++] = order[i];
    free(order);
    free(end);
    return pool;
}

static void pool_free(struct pool *pool)
{
    free(pool->class_left);
    free(pool->next);
    free(pool->sample);
}

/* How many of each class a part of `n` samples takes. */
static size_t *apportion(const struct pool *pool, size_t n)
{
    size_t *size = memory_new(pool->classes, sizeof *size), given = 0;
    double *remainder = memory_new(pool->classes, sizeof *remainder);

    for (size_t label = 0; label < pool->classes && pool->left; label++) {
        size_t product = n * pool->class_left[label]; /* both below 2^32 */
        size[label] = product / pool->left;
        remainder[label] = (double)(product % pool->left);
        given += size[label];
    }
    hand_out(size, remainder, pool->classes, n - given);
    free(remainder);
    return size;
}

static int compare_indices(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Take `n` samples out of the pool: their indices, ascending. */
static uint32_t *take(struct pool *pool, size_t n)
{
    uint32_t *list = memory_new(n, sizeof *list), *to = list;
    size_t *size = apportion(pool, n);

    for (size_t label = 0; label < pool->classes; label++) {
        memcpy(to, pool->sample + pool->next[label], size[label] * sizeof *to);
        to += size[label];
        pool->next[label] += size[label];
        pool->class_left[label] -= size[label];
    }
    pool->left -= n;
    free(size);
    qsort(list, n, sizeof *list, compare_indices);
    return list;
}

enum status split_decide(const struct split_rule *rule, const uint16_t *labels, size_t count, struct split_part *parts,
                         size_t n, struct error *error)
{
    size_t left = 0;
    struct pool pool;
    enum status status = check_names(parts, n, error);

    if (!status)
        status = size_parts(parts, n, count, &left, error);
    if (status)
        return status;
    pool = pool_new(rule, labels, count);
    free(take(&pool, left));
    for (size_t i = 0; i < n; i++)
        parts[i].list = take(&pool, parts[i].n);
    pool_free(&pool);
    return STATUS_OK;
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
    struct pool pool;

    *parts = NULL;
    if (folds > count)
        return error_set(error, STATUS_DATA, "%zu folds need more samples than the %zu of the set", folds, count);
    pool = pool_new(rule, labels, count);
    *parts = memory_new(2 * folds, sizeof **parts);
    for (size_t fold = 0; fold < folds; fold++) {
        struct split_part *train = &(*parts)[2 * fold], *valid = train + 1;
        valid->name = memory_format("fold%zu-valid", fold + 1);
        valid->n = pool.left / (folds - fold);
        valid->list = take(&pool, valid->n);
        train->name = memory_format("fold%zu-train", fold + 1);
        train->n = count - valid->n;
        train->list = complement(valid->list, valid->n, count);
    }
    pool_free(&pool);
    return STATUS_OK;
}

void split_free(struct split_part *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(parts[i].name);
        free(parts[i].list);
    }
}
