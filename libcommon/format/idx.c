#include "format/idx.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/gzip.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARIANTS = 2, MOST_RANK = 4, MAGIC_SIZE = 4, DIMENSION_SIZE = 4 };
enum { MOST_HEADER = MAGIC_SIZE + MOST_RANK * DIMENSION_SIZE };
enum { TYPE_SHORT = 0x0b };

/* The two files of a data set, each in two variants. A magic number is the type of the values and, lowest, the rank. */
struct kind {
    const char *what;
    struct {
        uint32_t magic;
        const char *suffix;
    } variant[VARIANTS];
};

static const struct kind pictures = { "pictures",
                                      { { 0x0803, "-images-idx3-ubyte" }, { 0x0804, "-images-idx4-ubyte" } } };
static const struct kind labels = { "labels", { { 0x0801, "-labels-idx1-ubyte" }, { 0x0b01, "-labels-idx1-short" } } };

/* An IDX file, unpacked. */
struct idx_file {
    char *path;
    uint32_t magic;
    size_t rank, shape[MOST_RANK];
    size_t header_size, size; /* in bytes; `size` is that of header and values, as the header says */
    unsigned char *values;    /* size - header_size bytes */
};

static uint32_t get_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_u32(unsigned char *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static enum status parse_magic(const unsigned char *begin, const struct kind *kind, struct idx_file *file,
                               struct error *error)
{
    uint32_t magic = get_u32(begin);

    if (magic != kind->variant[0].magic && magic != kind->variant[1].magic)
        return error_set(error, STATUS_DATA, "%s: magic 0x%08x is not that of %s (0x%08x or 0x%08x)", file->path, magic,
                         kind->what, kind->variant[0].magic, kind->variant[1].magic);
    file->magic = magic;
    file->rank = magic & 0xff;
    file->header_size = MAGIC_SIZE + file->rank * DIMENSION_SIZE;
    return STATUS_OK;
}

/* `begin`: the first `n` bytes, MOST_HEADER or more of them unless the file is shorter. */
static enum status parse_header(const unsigned char *begin, size_t n, const struct kind *kind, struct idx_file *file,
                                struct error *error)
{
    size_t values = 1;
    bool overflow = false;
    enum status status;

    if (n < MAGIC_SIZE)
        return error_set(error, STATUS_DATA, "%s: ends after %zu bytes, inside its header", file->path, n);
    status = parse_magic(begin, kind, file, error);
    if (status)
        return status;
    if (n < file->header_size)
        return error_set(error, STATUS_DATA, "%s: ends after %zu bytes, inside its header", file->path, n);
    for (size_t i = 0; i < file->rank; i++) {
        file->shape[i] = get_u32(begin + MAGIC_SIZE + i * DIMENSION_SIZE);
        if (file->shape[i] == 0)
            return error_set(error, STATUS_DATA, "%s: dimension %zu of %zu is zero", file->path, i + 1, file->rank);
        overflow |= __builtin_mul_overflow(values, file->shape[i], &values);
    }
    overflow |= __builtin_mul_overflow(values, file->magic >> 8 == TYPE_SHORT ? 2 : 1, &values);
    if (overflow || __builtin_add_overflow(values, file->header_size, &file->size))
        return error_set(error, STATUS_DATA, "%s: its header says more bytes than a file can have", file->path);
    return STATUS_OK;
}

/* Replace the gzip file in `bytes` by what it holds, one byte more than its IDX header says at most. */
static enum status unpack(struct bytes *bytes, const struct kind *kind, struct idx_file *file, struct error *error)
{
    unsigned char begin[MOST_HEADER], *whole;
    size_t n;
    enum status status = gzip_unpack(bytes, file->path, begin, sizeof begin, &n, error);

    if (!status)
        status = parse_header(begin, n, kind, file, error);
    if (status)
        return status;
    if (file->size / GZIP_MOST_RATIO > bytes->size)
        return error_set(error, STATUS_DATA, "%s: its header says %zu bytes, more than %zu compressed ones can hold",
                         file->path, file->size, bytes->size);
    whole = memory_new(file->size + 1, 1);
    status = gzip_unpack(bytes, file->path, whole, file->size + 1, &n, error);
    free(bytes->at);
    *bytes = (struct bytes){ whole, n };
    return status;
}

static enum status check_size(const struct idx_file *file, size_t size, struct error *error)
{
    if (size < file->size)
        return error_set(error, STATUS_DATA, "%s: ends after %zu of %zu bytes", file->path, size, file->size);
    if (size > file->size)
        return error_set(error, STATUS_DATA, "%s: has more than the %zu bytes that its header says", file->path,
                         file->size);
    return STATUS_OK;
}

static enum status read_file(const struct kind *kind, struct idx_file *file, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(file->path, 0, &bytes, error);

    if (!status && gzip_is(&bytes))
        status = unpack(&bytes, kind, file, error);
    if (!status)
        status = parse_header(bytes.at, bytes.size, kind, file, error);
    if (!status)
        status = check_size(file, bytes.size, error);
    if (status) {
        free(bytes.at);
        return status;
    }
    memmove(bytes.at, bytes.at + file->header_size, file->size - file->header_size);
    file->values = bytes.at;
    return STATUS_OK;
}

/* The raw or else the gzip file of one variant: *path is NULL when neither is there. */
static enum status find_variant(const char *prefix, const char *suffix, char **path, struct error *error)
{
    static const char *const packing[] = { "", ".gz" };

    for (size_t i = 0; i < sizeof packing / sizeof *packing; i++) {
        enum file_kind what;
        enum status status;

        *path = memory_format("%s%s%s", prefix, suffix, packing[i]);
        status = file_kind(*path, &what, error);
        if (!status && what != FILE_ABSENT)
            return STATUS_OK;
        free(*path);
        *path = NULL;
        if (status)
            return status;
    }
    return STATUS_OK;
}

/* Which file of this kind the prefix stands for. Two variants beside each other are refused: one of them is a remnant,
 * and only the user knows which. */
static enum status find_file(const char *prefix, const struct kind *kind, char **path, struct error *error)
{
    char *found[VARIANTS] = { NULL };
    enum status status = STATUS_OK;

    *path = NULL;
    for (size_t i = 0; i < VARIANTS && !status; i++)
        status = find_variant(prefix, kind->variant[i].suffix, &found[i], error);
    if (!status && found[0] && found[1])
        status = error_set(error, STATUS_DATA, "%s: %s is there too: move one of them away", found[0], found[1]);
    else if (!status && !found[0] && !found[1])
        status = error_set(error, STATUS_NO_INPUT, "%s%s: open: no such file, nor one with .gz after its name", prefix,
                           kind->variant[0].suffix);
    else if (!status) {
        *path = found[0] ? found[0] : found[1];
        return STATUS_OK;
    }
    free(found[0]);
    free(found[1]);
    return status;
}

static enum status find_and_read(const char *prefix, const struct kind *kind, struct idx_file *file,
                                 struct error *error)
{
    enum status status = find_file(prefix, kind, &file->path, error);

    return status ? status : read_file(kind, file, error);
}

static void count_classes(struct idx_set *set)
{
    set->classes = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->labels[i] >= set->classes)
            set->classes = set->labels[i] + 1u;
}

