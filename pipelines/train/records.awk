# Records (libcommon/base/records.h), for the scripts beside it to begin with: awk -f records.awk -f plan.awk FILE...
#
# A line with "#" names the columns of those after it, in `field`; a script sees only the others. "#end" ends records from stdin, which
# come from another process: it sets `whole`.

BEGIN { FS = OFS = "\t" }

function value(column) { return column in field ? $field[column] : "" }

# Into epoch_of[1..named], the epochs that names speak of, in their order; a name may be anything, and nobody counts up to it.
function insert(epoch, i) {
    for (i = ++named; i > 1 && epoch_of[i - 1] > epoch; i--)
        epoch_of[i] = epoch_of[i - 1]
    epoch_of[i] = epoch
}

FNR == 1 { split("", field) }
$0 == "#end" { whole = 1; next }
/^#/ {
    split("", field)
    for (i = 1; i <= NF; i++)
        field[i == 1 ? substr($i, 2) : $i] = i
    next
}
