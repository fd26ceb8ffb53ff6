/*
 * Which of the checkpoints that were found are trained again, and what came of it.
 *
 *     struct replays replays = { .replay = &replay, .last = UINT64_MAX };
 *     if (replays_run(&replays, "runs/a", &findings, &error))
 *         die_error(&error);
 *     ... replays_word(findings.at[0]->replay) ...
 */
#ifndef DOCTOR_REPLAYS_H
#define DOCTOR_REPLAYS_H

#include "doctor/finding.h"
#include "train/replay.h"

struct replays {
    const struct replay *replay;
    uint64_t first, last; /* the epochs of those that are asked for */
    size_t sample;        /* so many of these, drawn by `seed`; 0: all */
    uint64_t seed;
    void (*watch)(const char *path, size_t number, size_t count); /* before each, or NULL */
};

/*
 * Replay the proven checkpoints among `findings`, those of the operand that doctor_examine() was given, whose parent is
 * there and proven, too. One that differs is recorded as such. The status is for what keeps all of them from being
 * replayed: that of replay_epoch(), but for 1; 66: of the epochs that are asked for none has its parent there.
 */
enum status replays_run(const struct replays *replays, const char *operand, struct findings *findings,
                        struct error *error);

/* "same", "differs"; "pruned" and "missing": its parent; "none": it was not asked for. */
const char *replays_word(enum finding_replay replay);

#endif
