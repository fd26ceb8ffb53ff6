#include "release/c_layers.h"

static const char beginning[] = "#include <float.h>\n"
                                "#include <math.h>\n"
                                "#include <stddef.h>\n"
                                "#include <stdint.h>\n"
                                "\n"
                                "#if FLT_EVAL_METHOD != 0\n"
                                "#error floats must be computed as floats: on old x86, by SSE (-mfpmath=sse)\n"
                                "#endif\n"
                                "#ifdef __FAST_MATH__\n"
                                "#error -ffast-math would change the logits\n"
                                "#endif\n";

static const char window[] = "\n/* Values are (rows, columns, channels). */\n"
                             "struct window {\n"
                             "    size_t rows, columns, channels; /* of the input */\n"
                             "    size_t kernel_rows, kernel_columns, stride, pad;\n"
                             "    size_t out_rows, out_columns, out_channels;\n"
                             "};\n";

/* Weights are laid out as they are used: by output, row, column, channel. */
static const char conv[] =
    "\nstatic float convolve(const struct window *w, const float *weight, float sum, const float *x, size_t row,\n"
    "                      size_t column)\n"
    "{\n"
    "    size_t k, l, in;\n"
    "\n"
    "    for (k = 0; k < w->kernel_rows; k++)\n"
    "        for (l = 0; l < w->kernel_columns; l++, weight += w->channels) {\n"
    "            const size_t in_row = row * w->stride + k - w->pad, in_column = column * w->stride + l - w->pad;\n"
    "            if (in_row >= w->rows || in_column >= w->columns)\n"
    "                continue; /* padding; below 0 it wraps */\n"
    "            for (in = 0; in < w->channels; in++)\n"
    "                sum = fmaf(x[(in_row * w->columns + in_column) * w->channels + in], weight[in], sum);\n"
    "        }\n"
    "    return sum + 0;\n"
    "}\n"
    "\n"
    "static void conv(const struct window *w, const float *weight, const float *bias, const float *x, float *y)\n"
    "{\n"
    "    const size_t inputs = w->kernel_rows * w->kernel_columns * w->channels;\n"
    "    size_t row, column, out;\n"
    "\n"
    "    for (row = 0; row < w->out_rows; row++)\n"
    "        for (column = 0; column < w->out_columns; column++)\n"
    "            for (out = 0; out < w->out_channels; out++)\n"
    "                *y++ = convolve(w, weight + out * inputs, bias ? bias[out] : 0, x, row, column);\n"
    "}\n";

static const char dense[] =
    "\nstatic void dense(const struct window *w, const float *weight, const float *bias, const float *x, float *y)\n"
    "{\n"
    "    const size_t inputs = w->rows * w->columns * w->channels;\n"
    "    size_t out, i;\n"
    "\n"
    "    for (out = 0; out < w->out_channels; out++, weight += inputs) {\n"
    "        float sum = bias[out];\n"
    "        for (i = 0; i < inputs; i++)\n"
    "            sum = fmaf(x[i], weight[i], sum);\n"
    "        y[out] = sum + 0;\n"
    "    }\n"
    "}\n";

static const char maxpool[] = "\nstatic float largest(const struct window *w, const float *x)\n"
                              "{\n"
                              "    float best = *x;\n"
                              "    size_t k, l;\n"
                              "\n"
                              "    for (k = 0; k < w->kernel_rows; k++)\n"
                              "        for (l = 0; l < w->kernel_columns; l++) {\n"
                              "            const float value = x[(k * w->columns + l) * w->channels];\n"
                              "            if (value > best || value != value)\n"
                              "                best = value;\n"
                              "        }\n"
                              "    return best;\n"
                              "}\n"
                              "\n"
                              "static void maxpool(const struct window *w, const float *x, float *y)\n"
                              "{\n"
                              "    size_t row, column, channel;\n"
                              "\n"
                              "    for (row = 0; row < w->out_rows; row++)\n"
                              "        for (column = 0; column < w->out_columns; column++)\n"
                              "            for (channel = 0; channel < w->channels; channel++)\n"
                              "                *y++ = largest(w, x + (row * w->stride * w->columns + column * "
                              "w->stride) * w->channels + channel);\n"
                              "}\n";

static const char avgpool[] =
    "\nstatic float mean(const struct window *w, const float *x)\n"
    "{\n"
    "    float sum = 0;\n"
    "    size_t k, l;\n"
    "\n"
    "    for (k = 0; k < w->kernel_rows; k++)\n"
    "        for (l = 0; l < w->kernel_columns; l++)\n"
    "            sum += x[(k * w->columns + l) * w->channels];\n"
    "    return (sum + 0) / (float)(w->kernel_rows * w->kernel_columns);\n"
    "}\n"
    "\n"
    "static void avgpool(const struct window *w, const float *x, float *y)\n"
    "{\n"
    "    size_t row, column, channel;\n"
    "\n"
    "    for (row = 0; row < w->out_rows; row++)\n"
    "        for (column = 0; column < w->out_columns; column++)\n"
    "            for (channel = 0; channel < w->channels; channel++)\n"
    "                *y++ = mean(w, x + (row * w->stride * w->columns + column * w->stride) * w->channels + channel);\n"
    "}\n";

