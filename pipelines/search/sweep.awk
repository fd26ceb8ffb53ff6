# How far a sweep is: awk -v epochs=K -v patience=P -f records.awk -f patience.awk -f sweep.awk trials.tsv RECORDS [TRIAL/run.conf ...]
#
# A pure function of the table, the records of gather.awk, and what the trials that have begun say of themselves: how far they mean to go,
# where nobody else says it, and from which epoch they branch off, which is none of those that are measured. epochs, patience: those of all
# trials that have none of their own; '': their models'. Prints a row a trial, as hp-promote does: `run` until it is `done`, or `failed`.

FILENAME ~ /(^|\/)trials[.]tsv$/ { take_trial(value("trial"), value("epochs"), value("patience")); next }
FILENAME ~ /\/run[.]conf$/ { take_setting(); next }
"failed" in field { failed[value("trial")] = value("failed"); next }
{
    trial = value("trial")
    last[trial] = value("epoch") + 0
    judge(trial, value("epoch"), value("valid.accuracy"), patience_of[trial])
}

function given(text, otherwise) { return text == "" || text == "none" ? otherwise : text }

function take_trial(trial, its_epochs, its_patience) {
    trials[++count] = trial
    goal[trial] = given(its_epochs, epochs)
    patience_of[trial] = given(its_patience, patience) + 0
}

function take_setting(trial, first) {
    trial = FILENAME
    sub(/\/run[.]conf$/, "", trial)
    first = /^fork=/ && match($0, /@[0-9]+$/) ? substr($0, RSTART + 1) + 0 : 0
    if (first > last[trial])
        last[trial] = first
    if (goal[trial] == "" && sub(/^epochs=/, ""))
        goal[trial] = $0
}

function row(trial, state, to, reason) { print trial, state, "none", to, reason }

END {
    print "#trial", "state", "rung", "epochs", "reason"
    for (i = 1; i <= count; i++) {
        trial = trials[i]
        if (trial in failed)
            row(trial, "failed", last[trial] + 0, failed[trial])
        else if (trial in stop)
            row(trial, "done", stop[trial], "no better validation accuracy in " patience_of[trial] " epochs")
        else if (goal[trial] != "" && last[trial] >= goal[trial] + 0)
            row(trial, "done", last[trial], "all its epochs")
        else
            row(trial, "run", given(goal[trial], "none"), "a sweep trains every trial")
    }
}
