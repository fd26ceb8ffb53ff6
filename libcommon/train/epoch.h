/*
 * Training: from a checkpoint, over whole epochs, to the next checkpoint.
 *
 *     struct training training = { .comm = comm, .session = &session,
 *                                  .reading = reading_begin("data/train", READING_DIGEST), .parent_path = "now",
 * .data_operand = "data/train", .output = "next", .epochs = 1 };
 *     ... engine_open_shared(..., comm, ..., &training.engine, &error) ...
 *     if (training_begin(&training, &error) || training_run(&training, &error))
 *         die_error(&error);
 *
 * The digest of the data is taken while the first batches are trained. Until it has shown that the data is the
 * parent's, nothing of what comes out is written.
 *
 * A training that is stopped by a signal keeps OUTPUT.part, a checkpoint inside an epoch, and returns 75; one that is
 * held by a file does, and returns 1. The same training goes on from it and ends with the bytes of one that was never
 * stopped.
 *
 * Ranks that train together all call these functions, read the same files, each proving its own data, and come to the
 * same status. Rank 0 alone asks training_is_done(), writes, and says what is due. What a signal asks of one, all do
 * after the batch that follows.
 */
#ifndef TRAIN_EPOCH_H
#define TRAIN_EPOCH_H

#include "base/output.h"
#include "data/reading.h"
#include "train/batches.h"
#include "train/state.h"

#include <stdbool.h>

struct training {
    struct comm *comm;                      /* the ranks; comm_self() is a process alone */
    struct session *session;                /* the parent; its state is what is trained */
    struct reading *reading;                /* the data, with its digest */
    const char *parent_path, *data_operand; /* in messages */
    struct engine *engine;
    const char *output; /* NULL: training_replay() */
    enum output_mode mode;
    uint64_t epochs;                                /* how many */
    double partial_every;                           /* seconds between partial checkpoints; 0: only when stopped */
    const char *hold;                               /* stop once this file is there; or NULL */
    struct batches *batches;                        /* log of batches, or NULL */
    void (*watch)(const struct training *training); /* after each batch, for a progress display; or NULL */

    /* Where it stands; set by the functions below. */
    const struct idx_set *set;
    const char *data;            /* the digest of `set`, once it is known and found right */
    uint64_t epoch, step, batch; /* finished; batch: those of the unfinished epoch */
    double looked, saved;        /* when `hold` was looked for, and a partial written */
    size_t batches_of_epoch;
    struct checkpoint_progress progress; /* of the unfinished epoch: loss is a sum */
};

/* Wait for the digest of the data: 65 if it is not that of the data that the parent was trained on; and what
   reading_set() says. The functions below ask it where they need to know. */
enum status training_check_data(struct training *training, struct error *error);

/*
 * Is `output` already the checkpoint that this training would make: proven, with this parent, data and epoch? *done
 * says so. 73 when there is another file of that name (unless `mode` replaces it); 74 or 71 when it cannot be told.
 */
enum status training_is_done(struct training *training, bool *done, struct error *error);

/* Remove the partial that a kill left beside the finished checkpoint. */
void training_tidy(const struct training *training);

/* Hand state and data to the engine. 65: the data is not for this network; and what reading_set() says. */
enum status training_begin(struct training *training, struct error *error);

/* Train and publish. 65: the data is not the parent's, the loss or a tensor stopped being finite (nothing is
   published); 75, 1: stopped, held, and OUTPUT.part is there. An unwritable output ends the program. Signals:
   signals_catch() before it. */
enum status training_run(struct training *training, struct error *error);

/* Train where `output` is NULL, and publish nothing: *made is the checkpoint that would have been, sealed, as long as
   the training and its session are there; state_tensors_free() its table of tensors. 65 and 75 as above. */
enum status training_replay(struct training *training, struct checkpoint *made, struct error *error);

#endif
