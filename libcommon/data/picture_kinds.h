/*
 * The kinds of picture files. For picture.c alone.
 */
#ifndef DATA_PICTURE_KINDS_H
#define DATA_PICTURE_KINDS_H

#include "data/picture.h"

#include <stdbool.h>

/* Does the file begin as PNG does, as PGM or PPM do? */
bool picture_is_png(const struct bytes *file);
bool picture_is_pnm(const struct bytes *file);

/* Read one: as picture_decode(). */
enum status picture_decode_png(const struct bytes *file, const char *path, struct picture *picture,
                               struct error *error);
enum status picture_decode_pnm(const struct bytes *file, const char *path, struct picture *picture,
                               struct error *error);

/* Take memory for a picture, which is empty before, if its header says no size that is refused. */
enum status picture_begin(struct picture *picture, struct shape shape, const char *path, struct error *error);

#endif
