/* What ranks exchange. Each sends to each other one, and gets from it, what both know the size of. */
#include "base/memory.h"
#include "base/size.h"
#include "engine/frame/inside.h"
#include "engine/frame/layers.h"
#include "engine/ref/layers.h"

#include <stdlib.h>
#include <string.h>

static bool are_many(const struct frame *frame)
{
    return frame->comm->ranks > 1;
}

/* The i-th of the others, from 1. Each begins with another one, so that not all turn to the same one at once. */
static size_t other(const struct frame *frame, size_t i)
{
    return (frame->comm->rank + i) % frame->comm->ranks;
}

/* Nothing is no message. */
static void send(struct exchange *exchange, size_t rank, struct block block)
{
    if (block.rows > 0 && block.size > 0)
        exchange_send(exchange, rank, block);
}

static void receive(struct exchange *exchange, size_t rank, struct block block)
{
    if (block.rows > 0 && block.size > 0)
        exchange_receive(exchange, rank, block);
}

/* Batches */

static struct span samples_of(const struct frame *frame, struct span chunks)
{
    const size_t count = frame->step->count, first = size_smaller(count, chunks.first * frame->chunk);

    return (struct span){ first, size_smaller(count - first, chunks.count * frame->chunk) };
}

void ranks_share(struct frame *frame)
{
    const size_t ranks = frame->training ? frame->comm->ranks : 1;

    share_chunks(frame_chunks(frame), ranks, frame->parts);
    for (size_t rank = 0; rank < ranks; rank++)
        frame->parts[rank].samples = samples_of(frame, frame->parts[rank].chunks);
    frame->own = &frame->parts[frame->training ? frame->comm->rank : 0];
}

/* Sums of batchnorm */

void ranks_add_sums(const struct frame *frame, float *sums, size_t stride, size_t count)
{
    float *own = frame->norm_sums + frame->own->nodes_before * count;

    for (size_t i = 0; i < frame->own->nodes; i++) {
        const struct span node = find_node(frame_chunks(frame), frame->own, i);
        frame_add_tree(sums + node.first * stride, stride, node.count, count);
        memcpy(own + i * count, sums + node.first * stride, count * sizeof *sums);
    }
    for (size_t i = 1; i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        const struct part *part = &frame->parts[rank];
        receive(frame->meeting, rank, comm_floats(frame->norm_sums + part->nodes_before * count, part->nodes * count));
        send(frame->meeting, rank, comm_floats(own, frame->own->nodes * count));
    }
    exchange_finish(frame->meeting);
    add_nodes(frame_chunks(frame), frame->parts, count, count, frame->norm_sums);
    memcpy(sums, frame->norm_sums, count * sizeof *sums);
}

/* Parameters */

/* Some of them, behind one another in the frame's order, that ranks share out in units. */
struct tract {
    size_t first, count, unit;
};

static struct tract tract_of_run(const struct run *run)
{
    return (struct tract){ run->parameters, run->parameter_count, PIECE };
}

/* Rows of the weight of the dense layer after a run; none where that is a batchnorm, or none. */
static struct tract tract_of_rows(const struct frame *frame, const struct run *run)
{
    const struct layer *layer = run_meeting(frame, run);

    if (!layer || layer->kind != LAYER_DENSE)
        return (struct tract){ 0, 0, 1 };
    return (struct tract){ frame->offsets[layer->weight], shape_size(layer->in) * layer->out.channels,
                           frame->kernels.dense_inputs * layer->out.channels };
}

/* What a rank has of it. */
static struct span tract_share(const struct frame *frame, struct tract tract, size_t rank)
{
    struct span share = share_of(tract.count, tract.unit, rank, frame->comm->ranks);

    share.first += tract.first;
    return share;
}

/* What ranks have changed, or, where gradients are clipped, what is to be, goes to all. */
static void begin_spread(const struct frame *frame, struct tract tract, struct exchange *exchange)
{
    float *changed = frame->early_count ? frame->parameters : frame->gradients;
    const struct span own = tract_share(frame, tract, frame->comm->rank);

    for (size_t i = 1; i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        const struct span its = tract_share(frame, tract, rank);
        receive(exchange, rank, comm_floats(changed + its.first, its.count));
        send(exchange, rank, comm_floats(changed + own.first, own.count));
    }
}

static void collect_tract(const struct frame *frame, struct tract tract, float *array)
{
    for (size_t rank = 1; rank < frame->comm->ranks; rank++) {
        const struct span its = tract_share(frame, tract, rank);
        if (frame->comm->rank == 0)
            receive(frame->meeting, rank, comm_floats(array + its.first, its.count));
        else if (frame->comm->rank == rank)
            send(frame->meeting, 0, comm_floats(array + its.first, its.count));
    }
    exchange_finish(frame->meeting);
}

/* Where gradients are clipped, every rank has all there is. */
void ranks_collect(const struct frame *frame, float *array)
{
    for (size_t i = 0; frame->early_count && i < frame->run_count; i++) {
        collect_tract(frame, tract_of_run(&frame->runs[i]), array);
        collect_tract(frame, tract_of_rows(frame, &frame->runs[i]), array);
    }
}

