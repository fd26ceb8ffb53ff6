/*
 * Random numbers without state: Philox4x32-10, a function from (seed, counter) to four words.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405.
 *
 * Who draws what is in the counter (rote-arithmetic(7), "Random numbers"), so that a draw does not depend on the draws
 * before it, on threads, or on where a run was interrupted.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a number is for. The number of a layer, tensor or fold is added below the top byte. */
enum random_purpose {
    RANDOM_INITIAL = 1,  /* + tensor in file order; index: 0; element: that of the tensor */
    RANDOM_ORDER = 2,    /* epoch; index: the sample's position in the set */
    RANDOM_DROPOUT = 3,  /* + layer; epoch; index: the same; element: that of the layer's output */
    RANDOM_SPLIT = 4,    /* index: the same */
    RANDOM_AUGMENT = 5,  /* + 0, or 1 and 2 for elastic distortion; epoch; index: the same; element: data/augment.c */
    RANDOM_TRIAL = 6,    /* epoch: the setting's name; index: the trial (policy/sample.c) */
    RANDOM_SCRAMBLE = 7, /* epoch: the setting's name; element: the bits before the one that is drawn for */
};

struct random_draw {
    uint64_t seed;
    enum random_purpose purpose;
    uint32_t layer; /* below 2^24 */
    uint32_t epoch, index;
};

/* The word of element `element`: word element % 4 of the block whose counter's last word is element / 4. */
uint32_t random_word(const struct random_draw *draw, uint64_t element);

/* The four words of elements 4 * block .. 4 * block + 3. */
void random_words(const struct random_draw *draw, uint32_t block, uint32_t word[4]);

/* Those of `count` blocks from `first`, 4 * count words: many at a time are drawn several times as fast. */
void random_blocks(const struct random_draw *draw, uint32_t first, size_t count, uint32_t *words);

/* Put the numbers 0 .. n-1 in the order of (word of index i, i): `draw->index` is ignored. */
void random_order(const struct random_draw *draw, uint32_t *order, uint32_t n);

#endif
