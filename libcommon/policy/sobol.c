#include "policy/sobol.h"

enum { DEGREE_MOST = 8 };

/* Of each dimension but the first: the degree s of its polynomial x^s + a1 x^(s-1) + ... + 1; the bits a1 ... a(s-1);
   and the direction numbers m1 ... ms, of which mi is odd and below 2^i. */
static const struct {
    uint8_t degree, coefficients, first[DEGREE_MOST];
} polynomials[SOBOL_DIMENSIONS - 1] = {
    /* clang-format off */
    { 1, 0, { 1 } },
    { 2, 1, { 1, 3 } },
    { 3, 1, { 1, 3, 1 } },
    { 3, 2, { 1, 1, 1 } },
    { 4, 1, { 1, 1, 3, 3 } },
    { 4, 4, { 1, 3, 5, 13 } },
    { 5, 2, { 1, 1, 5, 5, 17 } },
    { 5, 4, { 1, 1, 5, 5, 5 } },
    { 5, 7, { 1, 1, 7, 11, 19 } },
    { 5, 11, { 1, 1, 5, 1, 1 } },
    { 5, 13, { 1, 1, 1, 3, 11 } },
    { 5, 14, { 1, 3, 5, 5, 31 } },
    { 6, 1, { 1, 3, 3, 9, 7, 49 } },
    { 6, 13, { 1, 1, 1, 15, 21, 21 } },
    { 6, 16, { 1, 3, 1, 13, 27, 49 } },
    { 6, 19, { 1, 1, 1, 15, 7, 5 } },
    { 6, 22, { 1, 3, 1, 15, 13, 25 } },
    { 6, 25, { 1, 1, 5, 5, 19, 61 } },
    { 7, 1, { 1, 3, 7, 11, 23, 15, 103 } },
    { 7, 4, { 1, 3, 7, 13, 13, 15, 69 } },
    { 7, 7, { 1, 1, 3, 13, 7, 35, 63 } },
    { 7, 8, { 1, 3, 5, 9, 1, 25, 53 } },
    { 7, 14, { 1, 3, 1, 13, 9, 35, 107 } },
    { 7, 19, { 1, 3, 1, 5, 27, 61, 31 } },
    { 7, 21, { 1, 1, 5, 11, 19, 41, 61 } },
    { 7, 28, { 1, 3, 5, 3, 3, 13, 69 } },
    { 7, 31, { 1, 1, 7, 13, 1, 19, 1 } },
    { 7, 32, { 1, 3, 7, 5, 13, 19, 59 } },
    { 7, 37, { 1, 1, 3, 9, 25, 29, 41 } },
    { 7, 41, { 1, 3, 5, 13, 23, 1, 55 } },
    { 7, 42, { 1, 3, 7, 3, 13, 59, 17 } },
    { 7, 50, { 1, 3, 1, 3, 5, 53, 69 } },
    { 7, 55, { 1, 1, 5, 5, 23, 33, 13 } },
    { 7, 56, { 1, 1, 7, 7, 1, 61, 123 } },
    { 7, 59, { 1, 1, 7, 9, 13, 61, 49 } },
    { 7, 62, { 1, 3, 3, 5, 3, 55, 33 } },
    { 8, 14, { 1, 3, 1, 15, 31, 13, 49, 245 } },
    { 8, 21, { 1, 3, 5, 15, 31, 59, 63, 97 } },
    { 8, 22, { 1, 3, 1, 11, 11, 11, 77, 249 } },
    { 8, 38, { 1, 3, 1, 11, 27, 43, 71, 9 } },
    { 8, 47, { 1, 1, 7, 15, 21, 11, 81, 45 } },
    { 8, 49, { 1, 3, 7, 3, 25, 31, 65, 79 } },
    { 8, 50, { 1, 3, 1, 1, 19, 11, 3, 205 } },
    { 8, 52, { 1, 1, 5, 9, 19, 21, 29, 157 } },
    { 8, 56, { 1, 3, 7, 11, 1, 33, 89, 185 } },
    { 8, 67, { 1, 3, 3, 3, 15, 9, 79, 71 } },
    { 8, 70, { 1, 3, 7, 11, 15, 39, 119, 27 } },
    { 8, 84, { 1, 1, 3, 1, 11, 31, 97, 225 } },
    { 8, 97, { 1, 1, 1, 3, 23, 43, 57, 177 } },
    { 8, 103, { 1, 3, 7, 7, 17, 17, 37, 71 } },
    { 8, 115, { 1, 3, 1, 5, 27, 63, 123, 213 } },
    { 8, 122, { 1, 1, 3, 5, 11, 43, 53, 133 } },
    /* clang-format on */
};

/* The direction numbers of a dimension, as shares of 2^32: what each bit of an index contributes. */
static void fill_directions(size_t dimension, uint32_t direction[32])
{
    size_t degree = dimension ? polynomials[dimension - 1].degree : 32;
    uint32_t coefficients = dimension ? polynomials[dimension - 1].coefficients : 0;

    for (size_t bit = 0; bit < degree; bit++)
        direction[bit] = (dimension ? polynomials[dimension - 1].first[bit] : 1u) << (31 - bit);
    for (size_t bit = degree; bit < 32; bit++) {
        direction[bit] = direction[bit - degree] ^ direction[bit - degree] >> degree;
        for (size_t back = 1; back < degree; back++)
            if (coefficients >> (degree - 1 - back) & 1)
                direction[bit] ^= direction[bit - back];
    }
}

uint32_t sobol_word(size_t dimension, uint32_t index)
{
    uint32_t direction[32] = { 0 }, word = 0;

    fill_directions(dimension, direction);
    for (size_t bit = 0, gray = index ^ index >> 1; bit < 32; bit++)
        if (gray >> bit & 1)
            word ^= direction[bit];
    return word;
}
