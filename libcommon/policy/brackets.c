#include "policy/brackets.h"

#include "base/size.h"

static double power(double base, size_t exponent)
{
    double value = 1;

    while (exponent--)
        value *= base;
    return value;
}

/* How many powers of `divisor`, from 1 on, are not above `limit`; not more than `most`. */
static size_t powers_within(double limit, double divisor, size_t most)
{
    double value = 1;
    size_t n = 0;

    while (n < most && value <= limit) {
        value *= divisor;
        n++;
    }
    return n;
}

static void add_rung(struct rungs *rungs, uint64_t epochs)
{
    if (!rungs->n || epochs > rungs->epochs[rungs->n - 1])
        rungs->epochs[rungs->n++] = epochs;
}

void rungs_derive(struct rungs *rungs, uint64_t last, double divisor, size_t most)
{
    size_t n = powers_within((double)last, divisor, size_smaller(most, RUNGS_MOST));

    rungs->n = 0;
    while (n--)
        add_rung(rungs, (uint64_t)((double)last / power(divisor, n)));
}

void rungs_from_samples(struct rungs *rungs, uint64_t samples)
{
    struct rungs epochs = { .n = 0 };

    for (size_t i = 0; i < rungs->n; i++)
        add_rung(&epochs, (rungs->epochs[i] - 1) / samples + 1);
    *rungs = epochs;
}

/* Put the numbers of rungs of the brackets into `counts`, the largest first. */
static size_t count_rungs(const struct search *search, size_t *counts)
{
    size_t most = powers_within((double)search->trials, search->divisor, search->rungs.n);
    size_t least = search->mode == SEARCH_AGGRESSIVE ? most : search->mode == SEARCH_STANDARD ? (most + 1) / 2 : 1;
    size_t n = 0;

    if (!search->bracket_count) {
        for (size_t rungs = most; rungs && rungs >= least; rungs--)
            counts[n++] = rungs;
        return n;
    }
    for (; n < search->bracket_count; n++) { /* sorted as they come */
        size_t at = n;
        for (; at && counts[at - 1] < search->bracket_rungs[n]; at--)
            counts[at] = counts[at - 1];
        counts[at] = search->bracket_rungs[n];
    }
    return n;
}

/* A bracket of r rungs trains divisor^(r-1) trials for about r times what a single one needs. */
static double weight(size_t rungs, double divisor)
{
    return power(divisor, rungs - 1) / (double)rungs;
}

/* Share the trials out by weight; what is left over is for the first bracket. Returns how many brackets get any. */
static size_t share_trials(const struct search *search, struct bracket *brackets, size_t n)
{
    double sum = 0;
    size_t left = search->trials;

    for (size_t i = 0; i < n; i++)
        sum += weight(brackets[i].rungs, search->divisor);
    for (size_t i = 0; i < n; i++) {
        size_t share = (size_t)(weight(brackets[i].rungs, search->divisor) / sum * (double)search->trials);
        brackets[i].trials = size_smaller(size_larger(share, 1), left);
        left -= brackets[i].trials;
    }
    brackets[0].trials += left;
    for (size_t i = 1; i < n; i++)
        brackets[i].first = brackets[i - 1].first + brackets[i - 1].trials;
    while (n && !brackets[n - 1].trials)
        n--;
    return n;
}

size_t search_brackets(const struct search *search, struct bracket *brackets)
{
    size_t counts[RUNGS_MOST], n = count_rungs(search, counts), workers;

    for (size_t i = 0; i < n; i++)
        brackets[i] = (struct bracket){
            .epochs = &search->rungs.epochs[search->rungs.n - counts[i]],
            .rungs = counts[i],
            .divisor = search->divisor,
            .kind = search->kind,
        };
    if (n)
        n = share_trials(search, brackets, n);
    workers = size_larger(search->concurrent, n);
    for (size_t i = 0; i < n; i++)
        brackets[i].concurrent = workers / n + (i < workers % n);
    return n;
}
