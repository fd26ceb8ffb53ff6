/*
 * A small font: what captions of a sheet are drawn with.
 */
#ifndef DATA_GLYPHS_H
#define DATA_GLYPHS_H

enum { GLYPH_ROWS = 7, GLYPH_COLUMNS = 5 };

/* A row of the character each, its leftmost pixel in the highest of GLYPH_COLUMNS bits. Small letters look like
   capitals and unknown characters like '?'. */
const unsigned char *glyph_of(char character);

#endif
