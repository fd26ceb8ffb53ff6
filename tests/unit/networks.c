#include "networks.h"

#include "base/text.h"
#include "format/model.h"
#include "net/plan.h"

#include <stdlib.h>

enum { SIDE = 20 }; /* the most rows and columns */

/* A text as it is written: the shape that its last layer makes, and the multiplications that are left to it. */
struct draft {
    struct networks *networks;
    struct text text;
    size_t channels, rows, columns;
    size_t batch, work;
    size_t depth; /* of blocks that are open */
};

struct networks networks_begin(uint64_t seed)
{
    return (struct networks){ seed };
}

/* Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014. */
size_t networks_below(struct networks *networks, size_t n)
{
    uint64_t z = networks->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (size_t)((z ^ z >> 31) % n);
}

bool networks_once_in(struct networks *networks, size_t n)
{
    return networks_below(networks, n) == 0;
}

static size_t below(struct draft *draft, size_t n)
{
    return networks_below(draft->networks, n);
}

static bool once_in(struct draft *draft, size_t n)
{
    return networks_once_in(draft->networks, n);
}

#define PICK(draft, array) ((array)[below((draft), sizeof(array) / sizeof *(array))])

/* Channels, outputs or samples. */
static size_t draw_size(struct draft *draft)
{
    static const size_t edges[] = { 4, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70 };

    switch (below(draft, 3)) {
    case 0:
        return 1 + below(draft, 6);
    case 1:
        return 1 + below(draft, 70);
    default:
        return PICK(draft, edges);
    }
}

/* As many channels as there is work for, when each takes `each` multiplications; 0: not even for one. */
static size_t draw_channels(struct draft *draft, size_t each)
{
    size_t most = draft->work / each, size = draw_size(draft);

    size = size < most ? size : most;
    draft->work -= size * each;
    return size;
}

static size_t windows(size_t size, size_t kernel, size_t stride, size_t pad)
{
    return (size + 2 * pad - kernel) / stride + 1;
}

static void add_conv(struct draft *draft, size_t kernel, size_t stride, size_t pad)
{
    size_t rows, columns, channels;

    if (kernel > draft->rows + 2 * pad || kernel > draft->columns + 2 * pad)
        return;
    rows = windows(draft->rows, kernel, stride, pad);
    columns = windows(draft->columns, kernel, stride, pad);
    if (rows > SIDE || columns > SIDE)
        return;
    channels = draw_channels(draft, draft->batch * rows * columns * kernel * kernel * draft->channels);
    if (channels == 0)
        return;
    text_format(&draft->text, "conv %zu %zu stride=%zu pad=%zu bias=%s\n", channels, kernel, stride, pad,
                once_in(draft, 3) ? "no" : "yes");
    draft->channels = channels;
    draft->rows = rows;
    draft->columns = columns;
}

/* Now and then with more padding than its kernel has rows, or strides that skip some. */
static void add_any_conv(struct draft *draft)
{
    const size_t kernel = 1 + below(draft, once_in(draft, 2) ? 7 : 3);
    const size_t stride = once_in(draft, 3) ? 1 + below(draft, 5) : 1;

    add_conv(draft, kernel, stride, once_in(draft, 2) ? 0 : below(draft, kernel + 3));
}

static void add_dense(struct draft *draft)
{
    size_t outputs = draw_channels(draft, draft->batch * draft->channels * draft->rows * draft->columns);

    if (outputs == 0)
        return;
    text_format(&draft->text, "dense %zu\n", outputs);
    draft->channels = outputs;
    draft->rows = draft->columns = 1;
}

static void add_pool(struct draft *draft, const char *word)
{
    const size_t least = draft->rows < draft->columns ? draft->rows : draft->columns;
    const size_t size = 1 + below(draft, least < 4 ? least : 4);
    const size_t stride = once_in(draft, 4) ? 1 + below(draft, 4) : size;

    text_format(&draft->text, "%s %zu stride=%zu\n", word, size, stride);
    draft->rows = windows(draft->rows, size, stride, 0);
    draft->columns = windows(draft->columns, size, stride, 0);
}

static void add_layers(struct draft *draft, size_t n);

/* Mostly one that adds its input as it is, or one that halves rows and columns. */
static void add_residual(struct draft *draft)
{
    if (draft->depth == 3)
        return;
    draft->depth++;
    text_string(&draft->text, "residual\n");
    if (once_in(draft, 3))
        add_conv(draft, 3, 2, 1);
    else if (once_in(draft, 2))
        add_conv(draft, 3, 1, 1);
    text_string(&draft->text, "relu\n");
    if (once_in(draft, 2))
        add_layers(draft, 1 + below(draft, 2));
    text_string(&draft->text, "end\n");
    draft->depth--;
}