/* Gradients of runs */

struct span rank_pieces(const struct frame *frame)
{
    return share_of(gather_pieces(frame), 1, frame->comm->rank, frame->comm->ranks);
}

/* The parameters of a run that a rank changes, counted from its first. */
static struct span parameters_of(const struct frame *frame, const struct run *run, size_t rank)
{
    return share_of(run->parameter_count, PIECE, rank, frame->comm->ranks);
}

/* The sums of own nodes, of the parameters of another rank, and those of its nodes, of own ones: a row each. */
static struct block outgoing(const struct frame *frame, const struct run *run, size_t rank)
{
    const struct span its = parameters_of(frame, run, rank);
    const size_t nodes = frame->own->nodes, size = its.count * sizeof *run->outgoing;

    return (struct block){ run->outgoing + nodes * its.first, nodes, size, size };
}

static struct block incoming(const struct frame *frame, const struct run *run, size_t rank)
{
    const struct part *part = &frame->parts[rank];
    const size_t own = parameters_of(frame, run, frame->comm->rank).count, size = own * sizeof *run->incoming;

    return (struct block){ run->incoming + part->nodes_before * own, part->nodes, size, size };
}

void ranks_keep(const struct frame *frame, size_t first, size_t n, const float *sum)
{
    const struct run *run = frame->run;
    size_t rank = 0;
    struct span span = parameters_of(frame, run, rank);
    struct block sums;

    while (first >= span.first + span.count)
        span = parameters_of(frame, run, ++rank);
    sums = rank == frame->comm->rank ? incoming(frame, run, rank) : outgoing(frame, run, rank);
    memcpy((float *)sums.at + frame->node_number * span.count + first - span.first, sum, n * sizeof *sum);
}

void ranks_begin_sums(const struct frame *frame)
{
    for (size_t i = 1; i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        receive(frame->run->sums, rank, incoming(frame, frame->run, rank));
        send(frame->run->sums, rank, outgoing(frame, frame->run, rank));
    }
}

bool ranks_end_sums(const struct frame *frame)
{
    exchange_finish(frame->run->sums);
    return are_many(frame);
}

float *ranks_piece(const struct frame *frame, size_t number, size_t *stride)
{
    const struct span own = parameters_of(frame, frame->run, frame->comm->rank);

    *stride = own.count;
    return frame->run->incoming + number * PIECE - own.first;
}

void ranks_begin_changed(const struct frame *frame)
{
    begin_spread(frame, tract_of_run(frame->run), frame->run->changed);
}

/* Dense layers */

struct span rank_input_blocks(const struct frame *frame)
{
    return share_of(dense_backward_blocks(frame), 1, frame->comm->rank, frame->comm->ranks);
}

static struct span inputs_of(const struct frame *frame, const struct layer *layer, size_t rank)
{
    return share_of(shape_size(layer->in), frame->kernels.dense_inputs, rank, frame->comm->ranks);
}

/* Of an array like the input of a dense layer, those inputs that one rank has the rows of, of another one's samples. */
static struct block inputs_at(const struct frame *frame, const struct layer *layer, float *array, size_t of_rows,
                              size_t of_samples)
{
    const struct span inputs = inputs_of(frame, layer, of_rows), samples = frame->parts[of_samples].samples;
    const size_t width = shape_size(layer->in);

    return (struct block){ array + samples.first * width + inputs.first, samples.count, inputs.count * sizeof *array,
                           width * sizeof *array };
}

void ranks_begin_inputs(const struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const size_t own = frame->comm->rank;
    float *x = value_at(frame, layer->input, 0);

    for (size_t i = 1; frame->training && i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        receive(frame->run->operands, rank, inputs_at(frame, layer, x, own, rank));
        send(frame->run->operands, rank, inputs_at(frame, layer, x, rank, own));
    }
}

/* Has its input another reader, which has left a gradient there? */
static bool adds_slope(const struct frame *frame, const struct layer *layer)
{
    return layer->number < frame->values[layer->input].last;
}

float *ranks_input_slope(const struct frame *frame, const struct layer *layer)
{
    float *slope = frame->values[layer->input].slope;

    return slope && adds_slope(frame, layer) ? frame->addends : slope;
}

void ranks_begin_input_slopes(const struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const size_t own = frame->comm->rank;
    float *dx = ranks_input_slope(frame, layer);

    for (size_t i = 1; dx && i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        receive(frame->run->operands, rank, inputs_at(frame, layer, dx, rank, own));
        send(frame->run->operands, rank, inputs_at(frame, layer, dx, own, rank));
    }
}

void ranks_end_input_slopes(const struct frame *frame)
{
    const struct layer *layer = run_meeting(frame, frame->run);
    const struct value *value = &frame->values[layer->input];
    const size_t first = frame->own->samples.first * value->size;

    exchange_finish(frame->run->operands);
    if (value->slope && adds_slope(frame, layer))
        frame_add(frame->own->samples.count * value->size, frame->addends + first, value->slope + first);
}

