# The page, for report.sh to read in: each of these prints a part of it, from what gather.sh has left in $place. $number tells the runs
# apart, 0 is all of them; $level is that of the heading above.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# A page that lacks a part looks as if it were whole: what does not come to the stage ends the report.
fail_to_write() {
    fail 74 "${TMPDIR:-/tmp}: write: the page could not be written there"
}

put() { # FORMAT [ARGUMENT...]
    # shellcheck disable=SC2059 # it is that of the caller
    { printf "$@"; } 2>/dev/null || fail_to_write
}

# A filter: text from a file as HTML, without characters that play tricks.
as_html() {
    harmless '\000-\010\013-\037\177' | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

# Sets $text.
to_html() { # TEXT
    printable "$1"
    text=$(printf '%s\n' "$text" | as_html) || exit 71
}

write_lack() { # SENTENCE
    to_html "$1"
    put '<p class="lack">%s.</p>\n' "$text"
}

write_head() { # TITLE
    to_html "$1"
    cat <<END || fail_to_write
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>$text</title>
<style>
END
    cat "$here/report/report.css" || fail_to_write
    put '</style>\n</head>\n<body>\n<main>\n'
}

write_foot() {
    put '<footer><p>Made by rote-report. The same files make the same page.</p></footer>\n'
    put '</main>\n</body>\n</html>\n'
}

# A section of the page goes up to the next heading of its level.
write_heading() { # TEXT
    put '<h%s class="section">%s</h%s>\n' $((level + 1)) "$1" $((level + 1))
}

# A figure of what gnuplot draws from NAME.gnuplot of $place. That it was ended by a signal says nothing of what it can draw.
write_figure() { # NAME TITLE WORDS HEIGHT
    supervise env -C "$place" gnuplot -d -e "height=$4" "$here/report/style.gnuplot" "$1.gnuplot" >"$place/$1.svg" 2>"$place/said"
    [ -z "$stopping" ] || stop_here
    ! is_signal "$status" || fail_as gnuplot
    if [ "$status" -ne 0 ]; then
        write_lack "$2: gnuplot cannot draw it: $(tail -n 1 "$place/said")"
        return
    fi
    put '<figure>\n<figcaption>%s</figcaption>\n' "$2"
    title=$2 words=$3 awk -v id="r$number-$1" -v marks="$marks" -f "$here/report/figure.awk" "$place/$1.svg" || fail_in figure
    put '</figure>\n'
    marks=''
}

# A figure of what SCRIPT makes of records; it says itself what it shows. Where it has nothing to draw, the reason stands there.
write_plot() { # NAME REASON HEIGHT SCRIPT [-v NAME=VALUE...] FILE...
    plot=$1 reason=$2 height=$3 drawing=$4
    shift 4
    on_page "$drawing" "$@" >"$place/$plot.gnuplot"
    if [ -s "$place/$plot.gnuplot" ]; then
        caption=$(on_page "$drawing" -v say=title "$@") || exit
        words=$(on_page "$drawing" -v say=words "$@") || exit
        write_figure "$plot" "$caption" "$words" "$height"
    else
        write_lack "$reason"
    fi
}

# A table that is wider or longer than there is room scrolls by itself, with the keyboard too.
write_table() { # NAME CAPTION FILE
    put '<p class="caption" id="r%s-%s">%s</p>\n' "$number" "$1" "$2"
    put '<div class="scroll" tabindex="0" role="region" aria-labelledby="r%s-%s">\n' "$number" "$1"
    put '<table class="%s" aria-labelledby="r%s-%s">\n' "$1" "$number" "$1"
    cat "$3" || fail_to_write
    put '</table>\n</div>\n'
}

write_curves() {
    write_heading Curves
    put '<div class="figures">\n'
    for metric in accuracy loss; do
        write_plot "$metric" "There are no curves of the $metric: no epoch has one that is a number" 250 \
            curves -v metric="$metric" "$place/epochs"
    done
    write_plot rate "There is no curve of the learning rate: ${no_rates:-the model tells none}" 250 rates -v done="$last" "$place/rates"
    write_plot time 'Nobody knows how long the epochs took: the log of the run is not there, or says nothing of them' 250 \
        spent -v every="$every" "$place/epochs"
    put '</div>\n'
}

write_mistakes() {
    write_heading Mistakes
    if [ -n "$no_mistakes" ]; then
        write_lack "What is taken for what cannot be shown: $no_mistakes"
        return
    fi
    to_html "${checkpoint#./}"
    case $split in
    valid) put '<p>Of <code>%s</code>, on the validation set.\n' "$text" ;;
    test) put '<p>Of <code>%s</code>, on the test set, as there is no validation set.\n' "$text" ;;
    esac
    on_page confusion -v say=words "$place/confusion"
    put '</p>\n'
    on_page confusion "$place/confusion" >"$place/matrix"
    [ ! -s "$place/matrix" ] || write_table matrix 'Pictures of each class (rows), and what they were taken for (columns)' "$place/matrix"
    write_pictures
}