/* The labels of a file, which are not negative, as numbers. */
static enum status take_labels(const struct idx_file *file, struct idx_set *set, struct error *error)
{
    set->labels = memory_new(set->count, sizeof *set->labels);
    for (size_t i = 0; i < set->count; i++) {
        if (file->magic >> 8 == TYPE_SHORT)
            set->labels[i] = (uint16_t)(file->values[2 * i] << 8 | file->values[2 * i + 1]);
        else
            set->labels[i] = file->values[i];
        if (set->labels[i] >= IDX_MOST_CLASSES)
            return error_set(error, STATUS_DATA, "%s: label %d of sample %zu is negative", file->path,
                             set->labels[i] - 65536, i);
    }
    count_classes(set);
    return STATUS_OK;
}

/* Make `set` of the two files; takes the pixels from the one. */
static enum status combine(struct idx_file *image, const struct idx_file *label, struct idx_set *set,
                           struct error *error)
{
    bool channels = image->rank == 4;

    if (image->shape[0] != label->shape[0])
        return error_set(error, STATUS_DATA, "%s: %zu pictures but %zu labels in %s", image->path, image->shape[0],
                         label->shape[0], label->path);
    *set = (struct idx_set){ .count = image->shape[0],
                             .channels = channels ? image->shape[1] : 1,
                             .rows = image->shape[1 + channels],
                             .columns = image->shape[2 + channels],
                             .pixels = image->values };
    image->values = NULL;
    return take_labels(label, set, error);
}

static enum status read_all(const char *prefix, struct idx_set *set, struct error *error)
{
    struct idx_file image = { 0 }, label = { 0 };
    enum status status = find_and_read(prefix, &pictures, &image, error);

    if (!status)
        status = find_and_read(prefix, &labels, &label, error);
    if (!status)
        status = combine(&image, &label, set, error);
    free(image.path);
    free(image.values);
    free(label.path);
    free(label.values);
    return status;
}

/* Put the samples that `path` names in the place of all. */
static enum status apply_list(const char *path, struct idx_set *set, struct error *error)
{
    struct idx_set selected;
    uint32_t *list;
    size_t n;
    enum status status = idx_read_list(path, set->count, &list, &n, error);

    if (status)
        return status;
    idx_select(set, list, n, &selected);
    free(list);
    idx_free(set);
    *set = selected;
    return STATUS_OK;
}

void idx_operand(const char *operand, char **prefix, char **list)
{
    const char *at = strrchr(operand, '@');

    *prefix = memory_string(operand);
    *list = NULL;
    if (at) {
        (*prefix)[at - operand] = '\0';
        if (at[1])
            *list = memory_string(at + 1);
    }
}

enum status idx_read(const char *operand, struct idx_set *set, struct error *error)
{
    char *prefix, *list;
    enum status status;

