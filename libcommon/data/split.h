/*
 * Splitting a data set: which sample goes to which part. Pure; who writes the parts is idx-split.
 *
 *     struct split_part parts[2] = { 0 };
 *     struct split_rule rule = { .seed = 1, .flags = SPLIT_STRATIFIED };
 *     split_parse("train=rest", &parts[0], &error);
 *     split_parse("valid=0.1", &parts[1], &error);
 *     if (split_decide(&rule, set.labels, set.count, parts, 2, &error))
 *         die_error(&error);
 *     ... parts[0].list[0 .. parts[0].n - 1], ascending ...
 *     split_free(parts, 2);
 *
 * How it decides: the samples are put in the order of (word, index), where word is that of RANDOM_SPLIT for the index
 * (random.h), or with SPLIT_TAIL left in the order of the set. Each part takes its number of them, one part after the
 * other, so that the last part ends where the order ends; what no part asked for comes before the first. With
 * SPLIT_STRATIFIED the same is done in each class. How many of a class each part takes: going through the classes from
 * label 0, each sample is counted for the part that lacks most of its share of the samples so far (of equal ones the
 * first) and is not full. So the parts have exactly their numbers, and of two parts each has the whole number next
 * below or above its share of every class; of more parts, one seldom is two samples off.
 */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SPLIT_STRATIFIED = 1, SPLIT_TAIL = 2 };

struct split_rule {
    uint64_t seed;
    unsigned flags; /* SPLIT_* */
};

enum split_share { SPLIT_COUNT, SPLIT_FRACTION, SPLIT_REST };

struct split_part {
    char *name;
    enum split_share share;
    double fraction; /* of SPLIT_FRACTION: above 0, at most 1 */
    size_t n;        /* samples: known before the decision for SPLIT_COUNT, after it for all */
    uint32_t *list;  /* (n): their indices, ascending */
};

/* "name=share": a whole number of samples, a fraction such as 0.1, or `rest`. 64 with the reason when it is none, or
   when the name could not be part of a data set operand: empty, or with a slash or an '@'. */
enum status split_parse(const char *text, struct split_part *part, struct error *error);

/* Decide for `count` samples. Fractions are of the whole, rounded by the largest remainder, so that 0.8, 0.1 and 0.1 of
   any set are all of it. 64: two parts of one name, or two that take the rest; 65: together they have more than `count`
   samples, or a part would be empty. */
enum status split_decide(const struct split_rule *rule, const uint16_t *labels, size_t count, struct split_part *parts,
                         size_t n, struct error *error);

/* Cut into `folds` parts of nearly equal size, and make of them 2 * folds parts: foldN-train and foldN-valid, N from 1,
   where foldN-valid is the N-th and foldN-train all others. 65: more folds than samples. The caller frees *parts with
   split_free() and free(3). */
enum status split_folds(const struct split_rule *rule, const uint16_t *labels, size_t count, size_t folds,
                        struct split_part **parts, struct error *error);

/* Free what is in the parts. */
void split_free(struct split_part *parts, size_t n);

#endif
