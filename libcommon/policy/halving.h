/*
 * Successive halving: which trials of a bracket go on, and which stop, as a pure function of what is known of them.
 *
 *     struct outcome *outcomes = ...;          // (trials, rungs): what is known of each trial at each rung
 *     struct decision *decisions = memory_new(bracket.trials, sizeof *decisions);
 *     halving_decide(&bracket, outcomes, decisions);
 *     for (size_t i = 0; i < bracket.trials; i++)
 *         if (decisions[i].state == TRIAL_RUN)
 *             ... train trial bracket.first + i up to bracket.epochs[decisions[i].rung] epochs ...
 *
 * Every trial is trained up to the first rung; of n that have got to a rung the best n / divisor (rounded down) go on
 * to the next. Asynchronously (ASHA: Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020,
 * arXiv:1810.05934) that is asked whenever a trial gets there, so that nobody waits, and somebody may go on who would
 * not have among all; synchronously once all have got there. Of equal ones the earlier trial is better.
 *
 * The whole search is replayed in logical time, each time that something is decided: `concurrent` workers take for a
 * job as long as it has epochs, and take next whoever may go on, else the next trial of the bracket. Of jobs that end
 * at the same time that of the earlier trial ends first. The replay goes on up to the first end of a job whose outcome
 * is not known yet. So the decisions do not depend on which machine was faster or what was killed, and to know more
 * adds decisions and changes none.
 *
 * A trial that failed, or whose outcome is not finite, is worst, and never goes on. If all work is done and yet no
 * trial was trained to the end, the best one that is left of the highest rung that has any goes on.
 */
#ifndef POLICY_HALVING_H
#define POLICY_HALVING_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum halving_kind { HALVING_ASYNCHRONOUS, HALVING_SYNCHRONOUS };

struct bracket {
    const uint64_t *epochs; /* (rungs): what a trial has been trained for at each, increasing */
    size_t rungs;           /* from 1 to RUNGS_MOST */
    size_t first, trials;   /* those of the search, in its order */
    size_t concurrent;      /* workers, at least one */
    double divisor;
    enum halving_kind kind;
};

struct outcome {
    bool known;
    double cost; /* the smaller, the better; if not finite, the trial failed */
};

enum trial_state {
    TRIAL_AWAITS_BEGIN,
    TRIAL_RUN,              /* train it up to its rung */
    TRIAL_AWAITS_OTHERS,    /* it has got to its rung; those that do so before it, in logical time, have not */
    TRIAL_AWAITS_PROMOTION, /* it is not among the best of its rung, but may come to be */
    TRIAL_AWAITS_WORKER,    /* it may go on when a worker is free */
    TRIAL_STOP,
    TRIAL_DONE,
    TRIAL_FAILED,
};

struct decision {
    enum trial_state state;
    size_t rung;     /* that it has got to or, if TRIAL_RUN, is on its way to; 0 is the first */
    size_t best, of; /* of how many, at the rung where that was decided last, how many are chosen */
};

/* Decide on all trials. outcomes: (trials, rungs). */
void halving_decide(const struct bracket *bracket, const struct outcome *outcomes, struct decision *decisions);

/* The state in a word: run, wait, stop, done or failed; NULL for a trial that has not begun. */
const char *trial_state_word(enum trial_state state);

/* Add the reason to `text`; of TRIAL_FAILED who knows the outcome knows more. */
void halving_explain(const struct bracket *bracket, const struct decision *decision, struct text *text);

#endif
