/*
 * A release as C: one source file and its header, C99, which need nothing but fmaf(3) and allocate nothing. They
 * compute the logits that every exact engine computes, bit for bit, on any machine whose floats are IEEE 754's: sums
 * are written as rote-arithmetic(7) orders them, and each product that feeds one as fmaf, so that no compiler has
 * anything to contract.
 *
 *     char *header_path = c_source_header_path("digits.c");        // "digits.h"
 *     struct text source = { 0 }, header = { 0 };
 *     if (c_source_add(&source, &header, plan, weights, card, header_path, &error))
 *         die_error(&error);
 *     ... write them as digits.c and digits.h ...
 *     text_free(&source);
 *     text_free(&header);
 *     free(header_path);
 */
#ifndef RELEASE_C_SOURCE_H
#define RELEASE_C_SOURCE_H

#include "base/error.h"
#include "base/text.h"
#include "net/plan.h"

/* Add the two texts. `weights` are the plan's, laid out as a checkpoint's, and finite. The card, as JSON, is a comment
   of the header. 65: a batchnorm of them multiplies by what is not finite, which no text of C can say. */
enum status c_source_add(struct text *source, struct text *header, const struct plan *plan, const float *weights,
                         const char *card, const char *header_path, struct error *error);

/* (Allocated) where the header of the source `path` is to be; NULL where that does not end in ".c", where no #include
   could name it, or where it would hide one of the C library's that the source includes. */
char *c_source_header_path(const char *path);

/* (Allocated) what all that is public in them begins with: an identifier that is like the file's name at the end of
   `path`, without what follows its last dot. */
char *c_source_name(const char *path);

#endif
