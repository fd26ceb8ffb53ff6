# What the test of pages finds: it is tried on a small tree made up here.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir cmd man tests bin
    touch cmd/nn-nap.c tests/nn-nap.bats
    cat >bin/nn-nap <<'END'
#!/bin/sh
printf 'usage: nn-nap [-k name]\n       nn-nap --min\nsleep a little\n'
printf '  -k, --key NAME   choose\n      --min        the smallest\n'
END
    chmod +x bin/nn-nap
    PATH=$PWD/bin:$PATH
    cat >man/nn-nap.1 <<'END'
.Dd November 21, 2026
.Dt NN-NAP 1
.Os rote
.Sh NAME
.Nm nn-nap
.Nd sleep a little
.Sh SYNOPSIS
.Nm
.Op Fl k Ar name
.Nm
.Fl -min
.Sh DESCRIPTION
.Bl -tag -width Ds
.It Fl k Ar name , Fl -key Ar name
Choose.
.It Fl -min
The smallest.
.El
.Sh EXAMPLES
.Dl $ ls data/train-images-idx3-ubyte && word=here
.Bd -literal
$ for i in 1 2; do
>     echo $word '\e'
> done | grep here
.Ed
END
}

pages() {
    run "$1" "$ROOT/tests/pages.sh" "$PWD"
}

@test "a page with its options and working examples passes" {
    pages -0
    assert_output_has 'ok - nn-nap: -h and the page have the same options'
    assert_output_has 'ok - nn-nap.1: mandoc finds nothing wrong'
    assert_output_has 'ok - nn-nap.1: $ ls data/train-images-idx3-ubyte && word=here'
    assert_output_has 'ok - nn-nap.1: $ for i in 1 2; do'
}

@test "a program without a page and a suite is found" {
    rm man/nn-nap.1 tests/nn-nap.bats
    pages -1
    assert_output_has 'not ok - nn-nap has a page'
    assert_output_has 'not ok - nn-nap has a suite'
}

@test "an option that the page lacks, and one that it alone has, are found" {
    sed -i 's/Fl k/Fl x/' man/nn-nap.1
    pages -1
    assert_output_has 'not ok - nn-nap: -h and the page have the same options'
    assert_output_has '< -k'
    assert_output_has '> -x'
}

@test "a page that shows another command line than -h is found" {
    sed -i 's/^.Op Fl k/.Fl k/' man/nn-nap.1
    pages -1
    assert_output_has 'not ok - nn-nap: -h and the page have the same synopsis'
    assert_output_has '>  nn-nap -k name nn-nap --min'
}

@test "a page that mandoc warns about is found" {
    echo '.El' >>man/nn-nap.1
    pages -1
    assert_output_has 'not ok - nn-nap.1: mandoc finds nothing wrong'
}

@test "a reference to a page that is not there is found" {
    printf '.Sh SEE ALSO\n.Xr nn-wake 1\n' >>man/nn-nap.1
    pages -1
    assert_output_has 'there is no nn-wake.1'
}

@test "an example that fails is shown with what it printed, and the next one still runs" {
    printf '.Dl $ ls nowhere\n.Dl $ test $word = here\n' >>man/nn-nap.1
    pages -1
    assert_output_has 'not ok - nn-nap.1: $ ls nowhere'
    assert_output_has "# ls: cannot access 'nowhere'"
    assert_output_has 'ok - nn-nap.1: $ test $word = here'
}

@test "an example that ends the shell fails, and so do those after it" {
    printf '.Dl $ exit 0\n.Dl $ true\n' >>man/nn-nap.1
    pages -1
    assert_output_has 'not ok - nn-nap.1: $ exit 0'
    assert_output_has 'not ok - nn-nap.1: $ true'
}
