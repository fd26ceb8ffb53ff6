# metrics.tsv of a run, from its evaluations: awk -f metrics.awk epoch-*.eval
#
# A row for each epoch that has the checkpoint's own record (ckpt-info), in the order of epochs; in it what the records of nn-eval say
# of that checkpoint on the splits valid and test. Values are passed on as they are spelt.

BEGIN {
    FS = OFS = "\t"
    n = split("path digest step train.loss train.accuracy valid.loss valid.accuracy test.loss test.accuracy", columns, " ")
}

function value(column) { return column in field ? $field[column] : "none" }

# In their order; nobody counts up to the number in a name.
function insert(epoch, i) {
    for (i = ++named; i > 1 && epoch_of[i - 1] > epoch; i--)
        epoch_of[i] = epoch_of[i - 1]
    epoch_of[i] = epoch
}

function take(epoch, part) {
    if (FILENAME !~ sprintf("^epoch-%04.0f[.]eval$", epoch))
        return
    if (!(epoch in seen))
        insert(epoch + 0)
    seen[epoch]
    if (!("split" in field)) {
        digest[epoch] = value("digest")
        for (i = 1; i <= 5; i++)
            metric[epoch, columns[i]] = value(columns[i])
    } else if (value("digest") == digest[epoch]) {
        part = value("split")
        metric[epoch, part ".loss"] = value("loss")
        metric[epoch, part ".accuracy"] = value("accuracy")
    }
}

FNR == 1 { split("", field) }
/^#/ {
    split("", field)
    for (i = 1; i <= NF; i++)
        field[i == 1 ? substr($i, 2) : $i] = i
    next
}
{ take(value("epoch")) }

END {
    printf "#epoch"
    for (i = 1; i <= n; i++)
        printf "\t%s", columns[i]
    print ""
    for (place = 1; place <= named; place++) {
        epoch = epoch_of[place]
        if (!(epoch in digest))
            continue
        printf "%.0f", epoch
        for (i = 1; i <= n; i++)
            printf "\t%s", (epoch, columns[i]) in metric ? metric[epoch, columns[i]] : "none"
        print ""
    }
}
