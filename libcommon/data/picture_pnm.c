/* PGM and PPM, https://netpbm.sourceforge.net/doc/pgm.html: "P5 COLUMNS ROWS MAXVAL", one blank, then the samples as
   bytes, or as two each where MAXVAL is above 255; in the plain forms, P2 and P3, as decimal numbers. */
#include "data/picture_kinds.h"

#include <string.h>

enum { MOST_VALUE = 65535 };

struct pnm {
    const unsigned char *at, *end; /* what is still to be read */
    const char *path;
    struct error *error;
};

bool picture_is_pnm(const struct bytes *file)
{
    return file->size > 2 && file->at[0] == 'P' && file->at[1] && strchr("2356", file->at[1]);
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static void skip_blanks_and_comments(struct pnm *pnm)
{
    while (pnm->at < pnm->end && (is_blank(*pnm->at) || *pnm->at == '#')) {
        bool comment = *pnm->at++ == '#';
        while (comment && pnm->at < pnm->end && *pnm->at != '\n' && *pnm->at != '\r')
            pnm->at++;
    }
}

/* The next number, of which `what` is said if it is none or above `most`. */
static enum status next_number(struct pnm *pnm, const char *what, size_t most, size_t *number)
{
    *number = 0;
    skip_blanks_and_comments(pnm);
    if (pnm->at == pnm->end)
        return error_set(pnm->error, STATUS_DATA, "%s: read: cut short: it ends before its %s", pnm->path, what);
    if (!is_digit(*pnm->at))
        return error_set(pnm->error, STATUS_DATA, "%s: read: its %s is no number", pnm->path, what);
    for (; pnm->at < pnm->end && is_digit(*pnm->at); pnm->at++) {
        *number = *number * 10 + (*pnm->at - '0');
        if (*number > most)
            return error_set(pnm->error, STATUS_DATA, "%s: read: its %s is above %zu", pnm->path, what, most);
    }
    return STATUS_OK;
}

static unsigned char to_byte(size_t value, size_t most)
{
    return (unsigned char)((value * 255 + most / 2) / most);
}

static enum status read_plain(struct pnm *pnm, size_t most, unsigned char *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t value;
        enum status status = next_number(pnm, "next sample", most, &value);

        if (status)
            return status;
        samples[i] = to_byte(value, most);
    }
    skip_blanks_and_comments(pnm);
    return STATUS_OK;
}

static enum status read_binary(struct pnm *pnm, size_t most, unsigned char *samples, size_t count)
{
    const bool wide = most > 255;

    for (size_t i = 0; i < count; i++) {
        size_t value = *pnm->at++;

        if (wide)
            value = value << 8 | *pnm->at++;
        if (value > most)
            return error_set(pnm->error, STATUS_DATA, "%s: read: its next sample is above %zu", pnm->path, most);
        samples[i] = to_byte(value, most);
    }
    return STATUS_OK;
}

/* How many bytes so many samples have at least: a plain one is a digit, and a blank to the next. */
static size_t least_bytes(size_t count, bool plain, size_t most)
{
    return plain ? 2 * count - 1 : most > 255 ? 2 * count : count;
}

static enum status read_header(struct pnm *pnm, struct shape *shape, size_t *most)
{
    enum status status = next_number(pnm, "width", PICTURE_MOST_PIXELS, &shape->columns);

    if (!status)
        status = next_number(pnm, "height", PICTURE_MOST_PIXELS, &shape->rows);
    if (!status)
        status = next_number(pnm, "largest value", MOST_VALUE, most);
    if (!status && !*most) {
        error_set(pnm->error, STATUS_DATA, "%s: read: its largest value is 0", pnm->path);
        return STATUS_DATA;
    }
    if (!status && (pnm->at == pnm->end || !is_blank(*pnm->at++)))
        status = error_set(pnm->error, STATUS_DATA, "%s: read: no blank between its header and its samples", pnm->path);
    return status;
}

enum status picture_decode_pnm(const struct bytes *file, const char *path, struct picture *picture, struct error *error)
{
    struct pnm pnm = { file->at + 2, file->at + file->size, path, error };
    const bool plain = file->at[1] < '4', colour = file->at[1] % 3 == 0; /* P2 P3, P5 P6 */
    struct shape shape = { .channels = colour ? 3 : 1 };
    size_t most, count;
    enum status status = read_header(&pnm, &shape, &most);

    count = status ? 0 : shape_size(shape);
    if (!status && count && least_bytes(count, plain, most) > (size_t)(pnm.end - pnm.at))
        status = error_set(error, STATUS_DATA, "%s: read: cut short: %zu x %zu pixels are more than its %zu bytes hold",
                           path, shape.rows, shape.columns, file->size);
    if (!status)
        status = picture_begin(picture, shape, path, error);
    if (!status)
        status =
            plain ? read_plain(&pnm, most, picture->samples, count) : read_binary(&pnm, most, picture->samples, count);
    if (!status && pnm.at < pnm.end)
        status = error_set(error, STATUS_DATA, "%s: read: %zu bytes follow its last sample", path,
                           (size_t)(pnm.end - pnm.at));
    return status;
}
