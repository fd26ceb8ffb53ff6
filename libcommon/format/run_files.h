/*
 * What the files of a run directory are, by their names: rote-train(1), FILES.
 *
 *     struct run_name name = run_name("epoch-0003.safetensors.part");
 *     ... name.kind == RUN_PARTIAL, name.epoch == 3 ...
 *
 * A name says what a file should be. Whether it is that is the question of doctor/doctor.h.
 */
#ifndef FORMAT_RUN_FILES_H
#define FORMAT_RUN_FILES_H

#include <stdbool.h>
#include <stdint.h>

#define RUN_CONF "run.conf" /* a directory that has it is a run */
#define RUN_MODEL "net.model"
#define RUN_DATA "data.tsv"
#define RUN_TRAIN_LIST "train.list"
#define RUN_VALID_LIST "valid.list"
#define RUN_PRUNED "pruned.tsv" /* tombstones.h */
#define RUN_PINNED "pinned"     /* pins.h */
#define RUN_EVALUATION_SUFFIX ".eval"
#define RUN_METRICS "metrics.tsv"
#define RUN_LOCK "lock"
#define RUN_LOG "log"
#define RUN_HOLD "hold"
#define RUN_NOTES "notes"
#define RUN_DAMAGED_SUFFIX ".damaged" /* after the name of what was moved aside; a second one has ".2" after that */

enum run_kind {
    RUN_SETTINGS, /* run.conf */
    RUN_NETWORK,
    RUN_DESCRIPTION, /* data.tsv */
    RUN_LIST,
    RUN_TOMBSTONES,
    RUN_PINS,
    RUN_CHECKPOINT,
    RUN_PARTIAL,
    RUN_EVALUATION,
    RUN_ROWS, /* metrics.tsv */
    RUN_LOCKED,
    RUN_LOGGED,
    RUN_HELD,
    RUN_NOTED,     /* notes: what people say of the run (rote-runs) */
    RUN_TEMPORARY, /* .*.tmp: what is being written, or what a killed process left of it */
    RUN_DAMAGED,   /* what rote-train, or somebody, moved aside */
    RUN_UNKNOWN,
    RUN_KINDS
};

struct run_name {
    enum run_kind kind;
    uint64_t epoch; /* of checkpoints, partial ones and evaluations */
};

struct run_name run_name(const char *name);

/* Is `name` that of a run's checkpoint, "epoch-NNNN.safetensors" with at least four digits? Then *epoch is its number.
 */
bool run_checkpoint_name(const char *name, uint64_t *epoch);

/* The kind in a word, as in ckpt-verify's column. */
const char *run_kind_word(enum run_kind kind);

#endif
