# How all figures look. A colour of red 1 is one of the style sheet: figure.awk says which. `height` is given.
set terminal svg size 400,height dynamic noenhanced font ",12"
set datafile separator "\t"
set datafile missing "none"
set datafile commentschars ""
set border 1 linecolor "black" linewidth 1
set tics nomirror scale 0.5
set ytics scale 0
set grid ytics linetype 1 linecolor rgb "#010004" linewidth 1
unset mxtics
set xtics autofreq
set key tmargin left horizontal Left reverse samplen 2 width -3 maxrows 1
set lmargin 7
set rmargin 2
set bmargin 2
set offsets 0, 0, graph 0.04, graph 0.04
set style line 1 linecolor rgb "#010001" linewidth 1.5 dashtype (6,4) pointtype 5 pointsize 0.35
set style line 2 linecolor rgb "#010002" linewidth 2.5 pointtype 7 pointsize 0.6
set style line 3 linecolor rgb "#010003" linewidth 1.5 dashtype (2,3) pointtype 9 pointsize 0.6
set style line 4 linecolor rgb "#010002" linewidth 0
set style line 5 linecolor rgb "#010002" linewidth 0
set style fill transparent solid 0.14 noborder
