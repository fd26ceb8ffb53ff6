# What is known of trials: awk -v restarts=5 -f records.awk -f gather.awk trials.tsv [failures.tsv] [TRIAL/metrics.tsv ...]
#
# Prints records: a row for each epoch of each trial of the table, with its checkpoint and what may decide (so nothing of the test set);
# then one for each trial that has failed for good, and why: once too often, or so that it would be the same again, by the statuses 64
# (it cannot be trained so), 65 (it diverges, or the data is wrong) and 73 (its directory is none of ours, or cannot be written). One that
# has got further since was tried again with success.

BEGIN {
    n = split("epoch path digest train.loss train.accuracy valid.loss valid.accuracy", columns, " ")
    printf "#trial"
    for (i = 1; i <= n; i++)
        printf "\t%s", columns[i]
    print ""
}

FILENAME ~ /(^|\/)trials[.]tsv$/ { trials[++count] = value("trial"); listed[value("trial")]; next }
FILENAME == "failures.tsv" {
    trial = value("trial")
    tries[trial]++
    epoch[trial] = value("epoch")
    reason[trial] = value("reason")
    final[trial] = value("status") ~ /^(6[45]|73)$/
    next
}
{
    trial = FILENAME
    sub(/\/.*/, "", trial)
    if (!(trial in listed))
        next
    printf "%s", trial
    for (i = 1; i <= n; i++)
        printf "\t%s", value(columns[i])
    print ""
    last[trial] = value("epoch")
}
END {
    print "#trial", "epoch", "failed"
    for (i = 1; i <= count; i++) {
        trial = trials[i]
        if (last[trial] + 0 > epoch[trial] + 0)
            continue
        if (final[trial])
            print trial, epoch[trial], reason[trial]
        else if (tries[trial] > restarts)
            print trial, epoch[trial], "tried again " restarts " times: " reason[trial]
    }
}
