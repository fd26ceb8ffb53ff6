/* base/memory.h: floats are zeros, however large the array and whatever lay there before; sizes do not wrap. */
#include "base/error.h"
#include "base/memory.h"

#include "unit.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

static bool are_all(const float *values, size_t count, float value)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != value)
            return false;
    return true;
}

static float *ones(size_t count)
{
    float *values = memory_floats(count);

    CHECK((uintptr_t)values % 64 == 0);
    CHECK(are_all(values, count, 0));
    for (size_t i = 0; i < count; i++)
        values[i] = 1;
    return values;
}

static void floats_are_zeros_where_others_lay(void)
{
    static const size_t counts[] = { 0, 1, 15, 16, 17, 65535, 65536, 65537, 70001, 1000003 };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int again = 0; again < 3; again++)
            free(ones(counts[i]));
}

static void neighbours_keep_what_they_have(void)
{
    enum { COUNT = 100001 };
    float *all[5];

    for (size_t i = 0; i < 5; i++)
        all[i] = ones(COUNT);
    for (size_t i = 1; i < 5; i += 2)
        free(all[i]);
    for (size_t i = 1; i < 5; i += 2)
        all[i] = memory_floats(COUNT);
    for (size_t i = 0; i < 5; i++) {
        CHECK(are_all(all[i], COUNT, i % 2 ? 0 : 1));
        free(all[i]);
    }
}

static void ask_for_too_many_floats(void)
{
    memory_floats(SIZE_MAX / 2);
}

static void ask_for_all_memory_in_floats(void)
{
    memory_floats(SIZE_MAX / sizeof(float));
}

static void grow_beyond_all_memory(void)
{
    memory_grow(NULL, SIZE_MAX / 16 + 1, 8);
}

static void a_size_that_no_memory_has_is_a_lack_of_it(void)
{
    static void (*const functions[])(void) = { ask_for_too_many_floats, ask_for_all_memory_in_floats,
                                               grow_beyond_all_memory };
    char message[4096];

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        CHECK_EQUAL(unit_run(functions[i], message), STATUS_RESOURCE);
        CHECK_TEXT(message, "memory-test: out of memory\n");
    }
}

int main(void)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* memory is used again, not given back to the system */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    TEST(floats_are_zeros_where_others_lay);
    TEST(neighbours_keep_what_they_have);
    TEST(a_size_that_no_memory_has_is_a_lack_of_it);
    return unit_finish();
}
