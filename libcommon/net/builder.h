/*
 * The plan as it grows out of a model's statements. For plan.c, layers.c and recipe.c alone.
 */
#ifndef NET_BUILDER_H
#define NET_BUILDER_H

#include "net/plan.h"

struct builder {
    struct plan *plan;
    const char *source;
    struct error *error;
    double values; /* floats of one sample in all values so far: exact up to PLAN_MOST_FLOATS, and never overflowing */
    size_t convs, denses, batchnorms, projections;
    struct plan_tensor *statistics; /* tensors that come after all parameters */
    size_t statistic_count;
    size_t *blocks; /* the values that open residual blocks begin with */
    size_t depth;
};

/* 65: "net.model:3: conv: REASON". */
enum status builder_refuse(const struct builder *builder, const struct model_statement *statement, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* Count one more value of that shape; 65 where a batch of all of them is more than PLAN_MOST_FLOATS. */
enum status builder_add_value(struct builder *builder, const struct model_statement *statement, struct shape shape);

/* Add the layer of a statement, if it is one. */
enum status builder_add_layer(struct builder *builder, const struct model_statement *statement);

/* Put the statistics behind the parameters. */
void builder_finish_tensors(struct builder *builder);

/* Take over what a statement says of anything but layers, if it does. */
enum status builder_set_recipe(struct builder *builder, const struct model_statement *statement);

#endif
