/*
 * Random checkpoints for the tests of decisions: few values, epochs and paths, so that ties are the rule.
 */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include "policy/metrics.h"

enum { MOST_CANDIDATES = 12 };

/* A number below `n`: the test's own generator, the same in every run. */
static inline uint32_t below(uint64_t *generator, uint32_t n)
{
    *generator = *generator * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*generator >> 33) % n;
}

/* Fill `candidates` and return how many they are. Paths are different; digests are left empty. */
static inline size_t random_candidates(uint64_t *generator, struct candidate candidates[MOST_CANDIDATES])
{
    static char paths[MOST_CANDIDATES][2];
    static const double values[] = {
        -1, 0, 0.5, 0.5, 1, (double)__builtin_inff(), -(double)__builtin_inff(), (double)__builtin_nanf("")
    };
    size_t n = below(generator, MOST_CANDIDATES + 1);

    for (size_t i = 0; i < n; i++) {
        paths[i][0] = (char)('a' + i);
        candidates[i] = (struct candidate){
            .path = paths[i],
            .epoch = below(generator, 6),
            .value = values[below(generator, 8)],
            .pinned = below(generator, 8) == 0,
            .parent = below(generator, 8) == 0,
        };
    }
    for (size_t i = n; i > 1; i--) { /* the order tells nothing */
        size_t other = below(generator, (uint32_t)i);
        struct candidate moved = candidates[i - 1];
        candidates[i - 1] = candidates[other];
        candidates[other] = moved;
    }
    return n;
}

#endif
