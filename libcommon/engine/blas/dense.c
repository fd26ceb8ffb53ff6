#include "engine/blas/library.h"
#include "engine/blas/products.h"
#include "engine/frame/layers.h"

void blas_dense_forward(const struct product *product, struct dense_block block)
{
    const size_t inputs = shape_size(product->layer->in), O = product->layer->out.channels;
    const size_t samples = block.end_sample - block.first_sample, outputs = block.end_output - block.first_output;
    float *y = product->y + block.first_sample * O + block.first_output;

    blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)samples, (int)outputs, (int)inputs, 1,
               product->x + block.first_sample * inputs, (int)inputs, product->weight + block.first_output, (int)O, 0,
               y, (int)O);
    for (size_t i = 0; i < samples; i++)
        frame_add(outputs, product->bias + block.first_output, y + i * O);
}

void blas_dense_backward(const struct product *product, size_t first, size_t end)
{
    const int inputs = (int)shape_size(product->layer->in), O = (int)product->layer->out.channels;
    const int batch = (int)product->batch, count = (int)(end - first);

    blas.sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, count, O, batch, 1, product->x + first, inputs, product->dy, O,
               0, product->dweight, O);
    if (product->dx)
        blas.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, count, O, 1, product->dy, O,
                   product->weight + first * (size_t)O, O, product->adds ? 1 : 0, product->dx + first, inputs);
}
