#include "data/augment.h"

#include "base/math.h"
#include "base/random.h"
#include "base/vectors.h"

#include <math.h>
#include <string.h>

/* Which of a sample's numbers is for what: each kind has its own, so that turning one on changes no other. */
enum {
    FOR_SHIFT_ROWS,
    FOR_SHIFT_COLUMNS,
    FOR_ROTATE,
    FOR_ZOOM,
    FOR_SHEAR,
    FOR_FLIP,
    FOR_CROP_ROWS,
    FOR_CROP_COLUMNS,
    FOR_ERASE,
    FOR_TRIES = 12, /* area, aspect, row, column of each try to place the erased rectangle */
    TRIES = 10,
    NUMBERS = FOR_TRIES + 4 * TRIES,
};

/* The random fields of rows and of columns: `layer` in their draws, beside the numbers' 0. */
enum { FIELD_ROWS = 1, FIELD_COLUMNS = 2 };

/* Beyond three deviations a Gaussian is 0. */
struct gaussian {
    size_t radius;
    float *weights; /* (radius + 1): by distance; their sum over a line is not 1... */
    float scale;    /* ...which is made good here, for both directions at once */
};

/* A coordinate of the picture that a place of the result shows: start + row * by_row + column * by_column. */
struct line {
    float start, by_row, by_column;
};

struct map {
    struct line row, column;
    const float *down, *right; /* (rows, columns): what is added to the coordinates; NULL: nothing */
};

/* The picture with what surrounds it: one row and column before it and two behind, so that no place that is looked up
   has to be checked. */
enum { BEFORE = 1, AROUND = 3 };

static size_t gaussian_radius(double sigma)
{
    size_t radius = (size_t)(3 * sigma);

    return (double)radius < 3 * sigma ? radius + 1 : radius;
}

static size_t longer_side(struct shape shape)
{
    return shape.rows > shape.columns ? shape.rows : shape.columns;
}

static size_t surrounded_size(struct shape shape)
{
    return (shape.rows + AROUND) * (shape.columns + AROUND) * shape.channels;
}

size_t augment_room(const struct plan *plan)
{
    const struct shape shape = plan->input;
    size_t room = 0;

    if (plan->augments)
        room += surrounded_size(shape);
    if (plan->augmentation.elastic > 0)
        room += 3 * shape.rows * shape.columns + longer_side(shape) + gaussian_radius(plan->augmentation.sigma) + 1;
    return room;
}

/* Uniform in (-1, 1). Exact, so that its mean is. */
static double either_way(uint32_t word)
{
    return (2.0 * word + 1) * 0x1p-32 - 1;
}

/* Uniform in (0, 1). */
static double part(uint32_t word)
{
    return (2.0 * word + 1) * 0x1p-33;
}

/* Uniform among 0 .. n - 1. */
static size_t one_of(uint32_t word, size_t n)
{
    return (size_t)((uint64_t)word * n >> 32);
}

static bool happens(uint32_t word, double probability)
{
    return word < probability * 0x1p32;
}

static double radians(double degrees)
{
    return degrees * 0x1.1df46a2529d39p-6;
}

/* From a place of the result back to the picture: moved back, then, seen from the middle, rotated, sheared, zoomed and
   flipped back. In double, as small differences of large numbers are formed. */
static struct map draw_map(const struct plan *plan, const uint32_t *numbers)
{
    const struct augmentation *most = &plan->augmentation;
    const double rows = (double)plan->input.rows, columns = (double)plan->input.columns;
    const double crop_row = (double)one_of(numbers[FOR_CROP_ROWS], 2 * most->crop + 1) - (double)most->crop;
    const double crop_column = (double)one_of(numbers[FOR_CROP_COLUMNS], 2 * most->crop + 1) - (double)most->crop;
    const double angle = radians(either_way(numbers[FOR_ROTATE]) * most->rotate);
    const double slant = radians(either_way(numbers[FOR_SHEAR]) * most->shear);
    const double zoom = 1 + either_way(numbers[FOR_ZOOM]) * most->zoom;
    const double side = happens(numbers[FOR_FLIP], most->flip) ? -1 : 1;
    const double sine = math_sin(angle), cosine = math_cos(angle), shear = math_sin(slant) / math_cos(slant);
    const double middle_row = (rows - 1) / 2, middle_column = (columns - 1) / 2;
    const double moved_row = middle_row + either_way(numbers[FOR_SHIFT_ROWS]) * most->shift * rows + crop_row;
    const double moved_column =
        middle_column + either_way(numbers[FOR_SHIFT_COLUMNS]) * most->shift * columns + crop_column;
    const double row_by_row = cosine / zoom, row_by_column = -sine / zoom;
    const double column_by_row = side * (sine - shear * cosine) / zoom;
    const double column_by_column = side * (cosine + shear * sine) / zoom;

