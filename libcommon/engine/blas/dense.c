#include "base/vectors.h"
#include "engine/blas/layers.h"
#include "engine/ref/layers.h"

#include <cblas.h>
#include <string.h>

VECTORS void blas_add(size_t n, const float *restrict x, float *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

void blas_add_tree(float *arrays, size_t stride, size_t n, size_t count)
{
    size_t split;

    if (n < 2)
        return;
    split = tree_split(n);
    blas_add_tree(arrays, stride, split, count);
    blas_add_tree(arrays + split * stride, stride, n - split, count);
    blas_add(count, arrays + split * stride, arrays);
}

VECTORS void bias_add(size_t n, size_t outputs, const float *restrict bias, float *restrict y)
{
    for (size_t i = 0; i < n; i++)
        for (size_t out = 0; out < outputs; out++)
            y[i * outputs + out] += bias[out];
}

VECTORS void bias_sum(size_t n, size_t outputs, const float *restrict dy, float *restrict dbias)
{
    memset(dbias, 0, outputs * sizeof *dbias);
    for (size_t i = 0; i < n; i++)
        for (size_t out = 0; out < outputs; out++)
            dbias[out] += dy[i * outputs + out];
}

void blas_dense_forward(struct dense_block block, size_t batch, const float *x, const float *weight, float *y)
{
    const size_t O = block.outputs;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)batch, (int)O, (int)(block.end - block.first), 1,
                x + block.first, (int)block.inputs, weight + block.first * O, (int)O, 0, y, (int)O);
}

void blas_dense_backward(struct dense_block block, size_t batch, const float *x, const float *weight, const float *dy,
                         float *dx, float *dweight)
{
    const size_t O = block.outputs, count = block.end - block.first;

    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)count, (int)O, (int)batch, 1, x + block.first,
                (int)block.inputs, dy, (int)O, 0, dweight + block.first * O, (int)O);
    if (dx)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)batch, (int)count, (int)O, 1, dy, (int)O,
                    weight + block.first * O, (int)O, block.adds ? 1 : 0, dx + block.first, (int)block.inputs);
}
