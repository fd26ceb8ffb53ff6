/*
 * A release as ONNX (https://onnx.ai, "Open Neural Network Exchange": the messages of its onnx.proto, by protobuf-c):
 * a graph that takes pictures of unprepared pixels and gives logits.
 *
 *     struct text model = { 0 };
 *     onnx_add(&model, plan, weights, card);
 *     ... write it as digits.onnx ...
 *     text_free(&model);
 *
 * Its input `picture` is (N, channels, rows, columns) of bytes from 0 to 255, its output `logits` (N, classes) of
 * floats; N may be anything. The operators are those of version 13 of the standard set. What runs it may order sums as
 * it likes: its logits are near ours, not the same.
 */
#ifndef RELEASE_ONNX_H
#define RELEASE_ONNX_H

#include "base/text.h"
#include "net/plan.h"
#include "release/card.h"

enum { ONNX_OPERATORS = 13, ONNX_VERSION = 7 /* of the format, the first with these operators */ };

/* Add the bytes of a model. `weights` are the plan's, laid out as a checkpoint's. The card, as JSON, is in the
 * metadata.
 */
void onnx_add(struct text *to, const struct plan *plan, const float *weights, const char *card);

#endif
