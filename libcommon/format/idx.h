/*
 * Data sets in IDX, the format of MNIST (rote-idx(5); http://yann.lecun.com/exdb/mnist/ describes it).
 *
 *     struct idx_set set;
 *     struct error error;
 *     if (idx_read("data/train@valid.list", &set, &error))
 *         die_error(&error);
 *     ... set.pixels ... set.labels ...
 *     idx_free(&set);
 *
 * An operand `dir/train` stands for dir/train-images-idx3-ubyte (or -idx4-) and dir/train-labels-idx1-ubyte (or
 * -short), each raw or, with .gz after the name, tried second; whether a file is gzip is seen from its content.
 * `dir/train@list` stands for the samples whose indices (from 0, one a line) the file `list` names, in that order; the
 * last '@' counts, and an empty list name stands for all samples, so that a path with an '@' in it can be said with one
 * more at its end.
 */
#ifndef FORMAT_IDX_H
#define FORMAT_IDX_H

#include "base/digest.h"
#include "base/error.h"
#include "base/output.h"

#include <stddef.h>
#include <stdint.h>

enum { IDX_MOST_CLASSES = 32768 };

struct idx_set {
    size_t count, channels, rows, columns; /* each at least 1; count below 2^32 */
    size_t classes;                        /* the largest label, plus 1 */
    unsigned char *pixels;                 /* (count, channels, rows, columns) */
    uint16_t *labels;                      /* (count) */
};

/* The two parts of an operand, which the caller frees; *list is NULL where it stands for all samples. */
void idx_operand(const char *operand, char **prefix, char **list);

/* Read a data set operand. 66: a file is not there; 65: it is no IDX file, its sizes do not fit its length (truncated
   or oversized), the counts of pictures and labels differ, a label is negative, or the list names a sample that is not
   there; 74: reading failed. On error `set` is empty. The caller frees it with idx_free(). */
enum status idx_read(const char *operand, struct idx_set *set, struct error *error);
void idx_free(struct idx_set *set);

/* The digest of a data set: BLAKE2b-256 over count, channels, rows, columns (u64, little-endian), pixels, labels (u16,
   little-endian). It does not depend on how the files were stored. */
void idx_digest(const struct idx_set *set, char hex[DIGEST_SIZE]);

/* Write `set` as raw files PREFIX-images-idx3-ubyte (idx4 for several channels) and PREFIX-labels-idx1-ubyte (short
   above 256 classes). Each appears whole or not at all, the labels last and with OUTPUT_REPLACE not beside the pictures
   of another set: a set that can be read is the one or the other. Ends the program on error. */
void idx_write(const struct idx_set *set, const char *prefix, enum output_mode mode);

/*
 * The same for a set whose pictures are not in memory together (`set->pixels` is not looked at), and that other files
 * belong to:
 *
 *     writer = idx_writer_open(&set, prefix, mode);
 *     idx_writer_pixels(writer, pixels, size);     // as often as needed, count * channels * rows * columns in all
 *     idx_writer_make_way(writer);                 // from here on, the old set is none
 *     output_publish(other);
 *     idx_writer_publish(writer);                  // frees `writer`
 */
struct idx_writer;

struct idx_writer *idx_writer_open(const struct idx_set *set, const char *prefix, enum output_mode mode);
void idx_writer_pixels(struct idx_writer *writer, const unsigned char *pixels, size_t size);
void idx_writer_make_way(struct idx_writer *writer);
void idx_writer_publish(struct idx_writer *writer);

/* The paths of these two files; the caller frees them. */
void idx_paths(const struct idx_set *set, const char *prefix, char **image, char **label);

/* Read a list of sample indices below `count`: whole numbers, one a line. At least one. The caller frees *list. */
enum status idx_read_list(const char *path, size_t count, uint32_t **list, size_t *n, struct error *error);

/* Write such a list. Ends the program on error. */
void idx_write_list(const uint32_t *list, size_t n, const char *path, enum output_mode mode);

/* A new set of the samples that `list` names, in its order. */
void idx_select(const struct idx_set *set, const uint32_t *list, size_t n, struct idx_set *selected);

#endif
