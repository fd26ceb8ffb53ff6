#include "data/known.h"

#include "base/text.h"

#include <string.h>

/*
 * Where the digests come from.
 *
 * The SHA-256 of the .gz files stand in tensorflow/datasets (each set's `source`) and again in pytorch/vision,
 * torchvision/prototype/datasets/_builtin/mnist.py. Of kmnist they are the pins, so that it is kept compressed.
 *
 * The pins of mnist and fashion-mnist cover the files unpacked, so that any packing of them will do, Debian's among
 * them. They stand so in SomeB1oody/dataset-core, crates/dataset-ml/src/dataset/mnist.rs and fashion_mnist.rs, and can
 * be led back to the digests of the .gz files: what `gzip -6` makes of them, behind a header with the name and the time
 * that the authors' had, has the SHA-256 that `source` gives. The times, in seconds since 1970, in the files' order:
 *
 *     mnist            848331386, 848331398, 885827245, 885827268; the names have a dot before "idx"
 *     fashion-mnist    1504176606, 1504176606, 1504176627, 1504176627
 *
 * Debian's package of fashion-mnist differs from the authors' files by nothing but that header; tests/idx-fetch.bats
 * puts it back.
 */
const struct known_set known_sets[] = {
    {
        .name = "mnist",
        .licence = "CC-BY-SA-3.0",
        .source = "https://github.com/tensorflow/datasets/blob/master/tensorflow_datasets/url_checksums/mnist.txt",
        .mirrors = { "https://ossci-datasets.s3.amazonaws.com/mnist/",
                     "https://storage.googleapis.com/cvdf-datasets/mnist/" },
        .files = {
            { "train-images-idx3-ubyte", 47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db" },
            { "train-labels-idx1-ubyte", 60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5" },
            { "t10k-images-idx3-ubyte", 7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7" },
            { "t10k-labels-idx1-ubyte", 10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2" },
        },
    },
    {
        .name = "fashion-mnist",
        .licence = "MIT",
        .source =
            "https://github.com/tensorflow/datasets/blob/master/tensorflow_datasets/url_checksums/fashion_mnist.txt",
        .mirrors = { "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                     "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/" },
        .package = "dataset-fashion-mnist",
        .folder = "/usr/share/datasets/fashion-mnist",
        .files = {
            { "train-images-idx3-ubyte", 47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888" },
            { "train-labels-idx1-ubyte", 60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9" },
            { "t10k-images-idx3-ubyte", 7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b" },
            { "t10k-labels-idx1-ubyte", 10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34" },
        },
    },
    {
        .name = "kmnist",
        .licence = "CC-BY-SA-4.0",
        .source = "https://github.com/tensorflow/datasets/blob/master/tensorflow_datasets/url_checksums/kmnist.txt",
        .mirrors = { "https://codh.rois.ac.jp/kmnist/dataset/kmnist/" },
        .files = {
            { "train-images-idx3-ubyte.gz", 18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4" },
            { "train-labels-idx1-ubyte.gz", 29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17" },
            { "t10k-images-idx3-ubyte.gz", 3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5" },
            { "t10k-labels-idx1-ubyte.gz", 5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c" },
        },
    },
};

const size_t known_count = sizeof known_sets / sizeof *known_sets;

const struct known_set *known_find(const char *name)
{
    for (size_t i = 0; i < known_count; i++)
        if (strcmp(known_sets[i].name, name) == 0)
            return &known_sets[i];
    return NULL;
}

const char *known_nearest(const char *name)
{
    const char *names[sizeof known_sets / sizeof *known_sets];

    for (size_t i = 0; i < known_count; i++)
        names[i] = known_sets[i].name;
    return text_nearest(name, names, known_count);
}