void ranks_begin_slopes(const struct frame *frame)
{
    const struct value *value = &frame->values[run_meeting(frame, frame->run)->number + 1];
    const struct span own = frame->own->samples;

    for (size_t i = 1; i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        const struct span its = frame->parts[rank].samples;
        receive(frame->run->operands, rank,
                comm_floats(value->slope + its.first * value->size, its.count * value->size));
        send(frame->run->operands, rank, comm_floats(value->slope + own.first * value->size, own.count * value->size));
    }
}

void ranks_end_operands(const struct frame *frame)
{
    exchange_finish(frame->run->operands);
}

void ranks_begin_rows(const struct frame *frame)
{
    begin_spread(frame, tract_of_rows(frame, frame->run), frame->run->rows);
}

void ranks_end_rows(const struct frame *frame)
{
    exchange_finish(frame->run->rows);
}

void ranks_end_changed(const struct frame *frame)
{
    for (size_t i = 0; i < frame->run_count; i++)
        exchange_finish(frame->runs[i].changed);
}

void ranks_end_all(const struct frame *frame)
{
    ranks_end_changed(frame);
    for (size_t i = 0; i < frame->run_count; i++)
        exchange_finish(frame->runs[i].rows);
}

/* What a step comes to */

void ranks_begin_losses(const struct frame *frame)
{
    const struct span own = frame->own->samples;

    for (size_t i = 1; i < frame->comm->ranks; i++) {
        const size_t rank = other(frame, i);
        const struct span its = frame->parts[rank].samples;
        receive(frame->results, rank, comm_floats(frame->losses + its.first, its.count));
        receive(frame->results, rank, comm_bytes(frame->correct + its.first, its.count));
        send(frame->results, rank, comm_floats(frame->losses + own.first, own.count));
        send(frame->results, rank, comm_bytes(frame->correct + own.first, own.count));
    }
}

void ranks_end_losses(const struct frame *frame)
{
    exchange_finish(frame->results);
}

/* Memory */

/* The most nodes that any number of chunks has, of all ranks; *own: of this one alone. */
static size_t most_nodes(const struct frame *frame, size_t *own)
{
    const struct part *mine = &frame->parts[frame->comm->rank], *last = &frame->parts[frame->comm->ranks - 1];
    size_t most = 0;

    *own = 0;
    for (size_t chunks = 1; chunks <= frame->chunks; chunks++) {
        share_chunks(chunks, frame->comm->ranks, frame->parts);
        *own = size_larger(*own, mine->nodes);
        most = size_larger(most, last->nodes_before + last->nodes);
    }
    return most;
}

static void arrange_run(struct frame *frame, struct run *run, size_t nodes, size_t own_nodes)
{
    const size_t others = frame->comm->ranks - 1;

    run->outgoing = memory_floats(own_nodes * run->parameter_count);
    run->incoming = memory_floats(nodes * parameters_of(frame, run, frame->comm->rank).count);
    run->sums = exchange_new(frame->comm, 2 * others);
    run->changed = exchange_new(frame->comm, 2 * others);
    run->operands = exchange_new(frame->comm, 4 * others);
    run->rows = exchange_new(frame->comm, 2 * others);
}

/* What a batchnorm, and a dense layer whose input has another reader, need. */
static void arrange_meetings(struct frame *frame, size_t nodes)
{
    const struct plan *plan = frame->engine.plan;
    size_t channels = 0, inputs = 0;

    for (const struct layer *layer = plan->layers; layer < plan->layers + plan->layer_count; layer++) {
        if (layer->kind == LAYER_BATCHNORM)
            channels = size_larger(channels, layer->in.channels);
        if (layer->kind == LAYER_DENSE && adds_slope(frame, layer))
            inputs = size_larger(inputs, shape_size(layer->in));
    }
    frame->norm_sums = memory_floats(nodes * 2 * channels);
    frame->addends = memory_floats(plan->batch * inputs);
    frame->meeting = exchange_new(frame->comm, 2 * frame->comm->ranks);
    frame->results = exchange_new(frame->comm, 4 * frame->comm->ranks);
}

void ranks_arrange(struct frame *frame)
{
    size_t nodes, own;

    frame->parts = memory_new(frame->comm->ranks, sizeof *frame->parts);
    if (!are_many(frame))
        return;
    nodes = most_nodes(frame, &own);
    for (size_t i = 0; i < frame->run_count; i++)
        arrange_run(frame, &frame->runs[i], nodes, own);
    arrange_meetings(frame, nodes);
}

void ranks_release(struct frame *frame)
{
    for (size_t i = 0; i < frame->run_count; i++) {
        struct run *run = &frame->runs[i];
        free(run->outgoing);
        free(run->incoming);
        exchange_free(run->sums);
        exchange_free(run->changed);
        exchange_free(run->operands);
        exchange_free(run->rows);
    }
    free(frame->parts);
    free(frame->norm_sums);
    free(frame->addends);
    exchange_free(frame->meeting);
    exchange_free(frame->results);
}