    return (struct map){
        .row = { (float)(middle_row - row_by_row * moved_row - row_by_column * moved_column), (float)row_by_row,
                 (float)row_by_column },
        .column = { (float)(middle_column - column_by_row * moved_row - column_by_column * moved_column),
                    (float)column_by_row, (float)column_by_column },
    };
}

static struct gaussian make_gaussian(const struct augmentation *augmentation, float *weights)
{
    const double sigma = augmentation->sigma;
    struct gaussian gaussian = { gaussian_radius(sigma), weights, 0 };
    double sum = 0;

    for (size_t distance = 0; distance <= gaussian.radius; distance++) {
        double weight = math_exp(-(double)(distance * distance) / (2 * sigma * sigma));
        weights[distance] = (float)weight;
        sum += distance ? 2 * weight : weight;
    }
    gaussian.scale = (float)(augmentation->elastic / (sum * sum));
    return gaussian;
}

/* Uniform in (-1, 1), one number a place. */
static void draw_field(const struct random_draw *draw, size_t places, float *field)
{
    enum { BLOCKS = 16, WORDS = 4 * BLOCKS };
    uint32_t words[WORDS];

    for (size_t place = 0; place < places; place++) {
        if (place % WORDS == 0)
            random_blocks(draw, (uint32_t)(place / 4), BLOCKS, words);
        field[place] = (float)(2 * (int32_t)(words[place % WORDS] >> 8) - 0xffffff) * 0x1p-24f;
    }
}

/* Smooth along the columns, from top to bottom. from: (lines, width); to: (width, lines), so that the second time is
   along the rows. What lies outside is 0. line: (width). */
VECTORS static void smooth(const struct gaussian *gaussian, size_t lines, size_t width, const float *from,
                           float *restrict line, float *restrict to)
{
    const size_t radius = gaussian->radius;

    for (size_t row = 0; row < lines; row++) {
        size_t first = row > radius ? row - radius : 0, end = row + radius < lines ? row + radius + 1 : lines;
        for (size_t column = 0; column < width; column++)
            line[column] = 0;
        for (size_t near = first; near < end; near++) {
            float weight = gaussian->weights[near > row ? near - row : row - near];
            for (size_t column = 0; column < width; column++)
                line[column] = fmaf(weight, from[near * width + column], line[column]);
        }
        for (size_t column = 0; column < width; column++)
            to[column * lines + row] = line[column] + 0;
    }
}

/* room: the two fields, one more that is between its two passes, a line, weights: see augment_room(). */
static void draw_elastic(const struct plan *plan, struct random_draw draw, struct map *map, float *room)
{
    const size_t rows = plan->input.rows, columns = plan->input.columns, places = rows * columns;
    float *between = room + 2 * places, *line = between + places;
    const struct gaussian gaussian = make_gaussian(&plan->augmentation, line + longer_side(plan->input));

    for (uint32_t layer = FIELD_ROWS; layer <= FIELD_COLUMNS; layer++) {
        float *field = layer == FIELD_ROWS ? room : room + places;
        draw.layer = layer;
        draw_field(&draw, places, field);
        smooth(&gaussian, rows, columns, field, line, between);
        smooth(&gaussian, columns, rows, between, line, field);
        for (size_t place = 0; place < places; place++)
            field[place] *= gaussian.scale;
    }
    map->down = room;
    map->right = room + places;
}

