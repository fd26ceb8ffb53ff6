/*
 * A release as C: one source file and its header, C99, which need nothing but fmaf(3) and allocate nothing. They
 * compute the logits that every exact engine computes, bit for bit, on any machine whose floats are IEEE 754's: sums
 * are written as rote-arithmetic(7) orders them, and each product that feeds one as fmaf, so that no compiler has
 * anything to contract.
 *
 *     struct text source = { 0 }, header = { 0 };
 *     c_source_add(&source, &header, plan, values, card, "digits");
 *     ... write them as digits.c and digits.h ...
 *     text_free(&source);
 *     text_free(&header);
 */
#ifndef RELEASE_C_SOURCE_H
#define RELEASE_C_SOURCE_H

#include "base/text.h"
#include "net/plan.h"
#include "release/card.h"

/* Add the two texts. `values` are the weights in the plan's order, laid out as a checkpoint's. `name` is what all that
   is public in them begins with: an identifier (c_source_name()). */
void c_source_add(struct text *source, struct text *header, const struct plan *plan, const float *values,
                  const struct card *card, const char *name);

/* (Allocated) an identifier that is like the file's name at the end of `path`, without what follows its last dot. */
char *c_source_name(const char *path);

#endif
