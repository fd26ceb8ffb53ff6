#include "policy/patience.h"

bool patience_ends(struct patience *patience, uint64_t epoch, double accuracy)
{
    if (!patience->begun || accuracy > patience->best) {
        patience->begun = true;
        patience->best = accuracy;
        patience->best_epoch = epoch;
    }
    return patience->limit > 0 && epoch - patience->best_epoch >= patience->limit;
}
