/* Sheets as text. */
#include "data/sheet.h"

#include "base/divide.h"
#include "base/memory.h"
#include "base/size.h"

#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

/* Of a picture, and of its cell. */
static size_t picture_width(struct shape picture)
{
    return size_smaller(picture.columns, SHEET_WIDEST);
}

static size_t cell_width(struct shape picture)
{
    const size_t width = picture_width(picture);

    return width > SHEET_NARROWEST ? width : SHEET_NARROWEST;
}

size_t sheet_fitting(struct shape picture, size_t characters)
{
    const size_t fitting = (characters + GAP) / (cell_width(picture) + GAP);

    return fitting ? fitting : 1;
}

/* A copy that is at most SHEET_WIDEST wide, and grey where it is shown by ink. */
static struct picture fit_look(const struct picture *picture, enum sheet_look look)
{
    struct shape shape = picture->shape;
    struct picture copy = { shape, memory_new(shape_size(shape), 1) };

    memcpy(copy.samples, picture->samples, shape_size(shape));
    shape.channels = look == SHEET_INK ? 1 : shape.channels;
    shape.columns = picture_width(shape);
    shape.rows = divide_up(shape.rows * shape.columns, picture->shape.columns);
    picture_fit(&copy, shape, 0);
    return copy;
}

/* Of xterm's 256 colours: 16 + 36 r + 6 g + b, of 0 to 5 each, and 24 shades of grey from 232 up, 8 + 10 i. */
static unsigned colour_of(const unsigned char *pixel, size_t channels)
{
    if (channels == 3 && (pixel[0] != pixel[1] || pixel[1] != pixel[2]))
        return 16 + 36 * ((pixel[0] * 5u + 127) / 255) + 6 * ((pixel[1] * 5u + 127) / 255) +
               (pixel[2] * 5u + 127) / 255;
    if (pixel[0] < 4)
        return 16;
    return pixel[0] > 246 ? 231 : 232 + (pixel[0] - 3u) / 10 - (pixel[0] > 242);
}

static void print_pixels(const unsigned char *upper, const unsigned char *lower, size_t channels, enum sheet_look look,
                         struct text *to)
{
    static const char ink[] = " .:-=+*#%@";

    if (look == SHEET_COLOURS)
        text_format(to, "\x1b[38;5;%u;48;5;%um\xe2\x96\x80", colour_of(upper, channels), colour_of(lower, channels));
    else
        text_add(to, &ink[((*upper + *lower) * 9 + 255) / 510], 1);
}

/* Two rows of a picture, from `row`; an odd last one is shown as two. */
static void print_rows(const struct picture *picture, size_t row, enum sheet_look look, struct text *to)
{
    const size_t channels = picture->shape.channels, columns = picture->shape.columns;

    for (size_t column = 0; column < columns; column++) {
        const unsigned char *upper = picture->samples + (row * columns + column) * channels;
        const unsigned char *lower = row + 1 < picture->shape.rows ? upper + columns * channels : upper;
        print_pixels(upper, lower, channels, look, to);
    }
    if (look == SHEET_COLOURS)
        text_string(to, "\x1b[0m");
}

static void print_blanks(size_t blanks, struct text *to)
{
    text_format(to, "%*s", (int)blanks, "");
}

/* A caption, cut or filled to `width`. A control character is shown as \xHH, so that it plays no tricks. */
static void print_caption(const char *caption, size_t width, struct text *to)
{
    char shown[TEXT_SHOWN];
    size_t used = 0;

    while (caption && *caption) {
        const size_t taken = text_show(caption, shown), length = strlen(shown) == taken ? 1 : strlen(shown);

        if (used + length > width)
            break;
        text_string(to, shown);
        used += length;
        caption += taken;
    }
    print_blanks(width - used, to);
}

static void end_line(struct text *to)
{
    while (to->length && to->at[to->length - 1] == ' ')
        to->at[--to->length] = '\0';
    text_string(to, "\n");
}

/* A row of cells: the pictures, made smaller, then the lines of their captions. */
static void print_cells(const struct sheet_cell *cells, const struct picture *pictures, size_t n, enum sheet_look look,
                        struct text *to)
{
    const struct shape shape = pictures[0].shape;
    const size_t width = cell_width(shape);

    for (size_t row = 0; row < shape.rows; row += 2) {
        for (size_t i = 0; i < n; i++) {
            print_rows(&pictures[i], row, look, to);
            print_blanks(width - shape.columns + GAP, to);
        }
        end_line(to);
    }
    for (size_t line = 0; line < SHEET_LINES && cells[0].caption[line]; line++) {
        for (size_t i = 0; i < n; i++) {
            print_caption(cells[i].caption[line], width, to);
            print_blanks(GAP, to);
        }
        end_line(to);
    }
}

void sheet_print(const struct sheet *sheet, enum sheet_look look, struct text *to)
{
    struct picture *pictures = memory_new(size_smaller(sheet->columns, sheet->count), sizeof *pictures);

    for (size_t first = 0; first < sheet->count; first += sheet->columns) {
        const size_t n = size_smaller(sheet->count - first, sheet->columns);

        for (size_t i = 0; i < n; i++)
            pictures[i] = fit_look(&sheet->cells[first + i].picture, look);
        if (first)
            text_string(to, "\n");
        print_cells(sheet->cells + first, pictures, n, look, to);
        for (size_t i = 0; i < n; i++)
            picture_free(&pictures[i]);
    }
    free(pictures);
}