write_pictures() {
    if [ -n "$no_pictures" ]; then
        write_lack "The worst mistakes cannot be drawn: $no_pictures"
        return
    fi
    [ "$pictures" -gt 0 ] || return 0
    put '<p class="caption" id="r%s-pictures">The mistakes of which it was most sure</p>\n' "$number"
    put '<ul class="pictures" aria-labelledby="r%s-pictures">\n' "$number"
    picture=0
    while [ "$picture" -lt "$pictures" ]; do
        picture=$((picture + 1))
        put '<li><figure>\n<img src="data:image/png;base64,'
        base64 -w 0 "$place/picture-$picture" || fail 74 "$run: report: base64 could not do its work"
        put '" '
        on_page mistake -v number="$picture" -v set="$split" "$place/mistakes"
        put '</figure></li>\n'
    done
    put '</ul>\n'
}

write_numbers() {
    write_heading Numbers
    on_page table -v chosen="$chosen" -v every="$every" "$place/epochs" >"$place/table"
    if [ ! -s "$place/table" ]; then
        write_lack 'There are none yet'
        return
    fi
    on_page bests "$place/summary" "$place/epochs" >"$place/bests"
    write_table bests 'The best by each metric' "$place/bests"
    write_table numbers 'Each epoch' "$place/table"
    on_page table -v say=words "$place/epochs"
}

write_text() { # NAME FILE
    put '<div>\n<h%s class="part">%s</h%s>\n' $((level + 2)) "$1" $((level + 2))
    if [ -s "$2" ]; then
        put '<pre tabindex="0" role="region" aria-label="%s">' "$1"
        as_html <"$2" || fail_to_write
        put '</pre>\n'
    else
        write_lack 'It is not there, or empty'
    fi
    put '</div>\n'
}

write_recipe() {
    write_heading Recipe
    put '<div class="figures">\n'
    write_text 'Settings, run.conf' "$place/run.conf"
    write_text 'Model, net.model' "$place/net.model"
    put '</div>\n'
}

write_checkpoints() {
    write_heading Checkpoints
    if [ -n "$no_checks" ]; then
        write_lack "The chain of checkpoints could not be looked at: $no_checks"
        return
    fi
    on_page checkpoints -v say=words "$place/pruned.tsv" "$place/checks"
    on_page checkpoints -v chosen="$chosen" "$place/pruned.tsv" "$place/checks" >"$place/chain"
    [ ! -s "$place/chain" ] || write_table chain 'The chain, from the first to the last' "$place/chain"
}

write_run() {
    to_html "$run"
    put '<article id="r%s">\n<header>\n<p class="kind">rote run</p>\n<h%s class="title">%s</h%s>\n' "$number" "$level" "$text" "$level"
    on_page overview -v every="$every" "$place/summary" "$place/epochs"
    put '</header>\n'
    write_curves
    write_mistakes
    write_numbers
    write_recipe
    write_checkpoints
    put '</article>\n'
}

# Of several runs, in the directory of the stage; the operands are the files `epochs` of each.
write_comparison() { # FILE...
    put '<article>\n<header>\n<p class="kind">rote report</p>\n<h1 class="title">%s runs side by side</h1>\n<p class="answer">' "$#"
    on_page ranking -v say=words "$place/summaries"
    put '</p>\n</header>\n'
    on_page ranking "$place/summaries" >"$place/ranking"
    write_table ranking 'The runs, the best first' "$place/ranking"
    put '<div class="figures">\n'
    set -- $((270 + 17 * $#)) "$place/summaries" "$@"
    write_compared accuracy 'no run has a validation accuracy' "$@"
    write_compared loss 'no run has a validation loss' "$@"
    write_compared size 'no run has a validation accuracy and says how many pictures it was trained on' "$@"
    write_compared time 'no run has a log that tells its time' "$@"
    put '</div>\n'
    shift 2
    on_page bests "$place/summaries" "$@" >"$place/bests"
    write_table bests 'The best by each metric' "$place/bests"
    put '</article>\n'
}

write_compared() { # WHAT REASON HEIGHT FILE...
    what=$1 reason=$2 height=$3
    shift 3
    write_plot "$what" "There is no picture of this: $reason" "$height" compare -v what="$what" "$@"
}
