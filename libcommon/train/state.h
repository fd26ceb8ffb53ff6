/*
 * Between a checkpoint on disk and the state that an engine trains.
 *
 *     struct session session;
 *     if (session_load(path, &session, &error))       // checkpoint, its plan, and its state; all proven to fit
 *         die_error(&error);
 *     ...
 *     session_free(&session);
 */
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include "base/error.h"
#include "engine/engine.h"
#include "format/checkpoint.h"
#include "net/plan.h"

/* The state's memory: everything of it behind one another in `parameters`, so that it is a checkpoint's data as it
   stands: state_floats() in all. */
struct state state_new(const struct plan *plan);
size_t state_floats(const struct plan *plan);
void state_free(struct state *state);

/* 65: one of the values of these tensors, which lie behind one another, is not finite. */
enum status state_check_finite(const struct safetensors_tensor *tensors, size_t count, const float *values,
                               const char *path, struct error *error);

/* What a network is evaluated by: the moving average of the parameters where there is one, which takes their place
   here, else they themselves. Returns which: "ema" or "model". */
const char *state_choose(const struct plan *plan, struct state *state);

/* The table of all tensors of a checkpoint of this plan: "model." tensors, then of each parameter its moments as
   "optim.<moment>.", then its moving average as "ema.". Offsets are those in the state's memory. The caller frees
   *tensors with state_tensors_free(). */
void state_tensors(const struct plan *plan, struct safetensors_tensor **tensors, size_t *count);
void state_tensors_free(struct safetensors_tensor *tensors, size_t count);

/* The network of a checkpoint, of which only the header need be there. 65: its model text is not canonical, or makes no
   plan; messages have the line of the text. The caller frees *model and *plan where they are set, also on error. */
enum status session_plan(const struct checkpoint *checkpoint, const char *path, struct model **model,
                         struct plan **plan, struct error *error);

/* What a program that reads a checkpoint works with. */
struct session {
    struct checkpoint *checkpoint;
    struct model *model;
    struct plan *plan;
    struct state state; /* it lies in the checkpoint's values */
};

/*
 * Check that a checkpoint is one that rote could have written: its model text makes a plan, its tensors are exactly
 * those of the plan (names, shapes, order), and every value is finite. 65 and which of these is wrong. Fills in the
 * session, which owns `checkpoint` from then on, also on error.
 */
enum status session_open(struct checkpoint *checkpoint, const char *path, struct session *session, struct error *error);

/* The same check of one that checkpoint_prove() has read, and found so many values of it finite before one is not. */
enum status session_check(const struct checkpoint *checkpoint, size_t finite, const char *path, struct error *error);

/* checkpoint_read() and session_open(). A differing digest is 65 here: the input is bad. */
enum status session_load(const char *path, struct session *session, struct error *error);

/* The same with checkpoint_parse(): takes over the bytes. */
enum status session_parse(struct bytes *bytes, const char *path, struct session *session, struct error *error);

/* What session_load() reads or a model text, of which the session has model and plan alone. The file is opened once. */
enum status session_load_network(const char *path, struct session *session, struct error *error);
void session_free(struct session *session);

#endif
