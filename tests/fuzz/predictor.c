/* What predicts: a release or checkpoint, as a file or only as a header to which all else fits. */
#include "fuzz.h"

#include "base/memory.h"
#include "train/predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void read_file(void)
{
    struct predictor predictor;
    struct error error;

    if (predictor_load("file", &predictor, &error)) {
        FUZZ_CHECK(!predictor.plan && !predictor.values && !predictor.session.checkpoint);
        return;
    }
    for (size_t i = 0; i < predictor.plan->weight_count; i++)
        FUZZ_CHECK(isfinite(predictor.state.parameters[i]));
    FUZZ_CHECK(strcmp(predictor.weights, "ema") == 0 || strcmp(predictor.weights, "model") == 0);
    predictor_free(&predictor);
}

/* The file that has this header, and data that begins with `data`. */
static void write_repaired(struct fuzz_part header, struct fuzz_part data)
{
    char *text = fuzz_string(header);
    size_t begin = SAFETENSORS_PREFIX + (header.size + 7) / 8 * 8, length = begin - SAFETENSORS_PREFIX;
    size_t size = begin + fuzz_claimed_data(text);
    unsigned char *file = memory_new(size, 1);

    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        file[i] = (unsigned char)(length >> 8 * i);
    memset(file + SAFETENSORS_PREFIX, ' ', length);
    memcpy(file + SAFETENSORS_PREFIX, header.at, header.size);
    memcpy(file + begin, data.at, data.size < size - begin ? data.size : size - begin);
    fuzz_file("file", (struct fuzz_part){ file, size });
    free(file);
    free(text);
}

/* An odd first byte: a whole file follows. An even one: its header, then the data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_whole_or_repaired(data, size, write_repaired))
        return -1;
    read_file();
    return 0;
}
