/*
 * A network that is to be used and not trained: that of a checkpoint, or of a release as safetensors (ckpt-release(1)).
 *
 *     struct predictor predictor;
 *     if (predictor_load(path, &predictor, &error))
 *         die_error(&error);
 *     ... engine_open(device, predictor.class, predictor.plan, threads, 0, &engine, &error) ...
 *     engine_put(engine, &predictor.state);
 *     ...
 *     predictor_free(&predictor);
 *
 * A file is opened once: what was proven is what is used. A checkpoint proves itself by its digest. A release must have
 * a model text that makes a plan, and exactly the tensors of that plan, all finite, in any order, as other programs may
 * have saved them again; if it says the digest of its weights, it must be that. Who made it is for its signature to
 * tell.
 */
#ifndef TRAIN_PREDICTOR_H
#define TRAIN_PREDICTOR_H

#include "train/state.h"

struct predictor {
    struct plan *plan;
    struct state state;  /* what it is evaluated by: parameters and running statistics, neither moments nor ema */
    const char *weights; /* which these are: "ema" or "model" */
    char class[CHECKPOINT_CLASS_SIZE];

    struct session session; /* a checkpoint's, which owns the above; or of a release the model and plan */
    float *values;          /* of a release: what `state` lies in */
};

/* Read one ("-" is stdin). 65: it is neither, or not proven; 66, 71, 74 as from file_read(). */
enum status predictor_load(const char *path, struct predictor *predictor, struct error *error);
void predictor_free(struct predictor *predictor);

#endif
