/* How ranks share out a batch's chunks, and how their sums become those of the tree. */
#include "base/divide.h"
#include "base/memory.h"
#include "engine/frame/nodes.h"
#include "engine/ref/layers.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNKS = 70, RANKS = 17 };

static struct part parts[RANKS];

static void parts_are_all_chunks_and_none_has_more_than_it_must(void)
{
    for (size_t n = 1; n <= CHUNKS; n++)
        for (size_t ranks = 1; ranks <= RANKS; ranks++) {
            size_t next = 0;
            share_chunks(n, ranks, parts);
            for (size_t rank = 0; rank < ranks; rank++) {
                CHECK_EQUAL(parts[rank].chunks.first, next);
                CHECK(parts[rank].chunks.count <= divide_up(n, ranks));
                next += parts[rank].chunks.count;
            }
            CHECK_EQUAL(next, n);
        }
}

static void nodes_are_the_chunks_of_their_part(void)
{
    for (size_t n = 1; n <= CHUNKS; n++)
        for (size_t ranks = 1; ranks <= RANKS; ranks++) {
            share_chunks(n, ranks, parts);
            for (size_t rank = 0; rank < ranks; rank++) {
                size_t next = parts[rank].chunks.first;
                for (size_t i = 0; i < parts[rank].nodes; i++) {
                    const struct span node = find_node(n, &parts[rank], i);
                    CHECK_EQUAL(node.first, next);
                    next += node.count;
                }
                CHECK_EQUAL(next, parts[rank].chunks.first + parts[rank].chunks.count);
            }
        }
}

static void a_power_of_two_of_ranks_has_a_node_each(void)
{
    for (size_t ranks = 1; ranks <= 16; ranks *= 2) {
        share_chunks(16, ranks, parts);
        for (size_t rank = 0; rank < ranks; rank++)
            CHECK_EQUAL(parts[rank].nodes, 1);
    }
}

static void the_header_shows_16_chunks_of_3_ranks(void)
{
    static const size_t nodes[] = { 1, 2, 2 }, first[] = { 0, 4, 8, 10, 12 };
    size_t number = 0;

    share_chunks(16, 3, parts);
    for (size_t rank = 0; rank < 3; rank++) {
        CHECK_EQUAL(parts[rank].nodes, nodes[rank]);
        CHECK_EQUAL(parts[rank].nodes_before, number);
        for (size_t i = 0; i < parts[rank].nodes; i++)
            CHECK_EQUAL(find_node(16, &parts[rank], i).first, first[number++]);
    }
}

/* Values whose sum depends on the order in which they are added. */
static float value(size_t number)
{
    return (float)(number * 2654435761u % 1000003) * (number % 3 ? 1.1f : 1e-4f);
}

static bool sums_are_the_tree(size_t n, size_t ranks)
{
    enum { STRIDE = 3 };
    float values[CHUNKS], sums[CHUNKS * STRIDE];
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        values[i] = value(i);
    share_chunks(n, ranks, parts);
    for (size_t rank = 0; rank < ranks; rank++)
        for (size_t i = 0; i < parts[rank].nodes; i++, count++) {
            const struct span node = find_node(n, &parts[rank], i);
            sums[count * STRIDE] = tree_sum(values + node.first, node.count);
            sums[count * STRIDE + 1] = -sums[count * STRIDE];
        }
    add_nodes(n, parts, STRIDE, 2, sums);
    return sums[0] == tree_sum(values, n) && sums[1] == -sums[0];
}

static void sums_of_nodes_become_those_of_the_tree(void)
{
    for (size_t n = 1; n <= CHUNKS; n++)
        for (size_t ranks = 1; ranks <= RANKS; ranks++)
            CHECK(sums_are_the_tree(n, ranks));
}

static void shares_begin_at_units(void)
{
    const struct span first = share_of(10, 4, 0, 2), last = share_of(10, 4, 1, 2);

    CHECK_EQUAL(first.first, 0);
    CHECK_EQUAL(first.count, 4);
    CHECK_EQUAL(last.first, 4);
    CHECK_EQUAL(last.count, 6);
    CHECK_EQUAL(share_of(0, 4, 1, 2).count, 0);
    CHECK_EQUAL(share_of(3, 4, 0, 2).count, 0);
    CHECK_EQUAL(share_of(3, 4, 1, 2).count, 3);
}

int main(void)
{
    TEST(parts_are_all_chunks_and_none_has_more_than_it_must);
    TEST(nodes_are_the_chunks_of_their_part);
    TEST(a_power_of_two_of_ranks_has_a_node_each);
    TEST(the_header_shows_16_chunks_of_3_ranks);
    TEST(sums_of_nodes_become_those_of_the_tree);
    TEST(shares_begin_at_units);
    return unit_finish();
}
