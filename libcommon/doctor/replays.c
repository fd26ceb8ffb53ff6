#include "doctor/replays.h"

#include "base/memory.h"
#include "base/random.h"
#include "format/tombstones.h"

#include <stdlib.h>
#include <string.h>

/* A checkpoint to be replayed, and where it begins. */
struct pair {
    struct finding *child;
    const struct finding *parent;
};

static bool is_whole(const struct finding *finding)
{
    return finding->known && finding->state == FINDING_PROVEN && finding->claims.batch == 0;
}

static const struct finding *find_parent(const struct findings *findings, const char *digest)
{
    for (size_t i = 0; i < findings->n; i++)
        if (is_whole(findings->at[i]) && strcmp(findings->at[i]->claims.digest, digest) == 0)
            return findings->at[i];
    return NULL;
}

/* Those that can be replayed, `count` of them. Of the others it is recorded why not. */
static struct pair *find_pairs(const struct replays *replays, const struct tombstones *tombstones,
                               const struct findings *findings, size_t *count)
{
    struct pair *pairs = memory_new(findings->n, sizeof *pairs);

    *count = 0;
    for (size_t i = 0; i < findings->n; i++) {
        struct finding *child = findings->at[i];
        const struct finding *parent;
        if (!is_whole(child) || strcmp(child->claims.parent, CHECKPOINT_NONE) == 0 ||
            child->claims.epoch < replays->first || child->claims.epoch > replays->last)
            continue;
        parent = find_parent(findings, child->claims.parent);
        if (parent)
            pairs[(*count)++] = (struct pair){ child, parent };
        else
            child->replay =
                tombstones_have(tombstones, child->claims.parent) ? REPLAY_PARENT_PRUNED : REPLAY_PARENT_MISSING;
    }
    return pairs;
}

/* Keep `sample` of the pairs, in their order. */
static size_t draw(const struct replays *replays, struct pair *pairs, size_t count)
{
    struct random_draw draw = { .seed = replays->seed, .purpose = RANDOM_ORDER };
    uint32_t *order = memory_new(count, sizeof *order);
    bool *chosen = memory_new(count, sizeof *chosen);
    size_t kept = 0;

    random_order(&draw, order, (uint32_t)count);
    for (size_t i = 0; i < replays->sample; i++)
        chosen[order[i]] = true;
    for (size_t i = 0; i < count; i++)
        if (chosen[i])
            pairs[kept++] = pairs[i];
    free(chosen);
    free(order);
    return kept;
}

static enum status replay(const struct replays *replays, struct pair *pair, struct error *error)
{
    char *difference;
    enum status status = replay_epoch(replays->replay, pair->parent->path, pair->child->path, &difference, error);

    if (status == STATUS_NO)
        finding_fail(pair->child, STATUS_NO, "replay: %s", difference);
    if (status == STATUS_OK || status == STATUS_NO)
        pair->child->replay = status ? REPLAY_DIFFERS : REPLAY_SAME;
    free(difference);
    return status == STATUS_NO ? STATUS_OK : status;
}

enum status replays_run(const struct replays *replays, const char *operand, struct findings *findings,
                        struct error *error)
{
    struct tombstones tombstones;
    struct pair *pairs;
    size_t count;
    enum status status = STATUS_OK;

    tombstones_read(operand, &tombstones, NULL); /* what is wrong with them was found before */
    pairs = find_pairs(replays, &tombstones, findings, &count);
    tombstones_free(&tombstones);
    if (count == 0)
        status = error_set(error, STATUS_NO_INPUT, "%s: replay: no checkpoint of these epochs is there with its parent",
                           operand);
    if (replays->sample && replays->sample < count)
        count = draw(replays, pairs, count);
    for (size_t i = 0; !status && i < count; i++) {
        if (replays->watch)
            replays->watch(pairs[i].child->path, i + 1, count);
        status = replay(replays, &pairs[i], error);
    }
    free(pairs);
    return status;
}

const char *replays_word(enum finding_replay replay)
{
    static const char *const words[] = { "none", "same", "differs", "pruned", "missing" };

    return words[replay];
}