    *set = (struct idx_set){ 0 };
    idx_operand(operand, &prefix, &list);
    status = read_all(prefix, set, error);
    if (!status && list)
        status = apply_list(list, set, error);
    if (status)
        idx_free(set);
    free(prefix);
    free(list);
    return status;
}

void idx_free(struct idx_set *set)
{
    free(set->pixels);
    free(set->labels);
    *set = (struct idx_set){ 0 };
}

void idx_digest(const struct idx_set *set, char hex[DIGEST_SIZE])
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);

    digest_add_u64(digest, set->count);
    digest_add_u64(digest, set->channels);
    digest_add_u64(digest, set->rows);
    digest_add_u64(digest, set->columns);
    digest_add(digest, set->pixels, set->count * set->channels * set->rows * set->columns);
    for (size_t i = 0; i < set->count; i++)
        digest_add(digest, (unsigned char[]){ set->labels[i] & 0xff, set->labels[i] >> 8 }, 2);
    digest_end(digest, hex);
}

/* Which variant of each file holds the set. */
static bool has_channels(const struct idx_set *set)
{
    return set->channels > 1;
}

static bool has_wide_labels(const struct idx_set *set)
{
    return set->classes > 256;
}

void idx_paths(const struct idx_set *set, const char *prefix, char **image, char **label)
{
    *image = memory_format("%s%s", prefix, pictures.variant[has_channels(set)].suffix);
    *label = memory_format("%s%s", prefix, labels.variant[has_wide_labels(set)].suffix);
}

static void write_header(struct output *out, uint32_t magic, const size_t *shape)
{
    unsigned char header[MOST_HEADER];
    size_t rank = magic & 0xff;

    put_u32(header, magic);
    for (size_t i = 0; i < rank; i++)
        put_u32(header + MAGIC_SIZE + i * DIMENSION_SIZE, shape[i]);
    output_write(out, header, MAGIC_SIZE + rank * DIMENSION_SIZE);
}

static void write_pictures_header(const struct idx_set *set, struct output *out)
{
    bool channels = has_channels(set);
    size_t shape[] = { set->count, set->channels, set->rows, set->columns };
    size_t plain[] = { set->count, set->rows, set->columns };

    write_header(out, pictures.variant[channels].magic, channels ? shape : plain);
}

static void write_labels(const struct idx_set *set, struct output *out)
{
    bool wide = has_wide_labels(set);
    unsigned char *values = memory_new(set->count, 2);
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++) {
        if (wide)
            values[n++] = (unsigned char)(set->labels[i] >> 8);
        values[n++] = (unsigned char)set->labels[i];
    }
    write_header(out, labels.variant[wide].magic, &set->count);
    output_write(out, values, n);
    free(values);
}

/* New pictures never stand by old labels, not after a power cut either. */
static void remove_old(const char *label_path)
{
    if (unlink(label_path) == 0) {
        if (file_sync_directory_of(label_path))
            die_system(ACCESS_WRITE, label_path, "sync the directory");
    } else if (errno != ENOENT) {
        die_system(ACCESS_CREATE, label_path, "replace");
    }
}

struct idx_writer {
    char *label_path;
    enum output_mode mode;
    struct output *image, *label;
};

struct idx_writer *idx_writer_open(const struct idx_set *set, const char *prefix, enum output_mode mode)
{
    struct idx_writer *writer = memory_new(1, sizeof *writer);
    char *image_path;

    writer->mode = mode;
    idx_paths(set, prefix, &image_path, &writer->label_path);
    writer->image = output_open(image_path, mode);
    writer->label = output_open(writer->label_path, mode);
    free(image_path);
    write_pictures_header(set, writer->image);
    write_labels(set, writer->label);
    return writer;
}

void idx_writer_pixels(struct idx_writer *writer, const unsigned char *pixels, size_t size)
{
    output_write(writer->image, pixels, size);
}

void idx_writer_make_way(struct idx_writer *writer)
{
    if (writer->mode != OUTPUT_REPLACE)
        return;
    output_sync(writer->image);
    output_sync(writer->label);
    remove_old(writer->label_path);
}

void idx_writer_publish(struct idx_writer *writer)
{
    output_publish(writer->image);
    output_publish(writer->label);
    free(writer->label_path);
    free(writer);
}

void idx_write(const struct idx_set *set, const char *prefix, enum output_mode mode)
{
    struct idx_writer *writer = idx_writer_open(set, prefix, mode);

    idx_writer_pixels(writer, set->pixels, set->count * set->channels * set->rows * set->columns);
    idx_writer_make_way(writer);
    idx_writer_publish(writer);
}

void idx_select(const struct idx_set *set, const uint32_t *list, size_t n, struct idx_set *selected)
{
    size_t size = set->channels * set->rows * set->columns;

    *selected = *set;
    selected->count = n;
    selected->pixels = memory_new(n, size);
    selected->labels = memory_new(n, sizeof *selected->labels);
    for (size_t i = 0; i < n; i++) {
        memcpy(selected->pixels + i * size, set->pixels + list[i] * size, size);
        selected->labels[i] = set->labels[list[i]];
    }
    count_classes(selected);
}
