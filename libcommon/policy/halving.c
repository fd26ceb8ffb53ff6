#include "policy/halving.h"

#include "base/memory.h"
#include "policy/heap.h"

#include <math.h>
#include <stdlib.h>

/* Those that have got to a rung, in two heaps; where both change, entries move between them turned round. */
struct rung {
    struct heap chosen; /* of the best the worst first */
    struct heap others; /* of the others the best first */
    size_t arrived;
    size_t expected; /* that have got there or are on their way */
    size_t extra;    /* that go on beside the best n / divisor, because nobody was left */
};

struct replay {
    const struct bracket *bracket;
    const struct outcome *outcomes; /* (trials, rungs) */
    struct decision *decisions;     /* (trials) */
    struct rung *rungs;
    struct heap working;          /* when each job ends, and of which trial it is */
    size_t *promoted;             /* trials that go on, in the order of that, */
    size_t promoted_count, taken; /* how many, and how many of them a worker has taken */
    size_t begun;                 /* the first trials of the bracket */
    double now;
    bool finished; /* a trial was trained to the end */
};

static const struct outcome *outcome_of(const struct replay *replay, size_t trial)
{
    return &replay->outcomes[trial * replay->bracket->rungs + replay->decisions[trial].rung];
}

static bool is_last(const struct replay *replay, size_t rung)
{
    return rung + 1 == replay->bracket->rungs;
}

static void start(struct replay *replay, size_t trial, size_t rung)
{
    const uint64_t *epochs = replay->bracket->epochs;
    double length = (double)(epochs[rung] - (rung ? epochs[rung - 1] : 0));

    replay->decisions[trial].state = TRIAL_RUN;
    replay->decisions[trial].rung = rung;
    heap_put(&replay->working, (struct heap_entry){ replay->now + length, trial });
}

/* Give work to those workers that have none. */
static void employ(struct replay *replay)
{
    while (replay->working.n < replay->bracket->concurrent) {
        if (replay->taken < replay->promoted_count) {
            size_t trial = replay->promoted[replay->taken++];
            start(replay, trial, replay->decisions[trial].rung + 1);
        } else if (replay->begun < replay->bracket->trials) {
            start(replay, replay->begun++, 0);
        } else {
            return;
        }
    }
}

/* It is among the best `best` of its rung. */
static void promote(struct replay *replay, size_t trial, size_t best)
{
    struct decision *decision = &replay->decisions[trial];

    decision->state = TRIAL_AWAITS_WORKER;
    decision->best = best;
    decision->of = replay->rungs[decision->rung].arrived;
    replay->rungs[decision->rung + 1].expected++;
    replay->promoted = memory_grow(replay->promoted, replay->promoted_count, sizeof *replay->promoted);
    replay->promoted[replay->promoted_count++] = trial;
}

/* What is least becomes greatest. */
static struct heap_entry turned(const struct replay *replay, struct heap_entry entry)
{
    return (struct heap_entry){ -entry.key, replay->bracket->trials - 1 - entry.number };
}

/* Choose the best of a rung to which one trial, or the first ones, have got since it was last done. */
static void choose(struct replay *replay, size_t index)
{
    struct rung *rung = &replay->rungs[index];
    size_t count = (size_t)((double)rung->arrived / replay->bracket->divisor) + rung->extra;

    if (rung->chosen.n && rung->others.n) {
        struct heap_entry worst = turned(replay, rung->chosen.at[0]);
        if (heap_entry_less(&rung->others.at[0], &worst)) {
            heap_take(&rung->chosen);
            heap_put(&rung->others, worst);
        }
    }
    while (rung->chosen.n < count && rung->others.n) {
        struct heap_entry entry = heap_take(&rung->others);
        const struct decision *decision = &replay->decisions[entry.number];
        heap_put(&rung->chosen, turned(replay, entry));
        if (decision->state == TRIAL_AWAITS_PROMOTION && decision->rung == index)
            promote(replay, entry.number, count);
    }
}

/* A trial has got to its rung. */
static void arrive(struct replay *replay, size_t trial)
{
    struct decision *decision = &replay->decisions[trial];
    struct rung *rung = &replay->rungs[decision->rung];
    double cost = outcome_of(replay, trial)->cost;
    bool sound = isfinite(cost), last = is_last(replay, decision->rung);

    rung->arrived++;
    decision->state = !sound ? TRIAL_FAILED : last ? TRIAL_DONE : TRIAL_AWAITS_PROMOTION;
    replay->finished |= sound && last;
    if (last)
        return;
    heap_put(&rung->others, (struct heap_entry){ sound ? cost : INFINITY, trial });
    if (replay->bracket->kind == HALVING_ASYNCHRONOUS || rung->arrived == rung->expected)
        choose(replay, decision->rung);
}

/* All work is done. Unless a trial was trained to the end, one more of the highest rung that has any goes on; false if
   there is none. */
