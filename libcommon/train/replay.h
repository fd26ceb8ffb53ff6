/*
 * Replay: the proof that a checkpoint's weights came from its parent, by this data and recipe. The epoch is trained
 * again and must give the same bytes; in fp32 it does on any machine, engine and number of threads
 * (rote-arithmetic(7)).
 *
 *     struct replay replay = { .reading = reading_begin("data/train", READING_DIGEST), .data_operand = "data/train",
 *                              .device = "auto", .threads = 4 };
 *     char *difference;
 *     if (replay_epoch(&replay, "runs/a/epoch-0001.safetensors", "runs/a/epoch-0002.safetensors", &difference, &error))
 *         ...
 */
#ifndef TRAIN_REPLAY_H
#define TRAIN_REPLAY_H

#include "train/epoch.h"

struct replay {
    struct reading *reading; /* the data, with its digest; it serves for any number of epochs */
    const char *data_operand;
    const char *device; /* as engine_open() takes it */
    size_t threads;
    void (*watch)(const struct training *training); /* after each batch, or NULL */
};

/*
 * Train again what lies between two proven checkpoints, and compare. 0: `child` has the bytes that this makes; 1: it
 * has not, and *difference (allocated, else NULL) says in words where that begins, first what the header says, then the
 * first tensor and element. 65: it is not the data that `child` was trained on, or the two do not follow one another,
 * or training diverges; 69: this engine is of another class than the one that made it; 75: stopped by a signal.
 */
enum status replay_epoch(const struct replay *replay, const char *parent, const char *child, char **difference,
                         struct error *error);

#endif
