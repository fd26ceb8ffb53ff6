/*
 * The act of pruning, once it is decided what stays.
 *
 *     pruning_lock(&runs);                            // before anything of them is read
 *     ... survey_make(), retention_decide() ...
 *     pruning_bury(&survey, keep, reason);
 *     pruning_delete(&survey, keep);
 *
 * All tombstones are there before the first file goes. So after a kill at any moment the same decision finishes it, and
 * what stays still proves itself. Errors end the program.
 */
#ifndef TRAIN_PRUNING_H
#define TRAIN_PRUNING_H

#include "train/survey.h"

/* Lock each run until the program ends, so that no two lose the tombstones of one another, nor delete what the other
   keeps instead. A run that is named twice is taken out once. 75: somebody else holds one. Where that takes more
   descriptors than a process has at first, as many as it may have are asked for. */
void pruning_lock(struct runs *runs);

/* Add tombstones of those whose keep[i] is 0 to those of their runs; `reason` is why they go. */
void pruning_bury(struct survey *survey, const unsigned *keep, const char *reason);

/* Delete their files. */
void pruning_delete(const struct survey *survey, const unsigned *keep);

#endif
