/* The heap of decisions: the least comes out first. */
#include "unit.h"

#include "candidates.h"
#include "policy/heap.h"

static void the_least_comes_out_first_and_of_equal_ones_the_smaller_number(void)
{
    static const struct heap_entry entries[] = { { 2, 7 }, { 1, 9 }, { 2, 3 }, { -1, 4 }, { 1, 8 } };
    static const size_t order[] = { 4, 8, 9, 3, 7 };
    struct heap heap = { 0 };

    for (size_t i = 0; i < 5; i++)
        heap_put(&heap, entries[i]);
    for (size_t i = 0; i < 5; i++)
        CHECK_EQUAL(heap_take(&heap).number, order[i]);
    CHECK_EQUAL(heap.n, 0);
    heap_free(&heap);
}

/* The least of those in `in`, found by looking at all. */
static size_t least_of(const struct heap_entry *entries, const bool *in, size_t n)
{
    size_t least = n;

    for (size_t i = 0; i < n; i++)
        if (in[i] && (least == n || heap_entry_less(&entries[i], &entries[least])))
            least = i;
    return least;
}

static void random_puts_and_takes_are_as_a_search_says(void)
{
    enum { N = 300 };
    struct heap_entry entries[N];
    bool in[N] = { false };
    struct heap heap = { 0 };
    uint64_t generator = 1;
    size_t put = 0;

    while (put < N || heap.n)
        if (put < N && (!heap.n || below(&generator, 3))) {
            entries[put] = (struct heap_entry){ below(&generator, 20), put };
            in[put] = true;
            heap_put(&heap, entries[put++]);
        } else {
            size_t least = least_of(entries, in, put);
            if (!CHECK_EQUAL(heap_take(&heap).number, least))
                break;
            in[least] = false;
        }
    heap_free(&heap);
}

int main(void)
{
    TEST(the_least_comes_out_first_and_of_equal_ones_the_smaller_number);
    TEST(random_puts_and_takes_are_as_a_search_says);
    return unit_finish();
}
