# metrics.tsv of a run, from its evaluations: awk -f records.awk -f metrics.awk epoch-*.eval
#
# A row for each epoch that has the checkpoint's own record (ckpt-info), in the order of epochs; in it what the records of nn-eval say
# of that checkpoint on the splits valid and test. Values are passed on as they are spelt.

BEGIN {
    n = split("path digest step train.loss train.accuracy valid.loss valid.accuracy test.loss test.accuracy", columns, " ")
}

function take(epoch, part) {
    if (FILENAME !~ sprintf("^epoch-%04.0f[.]eval$", epoch))
        return
    if (!(epoch in seen))
        insert(epoch + 0)
    seen[epoch]
    if (!("split" in field) && value("digest") != "") {
        digest[epoch] = value("digest")
        for (i = 1; i <= 5; i++)
            metric[epoch, columns[i]] = value(columns[i])
    } else if (epoch in digest && value("digest") == digest[epoch]) {
        part = value("split")
        metric[epoch, part ".loss"] = value("loss")
        metric[epoch, part ".accuracy"] = value("accuracy")
    }
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
            printf "\t%s", metric[epoch, columns[i]] != "" ? metric[epoch, columns[i]] : "none"
        print ""
    }
}
