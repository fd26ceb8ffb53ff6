# What is left to do of a run: a pure function of what there is. train.sh does it.
#
#     awk -v checkpoints=3 -v first=0 -v epochs=10 -v every=1 -v evaluate=1 -v splits='valid test' -f records.awk -f plan.awk [records...]
#
# checkpoints: how many files ckpt-verify was asked for; first: the epoch that the run begins with, 0 but for a fork; epochs: how far to
# train; every: a checkpoint each so many epochs; evaluate: evaluations of epochs that are a multiple of it, on the splits. The records, in
# any order: those of ckpt-verify for each file of the run, pruned.tsv, data.tsv, and the evaluations (epoch-NNNN.eval). Ends with 3 if those
# from stdin are not all, and with 4 if ckpt-verify has left one out.
#
# Prints the steps in their order, tab-separated:
#
#     unreadable  FILE  REASON         stands alone: nothing may be decided before this file can be read
#     aside       FILE  REASON         it is proven not to be what its name says
#     remove      FILE  REASON         a partial checkpoint of an epoch that is finished
#     skip        TEXT                 for people: what is there and proven, or was there
#     init        FILE                 the first checkpoint
#     train       FILE  FROM    EPOCH  FROM is the checkpoint of `every` epochs before
#     evaluate    FILE  SPLITS  EPOCH  the splits whose turn it is, or "none": then the checkpoint's own record is all
#     prune                            now that the newest checkpoint is evaluated
#     again                            a checkpoint was made in front of others: whether they follow from it must be looked at
#
# A checkpoint counts when its own digest is proven, its epoch is that of its name, and its parent is the one before it: the file that
# is there, or one that was pruned. While the one before it is missing or damaged its word is taken: the same training is expected to
# give the same digest again, and `again` sees whether it did.

function file_of(epoch) { return sprintf("epoch-%04.0f.safetensors", epoch) }

function read_verified() {
    verified++
    file = value("path")
    if (value("state") == "unreadable") {
        print "unreadable", file, value("reason")
        doubts = 1
    }
    state[file] = value("state")
    reason[file] = value("reason")
    claimed[file] = value("epoch")
    digest[file] = value("digest")
    parent[file] = value("parent")
    if (file == file_of(substr(file, 7) + 0))
        insert(substr(file, 7) + 0)
}

# Records that do not speak of the epoch of their file's name prove nothing.
function read_evaluation(epoch, name) {
    epoch = value("epoch")
    name = FILENAME
    sub(/.*\//, "", name)
    if (name != sprintf("epoch-%04.0f.eval", epoch))
        return
    if ("split" in field)
        evaluated[epoch, value("split")] = value("digest") OFS value("data")
    else
        evaluated[epoch] = value("digest")
}

"state" in field { read_verified(); next }
FILENAME ~ /\.eval$/ { read_evaluation(); next }
"split" in field { set[value("split")] = value("digest"); next }
"digest" in field { pruned[value("epoch")]; tombstone[value("epoch"), value("digest")] }

function follows(epoch, from) {
    from = epoch - every
    if (epoch == first)
        return 1
    if (from in have)
        return parent[file_of(epoch)] == have[from]
    return !(from in pruned) || (from, parent[file_of(epoch)]) in tombstone
}

function judge_checkpoint(epoch, file) {
    file = file_of(epoch)
    if (!(file in state) || epoch < first || epoch % every)
        return
    if (state[file] != "proven")
        wrong[epoch] = reason[file]
    else if (claimed[file] != epoch)
        wrong[epoch] = "it is the checkpoint of epoch " claimed[file]
    else if (!follows(epoch))
        wrong[epoch] = "it does not come from " file_of(epoch - every)
    else
        have[epoch] = digest[file]
}

# Its epoch may be needed because the one before it is: then the child judges it.
function judge_partial(epoch, file, from) {
    file = file_of(epoch) ".part"
    from = epoch - every
    if (!(file in state))
        return
    if (!(epoch in need))
        print "remove", file, "its epoch is finished"
    else if (state[file] != "proven")
        print "aside", file, reason[file]
    else if (from in have && parent[file] != have[from])
        print "aside", file, "it does not go on from " file_of(from)
}

# Of consecutive checkpoints of one state, one line; it is printed before the next step.
function skip(epoch, what) {
    if (what != skipped)
        flush()
    if (skipped == "")
        since = epoch
    last = epoch
    skipped = what
}

function flush() {
    if (skipped != "")
        print "skip", (since == last ? "epoch " since : "epochs " since " to " last) ": " skipped
    skipped = ""
}

function step(what, file, detail, epoch) {
    flush()
    print what, file, detail, epoch
}

function due(epoch) { return epoch % evaluate == 0 && splits != "" ? splits : "none" }

# Is the evaluation that is there of the checkpoint with this digest and of the run's data, and whole?
function is_evaluated(epoch, of, n, names) {
    if (evaluated[epoch] != of)
        return 0
    if (due(epoch) != "none")
        for (n = split(splits, names, " "); n > 0; n--)
            if (evaluated[epoch, names[n]] != of OFS set[names[n]])
                return 0
    return 1
}

# First what is there is evaluated, so that patience is judged by all of it.
function list_steps(epoch, file, latest) {
    for (epoch = first + every; epoch <= epochs; epoch += every)
        if (epoch in have && !is_evaluated(epoch, have[epoch]))
            step("evaluate", file_of(epoch), due(epoch), epoch)
    for (epoch in have)
        latest = epoch + 0 > latest ? epoch + 0 : latest
    for (epoch = first; epoch <= epochs; epoch += every) {
        file = file_of(epoch)
        if (!(epoch in need))
            skip(epoch, epoch in have ? "proven, skipped" : "pruned, skipped")
        else if (epoch == first)
            step("init", file)
        else {
            step("train", file, file_of(epoch - every), epoch)
            step("evaluate", file, due(epoch), epoch)
        }
        if (epoch > first && epoch >= latest)
            step("prune")
    }
    flush()
    if (latest > epochs)
        step("prune")
}

END {
    if (!whole || verified != checkpoints)
        exit whole ? 4 : 3
    if (doubts)
        exit
    for (i = 1; i <= named; i++)
        judge_checkpoint(epoch_of[i])
    for (epoch = epochs; epoch >= first; epoch -= every)
        if (!(epoch in have) && (!(epoch in pruned) || epoch + every in need))
            need[epoch]
    for (i = 1; i <= named; i++)
        if (epoch_of[i] in wrong)
            print "aside", file_of(epoch_of[i]), wrong[epoch_of[i]]
    for (epoch = first + every; epoch <= epochs; epoch += every)
        judge_partial(epoch)
    list_steps()
    for (i = 1; i <= named; i++)
        if (epoch_of[i] in have && epoch_of[i] - every in need) {
            print "again"
            exit
        }
}
