/*
 * How a search is cut into brackets: which trials are in which, how long its rungs are, and how many are trained at a
 * time.
 *
 *     struct search search = { .divisor = 4, .mode = SEARCH_STANDARD, .trials = 100, .concurrent = 16 };
 *     rungs_derive(&search.rungs, 64, search.divisor, 5);          // 1, 4, 16, 64 epochs
 *     n = search_brackets(&search, brackets);
 *     ... halving_decide(&brackets[i], ...) (policy/halving.h) ...
 *
 * Successive halving stops trials early, at the risk of stopping one that would have become good later. A search
 * hedges: its brackets have different numbers of rungs, each the last ones, so that in a bracket of few rungs nobody
 * is stopped early. What the brackets get is about equal work, not equally many trials. The modes, and how many trials
 * and workers a bracket gets, are those of Determined's adaptive ASHA (its documentation, "Adaptive (Asynchronous)
 * Method"; its master/pkg/searcher/adaptive_asha.go).
 */
#ifndef POLICY_BRACKETS_H
#define POLICY_BRACKETS_H

#include "policy/halving.h"

#include <stddef.h>
#include <stdint.h>

enum { RUNGS_MOST = 64 };

/* How many epochs a trial has been trained for when it is judged: at each rung more, at the last one all. */
struct rungs {
    uint64_t epochs[RUNGS_MOST];
    size_t n;
};

/* The rungs that end with `last`: each a divisor'th of the one above, rounded down; not more than `most`, none below 1,
   and those that come out equal are one. */
void rungs_derive(struct rungs *rungs, uint64_t last, double divisor, size_t most);

/* Turn samples into epochs of `samples` each, rounded up; those that come out equal are one. */
void rungs_from_samples(struct rungs *rungs, uint64_t samples);

/*
 * Of R rungs (or, where those are fewer, of as many as leave a trial for the last one) brackets have
 *     aggressive      R,
 *     standard        R, R - 1 ... down to half of R,
 *     conservative    R, R - 1 ... 1.
 */
enum search_mode { SEARCH_STANDARD, SEARCH_AGGRESSIVE, SEARCH_CONSERVATIVE };

struct search {
    struct rungs rungs;
    enum search_mode mode;
    size_t
        bracket_rungs[RUNGS_MOST]; /* how many each bracket has, none of them more than rungs.n: stand over the mode */
    size_t bracket_count;          /* 0: the mode says it */
    double divisor;                /* above 1, at most SEARCH_MOST_DIVISOR */
    size_t trials;
    size_t concurrent; /* trials that are trained at a time, at least 1; at least one in each bracket */
    enum halving_kind kind;
};

enum { SEARCH_MOST_DIVISOR = 1000 };

/* Fill `brackets` (room for RUNGS_MOST), those of most rungs first, and return how many they are. They take the trials
   in order, each at least one while there are any, and live as long as `search`. */
size_t search_brackets(const struct search *search, struct bracket *brackets);

#endif
