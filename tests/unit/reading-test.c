/* data/reading.h: what the other thread brings is what idx_read() and idx_digest() say. */
#include "data/reading.h"

#include "base/memory.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 1000, PIXELS = 28 * 28 };

static char *operand;

static void put_set(void)
{
    struct idx_set set = { .count = SAMPLES, .channels = 1, .rows = 28, .columns = 28, .classes = 10 };

    set.pixels = memory_new(SAMPLES, PIXELS);
    set.labels = memory_new(SAMPLES, sizeof *set.labels);
    for (size_t i = 0; i < SAMPLES; i++) {
        set.labels[i] = (uint16_t)(i % 10);
        memset(set.pixels + i * PIXELS, (int)(i % 256), PIXELS);
    }
    operand = memory_format("%s/t", unit_directory());
    idx_write(&set, operand, OUTPUT_NO_REPLACE);
    idx_free(&set);
}

static void samples_and_digest_are_those_of_idx(void)
{
    struct reading *reading = reading_begin(operand, READING_DIGEST);
    char digest[DIGEST_SIZE];
    struct idx_set wanted;
    struct error error;
    const struct idx_set *set = reading_set(reading, &error);

    CHECK(idx_read(operand, &wanted, &error) == STATUS_OK);
    idx_digest(&wanted, digest);
    CHECK(set && set->count == SAMPLES && set->classes == 10);
    CHECK(set && memcmp(set->pixels, wanted.pixels, SAMPLES * PIXELS) == 0);
    CHECK_TEXT(reading_digest(reading), digest);
    CHECK(reading_has_digest(reading));
    CHECK(reading_set(reading, &error) == set);
    reading_end(reading);
    idx_free(&wanted);
}

static void an_error_is_that_of_idx_as_often_as_it_is_asked_for(void)
{
    struct error wanted = { 0 };
    struct idx_set set;
    struct reading *reading = reading_begin("nowhere", READING_DIGEST);

    CHECK(idx_read("nowhere", &set, &wanted) == STATUS_NO_INPUT);
    for (int i = 0; i < 2; i++) {
        struct error error = { 0 };
        CHECK(!reading_set(reading, &error));
        CHECK_EQUAL(error.status, STATUS_NO_INPUT);
        CHECK_TEXT(error.text, wanted.text);
    }
    reading_end(reading);
}

static void one_that_nobody_asks_ends_too(void)
{
    for (int i = 0; i < 100; i++)
        reading_end(reading_begin(operand, i % 2 ? READING_DIGEST : 0));
}

int main(void)
{
    put_set();
    TEST(samples_and_digest_are_those_of_idx);
    TEST(an_error_is_that_of_idx_as_often_as_it_is_asked_for);
    TEST(one_that_nobody_asks_ends_too);
    free(operand);
    return unit_finish();
}
