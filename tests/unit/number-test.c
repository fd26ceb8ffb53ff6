/* `number-test COUNT` prints and reads COUNT numbers of each kind. */
#include "unit.h"

#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t count = 50000;

static uint64_t u64_of(const char *string)
{
    uint64_t value = 12345; /* stays when the string is refused */

    return number_u64(string, &value) ? value : value + 1;
}

static void whole_numbers_are_digits_only(void)
{
    static const char *const refused[] = {
        "", " 1", "1 ", "+1", "-1", "0x1", "1.", "1e3", "ten", "18446744073709551616", "99999999999999999999"
    };

    CHECK(u64_of("0") == 0);
    CHECK(u64_of("007") == 7);
    CHECK(u64_of("18446744073709551615") == UINT64_MAX);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!CHECK(u64_of(refused[i]) == 12346))
            CHECK_TEXT(refused[i], "refused");
}

static void sizes_are_whole_numbers(void)
{
    size_t size = 3;

    CHECK(number_size("4096", &size));
    CHECK_EQUAL(size, 4096);
    CHECK(!number_size("-1", &size));
    CHECK_EQUAL(size, 4096);
}

static void floating_numbers_are_read_whole(void)
{
    static const char *const refused[] = { "",    " 1",    "1 ",     "1,5", "1e",  "0x",   "0x1",     "0X1.8p1",
                                           "one", "1e400", "-1e400", "nan", "inf", "-inf", "infinity" };
    double value = 7, any = 7;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!CHECK(!number_double(refused[i], &value)) || !CHECK_EQUAL(value, 7))
            CHECK_TEXT(refused[i], "refused");
    CHECK(number_double("-1.5e-3", &value));
    CHECK_EQUAL(value, -1.5e-3);
    CHECK(!number_any_double("0x1.8p1", &any) && !number_any_double("nan(0x1)", &any) && any == 7);
    CHECK(number_any_double("-inf", &value));
    CHECK(isinf(value) && value < 0);
    CHECK(number_any_double("nan", &value));
    CHECK(isnan(value));
}

static void numbers_print_as_people_write_them(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = { { 0, "0" },
                  { -0.0, "-0" },
                  { 60000, "60000" },
                  { -1e14, "-100000000000000" },
                  { 0.1, "0.1" },
                  { 0.3, "0.3" },
                  { 0.1 + 0.2, "0.30000000000000004" },
                  { 1e22, "1e+22" },
                  { 5e-324, "5e-324" },
                  { 0.001, "0.001" },
                  { INFINITY, "inf" },
                  { -INFINITY, "-inf" },
                  { NAN, "nan" },
                  { -NAN, "nan" } };
    char text[NUMBER_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(number_print(cases[i].value, text), cases[i].text);
}

static bool reads_back(double value)
{
    char text[NUMBER_SIZE];
    double again;

    if (!number_any_double(number_print(value, text), &again) || strlen(text) >= NUMBER_SIZE)
        return false;
    return memcmp(&again, &value, sizeof value) == 0 || (isnan(value) && isnan(again));
}

/* Marsaglia, "Xorshift RNGs", 2003. */
static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void what_is_printed_reads_back_exactly(void)
{
    size_t wrong = 0;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t bits = next_random();
        uint32_t half = (uint32_t)bits;
        double value;
        float single;

        memcpy(&value, &bits, sizeof value);
        memcpy(&single, &half, sizeof single);
        wrong += !reads_back(value) + !reads_back(single) + !reads_back(floor(value)) +
                 !reads_back((double)(int64_t)bits / 1024);
    }
    CHECK_EQUAL(wrong, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !number_u64(argv[1], &count))
        return 1;
    TEST(whole_numbers_are_digits_only);
    TEST(sizes_are_whole_numbers);
    TEST(floating_numbers_are_read_whole);
    TEST(numbers_print_as_people_write_them);
    TEST(what_is_printed_reads_back_exactly);
    return unit_finish();
}
