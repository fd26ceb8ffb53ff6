#include "data/sheet.h"

#include "base/divide.h"
#include "base/memory.h"
#include "base/size.h"
#include "data/glyphs.h"

#include <stdlib.h>
#include <string.h>

enum { WHITE = 255, INK = 32 };

/* Where things are drawn: in pixels of the sheet. */
struct layout {
    size_t gap;                       /* around cells */
    size_t columns, rows;             /* of a cell's picture */
    size_t width, height;             /* of a cell with its captions */
    size_t lines, letter;             /* of captions; letter: how many pixels wide and high a glyph's pixel is */
    size_t sheet_columns, sheet_rows; /* cells */
};

void sheet_add(struct sheet *sheet, struct picture picture, char *first, char *second)
{
    sheet->cells = memory_grow(sheet->cells, sheet->count, sizeof *sheet->cells);
    sheet->cells[sheet->count++] = (struct sheet_cell){ picture, { first, second } };
}

void sheet_free(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        picture_free(&sheet->cells[i].picture);
        for (size_t line = 0; line < SHEET_LINES; line++)
            free(sheet->cells[i].caption[line]);
    }
    free(sheet->cells);
}

static size_t caption_length(const char *caption)
{
    return caption ? strnlen(caption, SHEET_LONGEST) : 0;
}

/* The width of so many characters, without the space after the last. */
static size_t text_width(size_t length, size_t letter)
{
    return length ? (length * (GLYPH_COLUMNS + 1) - 1) * letter : 0;
}

static size_t line_height(size_t letter)
{
    return (GLYPH_ROWS + 2) * letter;
}

static struct layout lay_out(const struct sheet *sheet)
{
    const struct shape *shape = &sheet->cells[0].picture.shape;
    struct layout layout = { .columns = shape->columns * sheet->zoom, .rows = shape->rows * sheet->zoom };
    size_t longest = 0;

    for (size_t i = 0; i < sheet->count; i++)
        for (size_t line = 0; line < SHEET_LINES; line++)
            if (sheet->cells[i].caption[line]) {
                longest = size_larger(longest, caption_length(sheet->cells[i].caption[line]));
                layout.lines = size_larger(layout.lines, line + 1);
            }
    layout.letter = layout.columns / 40;
    while (layout.letter > 1 && text_width(longest, layout.letter) > layout.columns)
        layout.letter--;
    layout.letter = size_larger(layout.letter, 1);
    layout.gap = size_larger(4, layout.columns / 16);
    layout.width = layout.columns;
    if (longest)
        layout.width = size_larger(layout.width, text_width(longest + 1, layout.letter)); /* captions do not meet */
    layout.height = layout.rows + layout.lines * line_height(layout.letter) + (layout.lines ? 2 * layout.letter : 0);
    layout.sheet_columns = size_larger(size_smaller(sheet->count, sheet->columns), 1);
    layout.sheet_rows = divide_up(sheet->count, layout.sheet_columns);
    return layout;
}

static size_t length_of(size_t cells, size_t size, size_t gap)
{
    return cells * (size + gap) + gap;
}

enum status sheet_size(const struct sheet *sheet, struct shape *shape, struct error *error)
{
    const struct shape *cell = &sheet->cells[0].picture.shape;
    struct layout layout;

    if (sheet->zoom > PICTURE_MOST_PIXELS / (cell->rows > cell->columns ? cell->rows : cell->columns))
        return error_set(error, STATUS_USAGE, "a zoom of %zu makes the pictures too large", sheet->zoom);
    layout = lay_out(sheet);
    *shape = (struct shape){ length_of(layout.sheet_rows, layout.height, layout.gap),
                             length_of(layout.sheet_columns, layout.width, layout.gap), cell->channels };
    if (shape->rows > PICTURE_MOST_PIXELS / shape->columns)
        return error_set(error, STATUS_USAGE, "a sheet of %zu x %zu pixels is too large", shape->rows, shape->columns);
    return STATUS_OK;
}

static unsigned char *pixel_at(const struct picture *drawn, size_t row, size_t column)
{
    return drawn->samples + (row * drawn->shape.columns + column) * drawn->shape.channels;
}

static void draw_picture(const struct picture *picture, size_t zoom, struct picture *drawn, size_t top, size_t left)
{
    const size_t channels = picture->shape.channels;

    for (size_t row = 0; row < picture->shape.rows * zoom; row++)
        for (size_t column = 0; column < picture->shape.columns * zoom; column++)
            memcpy(pixel_at(drawn, top + row, left + column), pixel_at(picture, row / zoom, column / zoom), channels);
}

static void draw_character(char character, size_t letter, struct picture *drawn, size_t top, size_t left)
{
    const unsigned char *rows = glyph_of(character);

    for (size_t row = 0; row < GLYPH_ROWS * letter; row++)
        for (size_t column = 0; column < GLYPH_COLUMNS * letter; column++)
            if (rows[row / letter] >> (GLYPH_COLUMNS - 1 - column / letter) & 1)
                memset(pixel_at(drawn, top + row, left + column), INK, drawn->shape.channels);
}

static void draw_cell(const struct sheet_cell *cell, const struct layout *layout, size_t zoom, struct picture *drawn,
                      size_t top, size_t left)
{
    const size_t advance = (GLYPH_COLUMNS + 1) * layout->letter;

    draw_picture(&cell->picture, zoom, drawn, top, left + (layout->width - layout->columns) / 2);
    for (size_t line = 0; line < SHEET_LINES; line++) {
        const size_t length = caption_length(cell->caption[line]);
        const size_t row = top + layout->rows + line * line_height(layout->letter) + 2 * layout->letter;
        const size_t begin = left + (layout->width - text_width(length, layout->letter)) / 2;
        for (size_t i = 0; i < length; i++)
            draw_character(cell->caption[line][i], layout->letter, drawn, row, begin + i * advance);
    }
}

struct picture sheet_draw(const struct sheet *sheet)
{
    const struct layout layout = lay_out(sheet);
    struct picture drawn = { 0 };
    struct error error;

    if (sheet_size(sheet, &drawn.shape, &error))
        die_error(&error);
    drawn.samples = memory_new(shape_size(drawn.shape), 1);
    memset(drawn.samples, WHITE, shape_size(drawn.shape));
    for (size_t i = 0; i < sheet->count; i++)
        draw_cell(&sheet->cells[i], &layout, sheet->zoom, &drawn,
                  layout.gap + i / layout.sheet_columns * (layout.height + layout.gap),
                  layout.gap + i % layout.sheet_columns * (layout.width + layout.gap));
    return drawn;
}