static bool go_on_with_another(struct replay *replay)
{
    size_t before = replay->promoted_count;

    for (size_t i = replay->bracket->rungs - 1; i-- && !replay->finished;)
        while (replay->rungs[i].others.n) {
            replay->rungs[i].extra++;
            choose(replay, i);
            if (replay->promoted_count > before)
                return true;
        }
    return false;
}

/* Go on up to the next end of a job; false where nothing more is known, or to do. */
static bool step(struct replay *replay)
{
    struct heap_entry job;

    employ(replay);
    if (!replay->working.n)
        return go_on_with_another(replay);
    if (!outcome_of(replay, replay->working.at[0].number)->known)
        return false;
    job = heap_take(&replay->working);
    replay->now = job.key;
    arrive(replay, job.number);
    return true;
}

/* Of the jobs that the replay has not come to, some have an outcome. */
static void look_ahead(struct replay *replay)
{
    for (size_t i = 0; i < replay->working.n; i++) {
        size_t trial = replay->working.at[i].number;
        const struct outcome *outcome = outcome_of(replay, trial);
        struct decision *decision = &replay->decisions[trial];
        if (outcome->known)
            decision->state = !isfinite(outcome->cost)          ? TRIAL_FAILED
                              : is_last(replay, decision->rung) ? TRIAL_DONE
                                                                : TRIAL_AWAITS_OTHERS;
    }
}

/* The lowest rung to which somebody may still come. */
static size_t lowest_open(const struct replay *replay)
{
    size_t lowest = 0;

    if (!replay->finished)
        return 0;
    while (lowest < replay->bracket->rungs && replay->rungs[lowest].arrived == replay->rungs[lowest].expected)
        lowest++;
    return lowest;
}

/* Those that are not among the best of a rung stop where nobody can come to it. */
static void stop(struct replay *replay)
{
    size_t open = lowest_open(replay);

    for (size_t i = 0; i < replay->begun; i++) {
        struct decision *decision = &replay->decisions[i];
        if (decision->state != TRIAL_AWAITS_PROMOTION)
            continue;
        decision->best = replay->rungs[decision->rung].chosen.n;
        decision->of = replay->rungs[decision->rung].arrived;
        if (decision->rung < open)
            decision->state = TRIAL_STOP;
    }
}

void halving_decide(const struct bracket *bracket, const struct outcome *outcomes, struct decision *decisions)
{
    struct replay replay = { bracket, outcomes, decisions, memory_new(bracket->rungs, sizeof *replay.rungs), .now = 0 };

    for (size_t i = 0; i < bracket->trials; i++)
        decisions[i] = (struct decision){ .state = TRIAL_AWAITS_BEGIN };
    replay.rungs[0].expected = bracket->trials;
    while (step(&replay))
        continue;
    look_ahead(&replay);
    stop(&replay);
    for (size_t i = 0; i < bracket->rungs; i++) {
        heap_free(&replay.rungs[i].chosen);
        heap_free(&replay.rungs[i].others);
    }
    heap_free(&replay.working);
    free(replay.promoted);
    free(replay.rungs);
}

const char *trial_state_word(enum trial_state state)
{
    static const char *const words[] = {
        [TRIAL_RUN] = "run",
        [TRIAL_AWAITS_OTHERS] = "wait",
        [TRIAL_AWAITS_PROMOTION] = "wait",
        [TRIAL_AWAITS_WORKER] = "wait",
        [TRIAL_STOP] = "stop",
        [TRIAL_DONE] = "done",
        [TRIAL_FAILED] = "failed",
    };

    return words[state];
}

static void explain_choice(const char *how, const struct bracket *bracket, const struct decision *decision, size_t rung,
                           struct text *text)
{
    text_format(text, "%s the best %zu of %zu at epoch %llu", how, decision->best, decision->of,
                (unsigned long long)bracket->epochs[rung]);
}

void halving_explain(const struct bracket *bracket, const struct decision *decision, struct text *text)
{
    unsigned long long epochs = bracket->epochs[decision->rung];

    switch (decision->state) {
    case TRIAL_AWAITS_BEGIN:
        text_string(text, "not begun");
        break;
    case TRIAL_RUN:
        if (decision->rung)
            explain_choice("among", bracket, decision, decision->rung - 1, text);
        else
            text_string(text, "begun");
        break;
    case TRIAL_AWAITS_OTHERS:
        text_format(text, "at epoch %llu before others that are awaited", epochs);
        break;
    case TRIAL_AWAITS_PROMOTION:
        if (decision->best)
            explain_choice("so far not among", bracket, decision, decision->rung, text);
        else
            text_format(text, "so far one of %zu at epoch %llu, too few to choose from", decision->of, epochs);
        break;
    case TRIAL_AWAITS_WORKER:
        explain_choice("next, among", bracket, decision, decision->rung, text);
        break;
    case TRIAL_STOP:
        explain_choice("not among", bracket, decision, decision->rung, text);
        break;
    case TRIAL_DONE:
        text_format(text, "trained to the end, epoch %llu", epochs);
        break;
    case TRIAL_FAILED:
        text_format(text, "failed before epoch %llu", epochs);
        break;
    }
}
