# How long each epoch took, by the log of its run: awk -f times.awk log
#
# Prints records (rote-records(5)): epoch; seconds, from "training" to what was said of the result, measuring included, and all that was
# spent on it if it was stopped and gone on with; stops, how often that was. What came before a kill counts as far as the log has it.

BEGIN { OFS = "\t" }

# Seconds from a day long ago to a time such as 2026-11-21T22:28:30+0100. The year begins in March, so that the leap day comes last.
function moment(time, year, month, zone) {
    month = (substr(time, 6, 2) + 9) % 12
    year = substr(time, 1, 4) - (month > 9)
    zone = substr(time, 21, 2) * 60 + substr(time, 23, 2)
    return ((365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * month + 2) / 5) + substr(time, 9, 2)) * 24 \
        + substr(time, 12, 2)) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, 2) - (substr(time, 20, 1) "1") * zone * 60
}

function begin(epoch) {
    if (!(epoch in seconds))
        epoch_of[++n] = epoch
    open = epoch
    begun = now
}

# A clock that was set back measures nothing.
function end(at) {
    if (open == "")
        return
    seconds[open] += at > begun ? at - begun : 0
    open = ""
}

function stop() {
    if (open != "")
        stops[open]++
    end(last)
}

$1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9][+-][0-9][0-9][0-9][0-9]$/ { next }
{ now = moment($1) }
$2 == "epoch" && $3 ~ /^[0-9]+:$/ {
    if (/: training$/ || /: training, on from/) {
        stop()
        begin($3 + 0)
    } else
        end(now)
}
$2 ~ /:$/ && ($3 == "begins" || $3 == "goes" && $4 ~ /^on/) { stop() }
{ last = now }

END {
    stop()
    print "#epoch", "seconds", "stops"
    for (i = 1; i <= n; i++)
        print epoch_of[i], seconds[epoch_of[i]], stops[epoch_of[i]] + 0
}
