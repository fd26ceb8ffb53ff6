/*
 * Augmentation: what training makes of a picture, a pure function of (seed, epoch, sample). rote-arithmetic(7),
 * "Augmentation", states it with its roundings.
 *
 * Where things come to lie is one map, so that a picture is interpolated once. Seen from the picture, its kinds follow
 * one another as: flip, zoom, shear, rotate (all about the middle), shift and crop; what an elastic distortion adds
 * follows the grid of the result. A part of the result that the map takes from outside of the picture is what pixel
 * value 0 becomes. A rectangle is erased last.
 *
 * Elastic distortion: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual
 * document analysis", ICDAR 2003. Erasing: Zhong, Zheng, Kang, Li, Yang, "Random erasing data augmentation", 2017,
 * arXiv:1708.04896, with torchvision's choice of a rectangle.
 */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include "net/plan.h"

#include <stddef.h>
#include <stdint.h>

/* Floats of memory that augment() works in. */
size_t augment_room(const struct plan *plan);

/* Picture `from` (rows, columns, channels), normalised, as training sees it in `epoch` (from 0); `sample` is its
   position in the set. A plan that does not augment copies it. `to` may be `from`. */
void augment(const struct plan *plan, uint64_t seed, uint32_t epoch, uint32_t sample, const float *from, float *to,
             float *room);

#endif
