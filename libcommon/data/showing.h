/*
 * Which samples of a set are shown, and what is said of each. Pure; who draws them is data/sheet.h.
 *
 *     struct showing_rule rule = { .count = 100 };
 *     struct showing showing = { .set = &set, .columns = 10 };
 *     showing_choose(&rule, &showing);
 *     if (showing_check(&showing, &error))
 *         die_error(&error);
 *     showing_sheet(&showing, &sheet);
 *     showing_records(&showing, writer);
 *     showing_free(&showing);
 */
#ifndef DATA_SHOWING_H
#define DATA_SHOWING_H

#include "base/records.h"
#include "data/sheet.h"
#include "format/class_names.h"
#include "format/idx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct showing_rule {
    size_t skip, count;  /* of the samples that fit, so many are left out, and then so many shown */
    const bool *classes; /* (IDX_MOST_CLASSES): those that fit; NULL: all */
    bool shuffled;       /* in the order in which training with this seed first meets them, not that of the set */
    uint64_t seed;
};

struct shown {
    uint32_t sample;
    const char *label, *predicted; /* as the prediction calls them, NULL without one; they live as its records */
    double probability;            /* of that prediction */
};

struct showing {
    const struct idx_set *set;         /* of 1 or 3 channels */
    const struct class_names *classes; /* what classes are called; NULL: as they are numbered */
    const struct plan *plan;           /* whose augmentation is shown, or NULL */
    uint64_t seed;                     /* of the augmentation, */
    size_t epoch;                      /* and the first epoch shown, from 0 */
    size_t columns;                    /* in a row: samples; with a plan, one sample and what epochs make of it */
    bool bare;                         /* nothing is said */
    struct shown *shown;               /* (n): the samples in their order */
    size_t n;
};

/* Choose samples: showing->set is read, shown and n are filled in. n is 0 where no sample fits. */
void showing_choose(const struct showing_rule *rule, struct showing *showing);

/*
 * Choose the mistakes among predictions, nn-predict(1)'s records: the most confident first, of equals that of the
 * earlier sample. Where there are records of several data sets, those whose `path` is `operand` count. 65: none is of
 * this set, they lack a column, or have a sample or label that this set has not. `source` names them in messages.
 */
enum status showing_mistakes(const struct showing_rule *rule, const char *operand, const struct records *records,
                             const char *source, struct showing *showing, struct error *error);

/* 64: with a plan, so many epochs are more than training counts, or more pictures than a sheet has room for. */
enum status showing_check(const struct showing *showing, struct error *error);

/* Add the cells to a sheet, whose columns are to be those of `showing`. */
void showing_sheet(const struct showing *showing, struct sheet *sheet);

/* Print what is where, a record for each cell. */
void showing_records(const struct showing *showing, struct record_writer *writer);

void showing_free(struct showing *showing);

/* A sample as training sees it in `epoch` (from 0): each value as the pixel that comes nearest to it. */
struct picture showing_augmented(const struct showing *showing, uint32_t sample, uint32_t epoch);

#endif
