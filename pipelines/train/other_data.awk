# The first set of which the records of an epoch speak and which is not the run's: awk -v first=0 -f records.awk -f other_data.awk data.tsv records
#
# first: 1 where the epoch is the first one. What later epochs are trained on is no question: nn-train-epoch compares it with what their
# parent was.

FILENAME == "data.tsv" { digest[value("split")] = value("digest"); next }
{
    set = "split" in field ? value("split") : "train"
    if ((set != "train" || first) && value("data") != digest[set]) {
        print set == "" ? "?" : set
        exit
    }
}
