# All that is known of each epoch, in one row: awk -f records.awk -f epochs.awk metrics rates times epoch-*.eval
#
# The rates are those of nn-init --rates, the times those of times.awk. After the horizon of the schedule its last rate holds.

BEGIN {
    n = split("path digest train.loss train.accuracy valid.loss valid.accuracy valid.low valid.high valid.n " \
        "test.loss test.accuracy test.low test.high test.n first.rate last.rate seconds stops", columns, " ")
}

function keep(epoch, column, of) {
    if (column in field)
        row[epoch, column] = $field[column]
    else if (of != "" && of in field)
        row[epoch, column] = $field[of]
}

"rate" in field {
    if (!((value("epoch"), "first.rate") in row))
        keep(value("epoch"), "first.rate", "rate")
    keep(value("epoch"), "last.rate", "rate")
    rate = value("rate")
    horizon = value("epoch") + 0
    next
}
"seconds" in field || "train.loss" in field && "valid.loss" in field {
    if ("train.loss" in field)
        insert(value("epoch") + 0)
    for (i = 1; i <= n; i++)
        keep(value("epoch"), columns[i])
    next
}
"accuracy.low" in field && row[value("epoch"), "digest"] == value("digest") {
    keep(value("epoch"), value("split") ".low", "accuracy.low")
    keep(value("epoch"), value("split") ".high", "accuracy.high")
    keep(value("epoch"), value("split") ".n", "n")
}

function cell(epoch, column) {
    if (column ~ /rate$/ && epoch > horizon && horizon > 0)
        return rate
    return row[epoch, column] != "" ? row[epoch, column] : "none"
}

END {
    printf "#epoch"
    for (i = 1; i <= n; i++)
        printf "\t%s", columns[i]
    print ""
    for (place = 1; place <= named; place++) {
        printf "%.0f", epoch_of[place]
        for (i = 1; i <= n; i++)
            printf "\t%s", cell(epoch_of[place], columns[i])
        print ""
    }
}
