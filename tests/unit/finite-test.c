/* Are numbers finite? */
#include "unit.h"

#include "base/finite.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 3000 };

static void the_first_that_is_not_finite_is_found_wherever_it_stands(void)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY };
    static float values[MOST];
    bool found = true;

    for (size_t n = 0; n <= MOST && found; n += 1 + n / 7)
        for (size_t at = 0; at < n && found; at++) {
            values[at] = odd[at % 3];
            found = CHECK_EQUAL(finite_count(values, n), at);
            values[at] = 0;
        }
    values[5] = values[1500] = NAN;
    CHECK_EQUAL(finite_count(values, MOST), 5);
}

static void all_other_values_are_finite(void)
{
    float values[] = { 0.0f, -0.0f, 3.4028235e38f, -3.4028235e38f, 1e-45f, -1e-45f, 1.0f };

    CHECK_EQUAL(finite_count(values, 7), 7);
    CHECK_EQUAL(finite_count(values, 0), 0);
}

int main(void)
{
    TEST(the_first_that_is_not_finite_is_found_wherever_it_stands);
    TEST(all_other_values_are_finite);
    return unit_finish();
}
