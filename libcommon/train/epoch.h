/*
 * Training: from a checkpoint, over whole epochs, to the next checkpoint.
 *
 *     struct training training = { .session = &session, .engine = engine, .set = &set, .data = digest,
 *                                  .output = "next", .epochs = 1 };
 *     enum status status = training_run(&training, &error);
 *
 * A training that is stopped by a signal keeps OUTPUT.part, a checkpoint inside an epoch, and returns 75; the same
 * training goes on from it and ends with the bytes of one that was never stopped.
 */
#ifndef TRAIN_EPOCH_H
#define TRAIN_EPOCH_H

#include "base/output.h"
#include "train/batches.h"
#include "train/state.h"

#include <stdbool.h>

struct training {
    struct session *session; /* the parent; its state is what is trained */
    struct engine *engine;   /* with the data lent to it */
    const struct idx_set *set;
    const char *data; /* digest of `set` */
    const char *output;
    enum output_mode mode;
    uint64_t epochs;                                /* how many */
    double partial_every;                           /* seconds between partial checkpoints; 0: only when stopped */
    struct batches *batches;                        /* log of batches, or NULL */
    void (*watch)(const struct training *training); /* after each batch, for a progress display; or NULL */

    /* Where it stands; set by training_run(). */
    uint64_t epoch, step, batch; /* finished; batch: those of the unfinished epoch */
    size_t batches_of_epoch;
    struct checkpoint_progress progress; /* of the unfinished epoch: loss is a sum */
};

/*
 * Is `output` already the checkpoint that this training would make: proven, with this parent, data and epoch? *done
 * says so. 73 when there is another file of that name (unless `mode` replaces it); 74 or 71 when it cannot be told.
 */
enum status training_is_done(const struct training *training, bool *done, struct error *error);

/* Remove the partial that a kill left beside the finished checkpoint. */
void training_tidy(const struct training *training);

/* Train and publish. 65: the loss or a tensor stopped being finite (nothing is published); 75: stopped, OUTPUT.part is
   there. An unwritable output ends the program. Signals: signals_catch() before it. */
enum status training_run(struct training *training, struct error *error);

#endif
