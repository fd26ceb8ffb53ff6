# The last epoch that is measured: awk -f records.awk -f reached.awk TRIAL/metrics.tsv
{ last = value("epoch") }
END { print last }
