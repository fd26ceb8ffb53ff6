/*
 * The plan: a model text made concrete. Layers with shapes, the table of tensors, optimizer, schedule.
 *
 *     struct plan *plan;
 *     struct error error;
 *     if (plan_make(model, "net.model", &plan, &error))
 *         die_error(&error);
 *
 * Shapes are (rows, columns, channels); a vector has one row and one column. Sizes are per sample.
 */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "base/error.h"
#include "format/model.h"
#include "net/optimizer.h"
#include "net/schedule.h"

#include <stddef.h>

enum {
    PLAN_NAME_SIZE = 32,
    PLAN_RANK = 4,
    PLAN_PIXEL_VALUES = 256,
    PLAN_MOST_FLOATS = 1 << 28, /* of parameters, and of one batch's values: 1 GiB each */
};

enum layer_kind { LAYER_CONV, LAYER_DENSE, LAYER_RELU, LAYER_MAXPOOL, LAYER_DROPOUT };

struct shape {
    size_t rows, columns, channels;
};

struct layer {
    enum layer_kind kind;
    size_t number; /* its place among the layers, from 0: part of dropout's random counter */
    struct shape in, out;
    size_t kernel; /* conv, maxpool: rows and columns of the window */
    size_t stride, pad;
    double rate;         /* dropout: the probability that a value is dropped */
    size_t weight, bias; /* conv, dense: indices of their tensors in the plan */
};

struct plan_tensor {
    char name[PLAN_NAME_SIZE];     /* PyTorch's: "conv1.weight" */
    size_t rank, shape[PLAN_RANK]; /* PyTorch's: conv (out, in, kernel rows, kernel columns), dense (out, in) */
    size_t count, offset;          /* in floats; offset: where it begins among all parameters in file order */
    size_t fan_in;                 /* inputs of one output of the layer: bounds its initial values */
};

struct plan {
    struct shape input;
    size_t classes;
    float (*pixel)[PLAN_PIXEL_VALUES]; /* (channels, 256): what each pixel value becomes */
    struct layer *layers;
    size_t layer_count;
    struct plan_tensor *tensors; /* parameters, in file order */
    size_t tensor_count;
    size_t parameter_count; /* floats in all tensors */
    size_t batch;           /* samples of a batch */
    struct optimizer optimizer;
    struct schedule schedule;
};

/* 65 with file and line: shapes that do not fit, no input, no layers, a last layer that is no vector, more than
   PLAN_MOST_FLOATS of parameters or of one batch's values. The caller frees *plan. */
enum status plan_make(const struct model *model, const char *source, struct plan **plan, struct error *error);
void plan_free(struct plan *plan);

size_t shape_size(struct shape shape);

#endif
