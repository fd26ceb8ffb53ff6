/*
 * Pictures in files of their own, and what a network takes of them.
 *
 *     struct picture picture;
 *     struct error error;
 *     if (picture_read("photos/cat.png", &picture, &error))
 *         die_error(&error);
 *     picture_fit(&picture, plan->input, PICTURE_INVERT);      // grey or RGB, scaled, inverted
 *     picture_planes(&picture, pixels);                        // as data sets have it
 *     picture_free(&picture);
 *
 * Read are PNG, and PGM and PPM in either of their forms. What comes of them are samples of 8 bits, the same on every
 * machine:
 *
 * - A grey picture has one channel, any other three; a palette stands for its colours.
 * - Samples of another depth, v of 0 to m, become 255 v / m, rounded. So bits of 1, 2 and 4 spread over the whole
 * range.
 * - What is transparent shows white: a sample of opacity a becomes (a v + (255 - a) 255) / 255, rounded. White is what
 *   viewers and paper show there, and what a drawing without a background was drawn on.
 * - Interlacing, text, time stamps and all else around the samples has no part in them. Nor have gamma and colour
 *   profiles: a sample is the number that the file has, as data sets have it.
 * - Of an animation, the picture that readers of plain PNG see.
 *
 * A picture asks for no more memory than PICTURE_MOST_PIXELS, and than its file can hold: both are known from its
 * header. Writing is for sheets: PNG with nothing in it but the samples.
 */
#ifndef DATA_PICTURE_H
#define DATA_PICTURE_H

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "net/plan.h"

#include <stddef.h>

enum {
    PICTURE_MOST_PIXELS = 1 << 26, /* rows times columns */
    PICTURE_MOST_BYTES = 1 << 28,  /* of a file */
};

struct picture {
    struct shape shape;     /* channels: 1 or 3 */
    unsigned char *samples; /* (rows, columns, channels) */
};

/* Read a picture; "-" is stdin. 65: it is none of these kinds, it is damaged or cut short, or it is too large; 66: it
   is not there; 74, 71: cannot tell. On error `picture` is empty. The caller frees it with picture_free(). */
enum status picture_read(const char *path, struct picture *picture, struct error *error);

/* The same of a file that was read; `path` names it in messages. */
enum status picture_decode(const struct bytes *file, const char *path, struct picture *picture, struct error *error);

void picture_free(struct picture *picture);

/*
 * Give the picture another shape, of 1 or 3 channels and at most PICTURE_MOST_PIXELS. All of it is whole numbers:
 *
 * 1. Channels. Grey of RGB is (19595 R + 38470 G + 7471 B + 32768) / 65536 without the rest, the weights being those of
 *    ITU-R BT.601; RGB of grey is three times the same.
 * 2. Size, rows and columns each for itself, so that other proportions distort. To fewer: the mean over the area that a
 *    new pixel covers of the old ones. To more: bilinear between the middles of the old ones. Rounded once, at the end.
 * 3. With PICTURE_INVERT, v becomes 255 - v: for a network that learned white on black and is shown ink on paper.
 */
enum { PICTURE_INVERT = 1 };
void picture_fit(struct picture *picture, struct shape shape, unsigned flags);

/* The samples as data sets have them: a channel after the other. to: (channels, rows, columns). And back, into a new
   picture. */
void picture_planes(const struct picture *picture, unsigned char *to);
struct picture picture_of_planes(const unsigned char *planes, struct shape shape);

/* Add the picture to `to` as a PNG file. The same picture gives the same bytes, by the same zlib. */
void picture_write(const struct picture *picture, struct text *to);

/* A size as options take it, rows before columns: "28x28". 64: it is none, or too large. */
enum status picture_parse_size(const char *text, size_t *rows, size_t *columns, struct error *error);

#endif