static const char relu[] = "\nstatic void relu(size_t n, const float *x, float *y)\n"
                           "{\n"
                           "    size_t i;\n"
                           "\n"
                           "    for (i = 0; i < n; i++)\n"
                           "        y[i] = 0 > x[i] ? 0 : x[i];\n"
                           "}\n";

/* As base/math.c has it, with rote-arithmetic(7)'s constants. */
static const char hyperbolic_tangent[] =
    "\nstatic float power_of_two(float shifted)\n"
    "{\n"
    "    union {\n"
    "        float value;\n"
    "        uint32_t bits;\n"
    "    } power;\n"
    "\n"
    "    power.value = shifted;\n"
    "    power.bits = (power.bits + 127) << 23;\n"
    "    return power.value;\n"
    "}\n"
    "\n"
    "static float hyperbolic_tangent(float x)\n"
    "{\n"
    "    const float magnitude = x < 0 ? -x : x, twice = -2 * magnitude < -20.0f ? -20.0f : -2 * magnitude;\n"
    "    const float shifted = fmaf(twice, 0x1.715476p0f, 0x1.8p23f), n = shifted - 0x1.8p23f;\n"
    "    const float scale = power_of_two(shifted), rough = fmaf(n, -0x1.62e4p-1f, twice);\n"
    "    const float r = fmaf(n, -0x1.7f7d1cp-20f, rough), less = scale - 1, high = fmaf(scale, r, less);\n"
    "    const float lost = fmaf(n, -0x1.7f7d1cp-20f, rough - r);\n"
    "    float p = 0x1.6a241ep-10f, tail, u, divisor, inverse, quotient, result;\n"
    "\n"
    "    p = fmaf(p, r, 0x1.1239e6p-7f);\n"
    "    p = fmaf(p, r, 0x1.5558f2p-5f);\n"
    "    p = fmaf(p, r, 0x1.555492p-3f);\n"
    "    p = fmaf(p, r, 0x1.fffffcp-2f);\n"
    "    tail = fmaf(p * r, r, lost);\n"
    "    tail = fmaf(scale, tail, fmaf(scale, r, less - high) + (scale - (less + 1)));\n"
    "    u = high + tail;\n"
    "    tail = high - u + tail;\n"
    "    divisor = 2 + u;\n"
    "    inverse = 1 / divisor;\n"
    "    quotient = u * inverse;\n"
    "    tail = fmaf(-quotient, divisor, u) + fmaf(-quotient, 2 - divisor + u + tail, tail);\n"
    "    result = fmaf(tail, inverse, quotient);\n"
    "    if (result < 0)\n"
    "        result = -result;\n"
    "    return x < 0 ? -result : x == 0 ? x : result;\n"
    "}\n"
    "\n"
    "static void tangent(size_t n, const float *x, float *y)\n"
    "{\n"
    "    size_t i;\n"
    "\n"
    "    for (i = 0; i < n; i++)\n"
    "        y[i] = hyperbolic_tangent(x[i]);\n"
    "}\n";

static const char batchnorm[] =
    "\nstatic void batchnorm(size_t n, size_t channels, const float *mean, const float *scale, const float *bias,\n"
    "                      const float *x, float *y)\n"
    "{\n"
    "    size_t i;\n"
    "\n"
    "    for (i = 0; i < n; i++)\n"
    "        y[i] = fmaf(x[i] - mean[i % channels], scale[i % channels], bias[i % channels]) + 0;\n"
    "}\n";

static const char add[] = "\nstatic void add(size_t n, const float *other, const float *x, float *y)\n"
                          "{\n"
                          "    size_t i;\n"
                          "\n"
                          "    for (i = 0; i < n; i++)\n"
                          "        y[i] = x[i] + other[i];\n"
                          "}\n";

static const struct function {
    const char *name, *text;
    bool has_window;
} functions[] = {
    [LAYER_CONV] = { "conv", conv, true },
    [LAYER_DENSE] = { "dense", dense, true },
    [LAYER_RELU] = { "relu", relu, false },
    [LAYER_TANH] = { "tangent", hyperbolic_tangent, false },
    [LAYER_MAXPOOL] = { "maxpool", maxpool, true },
    [LAYER_AVGPOOL] = { "avgpool", avgpool, true },
    [LAYER_ADD] = { "add", add, false },
    [LAYER_BATCHNORM] = { "batchnorm", batchnorm, false },
};

const char *c_layer_function(const struct layer *layer)
{
    return functions[layer->kind].name;
}

bool c_layer_has_window(const struct layer *layer)
{
    return functions[layer->kind].has_window;
}

static bool is_added(const char *text, const char *const *added, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (added[i] == text)
            return true;
    return false;
}

void c_layers_add(struct text *to, const struct plan *plan)
{
    enum { KINDS = sizeof functions / sizeof *functions };
    bool windows = false;
    const char *added[KINDS] = { 0 };
    size_t n = 0;

    text_string(to, beginning);
    for (size_t i = 0; i < plan->layer_count; i++)
        windows |= c_layer_has_window(&plan->layers[i]);
    if (windows)
        text_string(to, window);
    for (size_t i = 0; i < plan->layer_count; i++) {
        const char *text = functions[plan->layers[i].kind].text;
        if (text && !is_added(text, added, n))
            text_string(to, added[n++] = text);
    }
}
