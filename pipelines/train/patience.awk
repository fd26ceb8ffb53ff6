# Patience, for judge.awk and search/sweep.awk: an epoch that comes `patience` or more after the best of those up to it is a run's last.
#
# judge() takes a run's epochs in their order. Of each run, `best` is the best validation accuracy, `best_epoch` its epoch, and `stop`
# the last epoch, once there is one.

function known(text) { return text ~ /^[0-9]/ }

function is_better(run, accuracy) { return known(accuracy) && (!(run in best) || accuracy + 0 > best[run]) }

function judge(run, epoch, accuracy, patience) {
    if (is_better(run, accuracy)) {
        best[run] = accuracy + 0
        best_epoch[run] = epoch
    }
    if (patience > 0 && !(run in stop) && known(accuracy) && epoch - best_epoch[run] >= patience)
        stop[run] = epoch
}
