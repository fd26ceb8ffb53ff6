#!/bin/sh
# Hold the library to what rote-arithmetic(7) says of mathematics: of libm it uses fma and sqrt, which IEEE 754 defines to the last bit,
# and nothing else. `symbols.sh FILE` looks at another object file or archive than $BUILD/libcommon.a.
set -eu

file=${1:-${BUILD:-build}/libcommon.a}
symbols=$(nm -A -P -u "$file")
echo "$symbols" | awk '
    BEGIN {
        names = "acosh? asinh? atan[2h]? cosh? sinh? sincos tanh? exp exp2 exp10 expm1 log log10 log1p log2 logb ilogb pow cbrt hypot"
        names = names " erfc? [lt]?gamma lgamma_r [jy][01n] frexp ldexp scalbl?n? modf fmod remainder remquo drem fdim fmax fmin fabs"
        names = names " ceil floor trunc l?l?rint l?l?round roundeven nearbyint copysign nan nextafter nexttoward significand"
        gsub(" ", "|", names)
        # with the prefixes and suffixes that compilers and their types give them; c for complex, _ZGV for vectors
        mathematics = "^(_ZGV[A-Za-z0-9]*_|__)?c?(" names ")(f|l|f16|f32x?|f64x?|f128)?(_finite)?$"

        # Elsewhere: exact, and no number of a network passes through it.
        allowed["number.o", "rint"] = allowed["number.o", "fabs"] = "a whole number is printed as one"
        allowed["checkpoint.o", "rint"] = "a count is read from a share"
    }
    {
        object = $1
        sub(":$", "", object)
        member = object
        sub("]$", "", member)
        sub(".*[[/]", "", member)
        objects[object]
        if ($2 ~ mathematics && !((member, $2) in allowed)) {
            print "not ok - " object " uses " $2 ", which is of libm and neither fma nor sqrt; base/math.h has what rote needs"
            failed = 1
        }
    }
    END {
        for (object in objects)
            count++
        if (!failed)
            print "ok - " count " object files use no mathematics but their own"
        exit failed
    }'
