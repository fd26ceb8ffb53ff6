# Why the checkpoint of an epoch was pruned: awk -v epoch=N -f records.awk -f pruned.awk pruned.tsv
value("epoch") == epoch { print value("reason") }
