/* doctor/lineage.h: in which order those stand that are there and those that were. */
#include "doctor/lineage.h"

#include "base/memory.h"
#include "base/text.h"
#include "unit.h"

#include <string.h>

/* A finding that could be read and whose chain was judged, or ("") one that could not. */
static void find(struct findings *findings, const char *digest, uint64_t epoch)
{
    struct finding *finding = findings_add(findings, memory_string("file"), RUN_CHECKPOINT);

    finding->known = *digest != '\0';
    finding->link = finding->known ? CHAIN_LINKED : CHAIN_UNJUDGED;
    finding->claims.epoch = epoch;
    strcpy(finding->claims.digest, digest);
}

static void bury(struct tombstones *tombstones, const char *digest, uint64_t epoch)
{
    tombstones_add(tombstones, &(struct tombstone){ .path = "file", .digest = digest, .epoch = epoch });
}

static void check_order(const struct findings *findings, const struct tombstones *tombstones, const char *wanted)
{
    struct lineage lineage = lineage_make(findings, tombstones);
    struct text order = { 0 };

    text_string(&order, "");
    for (size_t i = 0; i < lineage.n; i++) {
        const struct ancestor *ancestor = &lineage.at[i];
        CHECK(!ancestor->finding != !ancestor->tombstone);
        text_format(&order, "%s ",
                    ancestor->tombstone        ? ancestor->tombstone->digest
                    : ancestor->finding->known ? ancestor->finding->claims.digest
                                               : "?");
    }
    CHECK_TEXT(order.at, wanted);
    text_free(&order);
    lineage_free(&lineage);
}

static void those_that_were_stand_between_those_that_are(void)
{
    struct findings findings = { 0 };
    struct tombstones tombstones = { 0 };

    check_order(&findings, &tombstones, "");
    bury(&tombstones, "zero", 0);
    bury(&tombstones, "two", 2);
    bury(&tombstones, "five", 5);
    check_order(&findings, &tombstones, "zero two five ");
    find(&findings, "one", 1);
    find(&findings, "", 0);
    find(&findings, "three", 3);
    check_order(&findings, &tombstones, "zero one ? two three five ");
    findings_free(&findings);
    tombstones_free(&tombstones);
}

static void who_is_still_there_stands_there_once(void)
{
    struct findings findings = { 0 };
    struct tombstones tombstones = { 0 };

    bury(&tombstones, "one", 1);
    bury(&tombstones, "two", 2);
    find(&findings, "two", 2);
    check_order(&findings, &tombstones, "one two ");
    findings.at[0]->link = CHAIN_UNJUDGED; /* not proven: what it says of itself is nothing */
    check_order(&findings, &tombstones, "one two two ");
    findings_free(&findings);
    tombstones_free(&tombstones);
}

int main(void)
{
    TEST(those_that_were_stand_between_those_that_are);
    TEST(who_is_still_there_stands_there_once);
    return unit_finish();
}