/* to: (rows + AROUND, columns + AROUND, channels). */
static void surround(const struct plan *plan, const float *from, float *to)
{
    const size_t rows = plan->input.rows, columns = plan->input.columns, channels = plan->input.channels;
    const size_t width = columns + AROUND;

    for (size_t place = 0; place < (rows + AROUND) * width; place++)
        for (size_t channel = 0; channel < channels; channel++)
            to[place * channels + channel] = plan->pixel[channel][0];
    for (size_t row = 0; row < rows; row++)
        memcpy(to + ((row + BEFORE) * width + BEFORE) * channels, from + row * columns * channels,
               columns * channels * sizeof *to);
}

/* A coordinate's whole part, and its `fraction`. Beyond -1 and beyond `size` a picture goes on as it is there. */
static inline size_t whole_part(float coordinate, float size, float *fraction)
{
    int whole;

    coordinate = coordinate < -1 ? -1 : coordinate > size ? size : coordinate;
    whole = (int)coordinate;
    whole -= coordinate < (float)whole;
    *fraction = coordinate - (float)whole;
    return (size_t)whole + BEFORE; /* wraps to 0 from -1 */
}

static inline float between(float a, float b, float fraction)
{
    return fmaf(fraction, b - a, a);
}

/* from: surrounded; to: (rows, columns, channels). */
VECTORS static void resample(struct shape shape, const struct map *map, const float *restrict from, float *restrict to)
{
    const size_t channels = shape.channels, below = (shape.columns + AROUND) * channels;
    size_t place = 0;

    for (size_t row = 0; row < shape.rows; row++) {
        const float row_start = fmaf(map->row.by_row, (float)row, map->row.start);
        const float column_start = fmaf(map->column.by_row, (float)row, map->column.start);
        for (size_t column = 0; column < shape.columns; column++, place++) {
            float from_row = fmaf(map->row.by_column, (float)column, row_start), down;
            float from_column = fmaf(map->column.by_column, (float)column, column_start), right;
            const float *corner;
            if (map->down) {
                from_row += map->down[place];
                from_column += map->right[place];
            }
            corner = from + whole_part(from_row, (float)shape.rows, &down) * below;
            corner += whole_part(from_column, (float)shape.columns, &right) * channels;
            for (size_t channel = 0; channel < channels; channel++, corner++) {
                float above = between(corner[0], corner[channels], right);
                to[place * channels + channel] =
                    between(above, between(corner[below], corner[below + channels], right), down);
            }
        }
    }
}

/* 0 is the mean of what the network sees where pictures are normalised: what is missing does not look like ink. */
static void erase(struct shape shape, const uint32_t *tries, float *picture)
{
    for (const uint32_t *number = tries; number < tries + (size_t)4 * TRIES; number += 4) {
        double area = (0.02 + part(number[0]) * (1 / 3.0 - 0.02)) * (double)(shape.rows * shape.columns);
        double aspect = math_exp(either_way(number[1]) * 0x1.34378fcbda721p0); /* log(1 / 0.3) */
        size_t rows = (size_t)(sqrt(area * aspect) + 0.5), columns = (size_t)(sqrt(area / aspect) + 0.5);
        if (rows < shape.rows && columns < shape.columns) {
            size_t row = one_of(number[2], shape.rows - rows + 1);
            size_t column = one_of(number[3], shape.columns - columns + 1);
            for (size_t end = row + rows; row < end; row++)
                memset(picture + (row * shape.columns + column) * shape.channels, 0,
                       columns * shape.channels * sizeof *picture);
            return;
        }
    }
}

void augment(const struct plan *plan, uint64_t seed, uint32_t epoch, uint32_t sample, const float *from, float *to,
             float *room)
{
    const struct random_draw draw = { .seed = seed, .purpose = RANDOM_AUGMENT, .epoch = epoch, .index = sample };
    uint32_t numbers[NUMBERS];
    struct map map;

    if (!plan->augments) {
        memmove(to, from, shape_size(plan->input) * sizeof *to);
        return;
    }
    random_blocks(&draw, 0, NUMBERS / 4, numbers);
    map = draw_map(plan, numbers);
    if (plan->augmentation.elastic > 0)
        draw_elastic(plan, draw, &map, room + surrounded_size(plan->input));
    surround(plan, from, room);
    resample(plan->input, &map, room, to);
    if (happens(numbers[FOR_ERASE], plan->augmentation.erase))
        erase(plan->input, numbers + FOR_TRIES, to);
}