static void add_layer(struct draft *draft)
{
    static const char *const rates[] = { "0", "0.1", "0.25", "0.5", "0.9" };
    static const char *const norms[] = { "batchnorm", "batchnorm momentum=0.3", "batchnorm eps=0.01" };

    switch (below(draft, 16)) {
    case 0:
        text_string(&draft->text, "tanh\n");
        break;
    case 1:
        text_format(&draft->text, "%s\n", PICK(draft, norms));
        break;
    case 2:
        text_format(&draft->text, "dropout %s\n", PICK(draft, rates));
        break;
    case 3:
        text_format(&draft->text, "dropout2d %s\n", PICK(draft, rates));
        break;
    case 4:
        add_pool(draft, "avgpool");
        break;
    case 5:
    case 6:
        add_pool(draft, "maxpool");
        break;
    case 7:
        add_dense(draft);
        break;
    case 8:
        add_residual(draft);
        break;
    case 9:
    case 10:
    case 11:
        text_string(&draft->text, "relu\n");
        break;
    default:
        add_any_conv(draft);
        break;
    }
}

static void add_layers(struct draft *draft, size_t n)
{
    while (n-- > 0)
        add_layer(draft);
}

static void add_input(struct draft *draft)
{
    static const char *const augments[] = { "shift=0.1",         "rotate=10 zoom=0.1", "shear=5 flip=0.5",
                                            "elastic=2 sigma=2", "crop=1 erase=0.5",   "flip=0.5 shift=0.2 rotate=5" };

    draft->channels = once_in(draft, 3) ? draw_size(draft) : 1 + below(draft, 3);
    draft->rows = 1 + below(draft, 14);
    draft->columns = once_in(draft, 2) ? draft->rows : 1 + below(draft, 14);
    text_format(&draft->text, "input %zu %zu %zu\n", draft->channels, draft->rows, draft->columns);
    if (once_in(draft, 2))
        text_string(&draft->text, "normalize 0.5 0.3\n");
    if (once_in(draft, 10))
        text_format(&draft->text, "augment %s\n", PICK(draft, augments));
}

static void add_recipe(struct draft *draft)
{
    static const char *const optimizers[] = { "adadelta lr=1",
                                              "adadelta lr=0.5 rho=0.95 eps=1e-5 weight-decay=0.01",
                                              "adam lr=0.01",
                                              "adam lr=0.003 beta1=0 beta2=0.9 eps=0.001 weight-decay=0.1",
                                              "adamw lr=0.01 beta1=0.5",
                                              "adamw lr=0.1 weight-decay=0.3 eps=0.01",
                                              "rmsprop lr=0.01",
                                              "rmsprop lr=0.02 alpha=0.9 momentum=0.5 eps=0.1 weight-decay=0.01",
                                              "sgd lr=0.1",
                                              "sgd lr=0.05 weight-decay=0.01",
                                              "sgd lr=0.05 momentum=0.9",
                                              "sgd lr=0.05 momentum=0.9 nesterov=yes weight-decay=0.001",
                                              "sgd lr=0.1 momentum=0.8 dampening=0.3" };
    static const char *const clips[] = { "0.001", "0.1", "1", "1000" };

    text_format(&draft->text, "loss cross-entropy smoothing=%s\n", once_in(draft, 3) ? "0.1" : "0");
    text_format(&draft->text, "train batch=%zu epochs=1\n", draft->batch);
    text_format(&draft->text, "optimizer %s\n", PICK(draft, optimizers));
    if (once_in(draft, 4))
        text_format(&draft->text, "clip %s\n", PICK(draft, clips));
    if (once_in(draft, 4))
        text_string(&draft->text, "ema 0.9\n");
}

/* It may turn out to be one of the few that a network cannot be. */
static void draw_text(struct draft *draft, size_t work)
{
    draft->batch = once_in(draft, 2) ? 1 + below(draft, 12) : draw_size(draft);
    draft->work = work;
    add_input(draft);
    add_layers(draft, 1 + below(draft, 8));
    if (once_in(draft, 6))
        text_string(&draft->text, "global-avgpool\n");
    else if (!once_in(draft, 8))
        text_format(&draft->text, "dense %zu\n", draw_size(draft));
    add_recipe(draft);
}

static bool makes_plan(const char *text)
{
    struct model *model;
    struct plan *plan;
    struct error error;
    bool makes = !plan_parse(text, "network", NULL, 0, &model, &plan, &error);

    if (makes) {
        plan_free(plan);
        model_free(model);
    }
    return makes;
}

char *networks_text(struct networks *networks, size_t work)
{
    struct draft draft = { .networks = networks };

    do {
        text_clear(&draft.text);
        draw_text(&draft, work);
    } while (!makes_plan(draft.text.at));
    return draft.text.at;
}
