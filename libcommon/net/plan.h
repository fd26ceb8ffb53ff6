/*
 * The plan: a model text made concrete. Layers with shapes, the table of tensors, optimizer, schedule.
 *
 *     struct plan *plan;
 *     struct error error;
 *     if (plan_make(model, "net.model", &plan, &error))
 *         die_error(&error);
 *
 * Shapes are (rows, columns, channels); a vector has one row and one column. Sizes are per sample.
 *
 * Values are what layers read and make: value 0 is the picture, value i + 1 what layer i makes. A layer reads the value
 * before it, but for a projection and for what the add of a residual block adds.
 */
#ifndef NET_PLAN_H
#define NET_PLAN_H

#include "base/digest.h"
#include "base/error.h"
#include "format/model.h"
#include "net/optimizer.h"
#include "net/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PLAN_NAME_SIZE = 48,
    PLAN_RANK = 4,
    PLAN_PIXEL_VALUES = 256,
    PLAN_MOST_FLOATS = 1 << 28, /* of parameters, and of one batch's values: 1 GiB each */
};

#define PLAN_NONE SIZE_MAX /* a tensor that a layer does not have */

enum layer_kind {
    LAYER_CONV,
    LAYER_DENSE,
    LAYER_RELU,
    LAYER_TANH,
    LAYER_MAXPOOL,
    LAYER_AVGPOOL, /* a global one's window is its whole input */
    LAYER_DROPOUT,
    LAYER_DROPOUT2D,
    LAYER_BATCHNORM,
    LAYER_ADD, /* the end of a residual block: He et al., "Deep residual learning", CVPR 2016 */
};

struct shape {
    size_t rows, columns, channels;
};

struct layer {
    enum layer_kind kind;
    size_t number; /* its place among the layers, from 0: part of dropout's random counter */
    size_t input;  /* the value that it reads */
    size_t other;  /* add: the value that it adds, of the same shape */
    struct shape in, out;
    size_t kernel_rows, kernel_columns; /* conv, maxpool, avgpool: the window */
    size_t stride, pad;
    double rate;              /* dropout, dropout2d: the probability that a value, a channel, is dropped */
    double momentum, epsilon; /* batchnorm: of the running statistics; what is added to a variance */
    size_t weight, bias;   /* conv, dense, batchnorm: indices of their tensors in the plan; a bias may be PLAN_NONE */
    size_t mean, variance; /* batchnorm: the running statistics' */
};

/* Tensors in file order: first the parameters, which an optimizer changes, then the running statistics of batchnorm. */
struct plan_tensor {
    char name[PLAN_NAME_SIZE];     /* PyTorch's: "conv1.weight" */
    size_t rank, shape[PLAN_RANK]; /* PyTorch's: conv (out, in, kernel rows, kernel columns), dense (out, in) */
    size_t count, offset;          /* in floats; offset: where it begins among all tensors in file order */
    size_t fan_in;                 /* inputs of one output of the layer: bounds its initial values; 0: all are... */
    float initial;                 /* ...this */
};

/* What training pictures go through (data/augment.h); all 0: nothing. */
struct augmentation {
    double shift;   /* at most this share of rows and columns, either way */
    double rotate;  /* at most so many degrees, either way */
    double zoom;    /* by a factor of 1 - zoom to 1 + zoom */
    double shear;   /* at most so many degrees, either way */
    double elastic; /* elastic distortion: its strength in pixels (alpha)... */
    double sigma;   /* ...and the deviation of the Gaussian that smooths it */
    size_t crop;    /* a crop of the picture with so much padding on each side */
    double erase;   /* the probability that a rectangle is erased */
    double flip;    /* the probability of a mirror image, left to right */
};

enum precision { PRECISION_FP32, PRECISION_BF16, PRECISION_TF32 };

struct plan {
    struct shape input;
    size_t classes;
    float (*pixel)[PLAN_PIXEL_VALUES]; /* (channels, 256): what each pixel value becomes */
    bool augments;
    struct augmentation augmentation;
    struct layer *layers;
    size_t layer_count;
    bool normalizes; /* some layer is a batchnorm: no batch may have a single sample */
    struct plan_tensor *tensors;
    size_t parameter_tensors, tensor_count; /* those of parameters; all */
    size_t parameter_count, weight_count;   /* floats of parameters; of all tensors */
    size_t batch;                           /* samples of a batch */
    double smoothing;                       /* of labels: Szegedy et al., "Rethinking the Inception architecture" */
    struct optimizer optimizer;
    struct schedule schedule;
    double clip; /* the largest norm of a gradient; 0: any */
    double ema;  /* the decay of the parameters' exponential moving average; 0: none is kept */
    enum precision precision;
};

/* 65 with file and line: shapes that do not fit, no parameters, a last layer that makes no logits, parameters of a
   recipe that contradict each other or have no effect, more than PLAN_MOST_FLOATS of parameters or of one batch's
   values (nothing of that size is allocated). The caller frees *plan. */
enum status plan_make(const struct model *model, const char *source, struct plan **plan, struct error *error);
void plan_free(struct plan *plan);

/* Model and plan of `text` under settings: model_parse() and plan_make(). 65 for what is wrong in the text, 64 for what
   is right without the settings. The caller frees both. */
enum status plan_parse(const char *text, const char *source, char *const *settings, size_t setting_count,
                       struct model **model, struct plan **plan, struct error *error);

/* The digest of weights: BLAKE2b-256 of all tensors in file order, (weight_count) floats, little-endian. A release has
   it under this key. */
#define PLAN_WEIGHTS_DIGEST "weights.digest"
void plan_digest_weights(const struct plan *plan, const float *weights, char hex[DIGEST_SIZE]);

size_t shape_size(struct shape shape);

/* "conv", "projection", "add"... */
const char *layer_name(const struct layer *layer);

/* How many numbers it learns; running statistics are not learnt. */
size_t layer_parameters(const struct plan *plan, const struct layer *layer);

/* Multiplications with a weight, one sample forward: what papers count. conv and dense alone have any. */
uint64_t layer_multiply_adds(const struct layer *layer);

#endif
