/*
 * Contact sheets: pictures in rows, each with what is said of it below.
 *
 *     struct sheet sheet = { .columns = 10 };
 *     sheet_add(&sheet, picture, memory_string("7"), NULL);    // as often as needed; all pictures of one shape
 *     struct picture drawn = sheet_draw(&sheet);
 *     sheet_print(&sheet, SHEET_COLOURS, &text);               // or as text
 *     sheet_free(&sheet);
 */
#ifndef DATA_SHEET_H
#define DATA_SHEET_H

#include "base/text.h"
#include "data/picture.h"

#include <stddef.h>

enum {
    SHEET_LINES = 2,
    SHEET_LONGEST = 24, /* of a caption more is not shown */
};

struct sheet_cell {
    struct picture picture;
    char *caption[SHEET_LINES]; /* NULL where there is none */
};

struct sheet {
    size_t columns; /* cells in a row */
    size_t zoom;    /* drawn: each pixel is so many high and wide */
    struct sheet_cell *cells;
    size_t count;
};

/* Add a cell, which takes over what it is given. */
void sheet_add(struct sheet *sheet, struct picture picture, char *first, char *second);
void sheet_free(struct sheet *sheet);

/* The size that the sheet would be drawn in: 64 if it has more than PICTURE_MOST_PIXELS. */
enum status sheet_size(const struct sheet *sheet, struct shape *shape, struct error *error);

/* Draw it on white, with captions of capitals, figures and a few signs; what else there is in them is drawn as '?'.
   The caller frees the picture. */
struct picture sheet_draw(const struct sheet *sheet);

/* Add it as lines of text, where a character is a pixel wide and two high: by characters of more and less ink, or in
   the 256 colours of a terminal that shows UTF-8. Pictures that are wider than SHEET_WIDEST are made smaller, and
   captions are cut to the width of their picture, or SHEET_NARROWEST. */
enum sheet_look { SHEET_INK, SHEET_COLOURS };
enum { SHEET_WIDEST = 40, SHEET_NARROWEST = 12 };
void sheet_print(const struct sheet *sheet, enum sheet_look look, struct text *to);

/* How many of such pictures fit into a line of so many characters; at least 1. */
size_t sheet_fitting(struct shape picture, size_t characters);

#endif
