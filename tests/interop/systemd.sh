#!/bin/sh
# contrib/systemd in the hands of systemd: a container is booted that has this machine's /usr, and rote as `make install` puts it.
#
# It has no network and ends with this script. What is tried there is the second half of this file; it writes its results to
# /root/results.
set -eu

skip() { # REASON
    echo "$1"
    exit 77
}

[ "$(id -u)" -eq 0 ] || skip 'only root can boot a container'
command -v systemd-nspawn >/dev/null || skip 'there is no systemd-nspawn here'

mkdir -p container && cd container
mkdir -p usr data dev etc/rote etc/systemd/system/try.target.wants proc root run sys tmp var/lib var/log
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$folder"; done
cp /etc/os-release /etc/ld.so.cache /etc/nsswitch.conf etc
cp -a /etc/alternatives etc
: >etc/machine-id
printf 'root:x:0:0::/root:/bin/sh\nrote:x:990:990::/var/lib/rote:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nrote:x:990:\n' >etc/group
cp "$DATA"/* "$MODEL" data
chmod -R a+rX .
cp "$ROOT/contrib/systemd/again-at-once.conf" root
make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$PWD/../installed" install >/dev/null

printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >etc/systemd/system/try.target
cat >etc/systemd/system/try.service <<'END_OF_UNIT'
[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh /root/try.sh
ExecStopPost=/bin/systemctl --no-block poweroff
TimeoutStartSec=3min
END_OF_UNIT
ln -s ../try.service etc/systemd/system/try.target.wants

cat >root/try.sh <<'END_OF_SCRIPT'
exec >/root/results 2>&1
unit=rote-train@x.service run=/var/lib/rote/x

settings() { # SETTING...
    printf '%s\n' data=/data model=/data/net.model "$@" >/etc/rote/x.conf
}

is() { # ACTIVE-STATE RESULT
    [ "$(systemctl show -p ActiveState,Result "$unit" | sort | tr '\n' ' ')" = "ActiveState=$1 Result=$2 " ]
}

soon() { # COMMAND...
    for _ in $(seq 200); do
        if "$@"; then return; fi
        sleep 0.1
    done
    return 1
}

# Who trains, if there is one just now: one that has ended by itself hears nothing any more, so this is done until it tells.
kill_one() {
    pkill -KILL -x nn-train-epoch
}

ended() {
    kill_one
    is inactive success
}

began_again() {
    [ "$(systemctl show -P NRestarts "$unit")" -ge 1 ] || { kill_one && false; }
}

report() { # SENTENCE COMMAND...
    sentence=$1
    shift
    if "$@"; then
        echo "ok - $sentence"
    else
        echo "not ok - $sentence"
        systemctl status --no-pager "$unit" | sed 's/^/# /'
    fi
}

settings epochs=9999
systemctl start "$unit"
report 'the service trains in its directory' soon test -e "$run/epoch-0002.safetensors"
report 'as its own user' [ "$(stat -c %U "$run")" = rote ]
systemctl stop "$unit"
report 'to stop it is no failure' is inactive success
report 'and it has heard of that in time' grep -q 'stopped by a signal' "$run/log"
size=$(stat -c %s "$run/log")
touch "$run/hold"
systemctl start "$unit"
report 'a run that is held is not begun' is inactive success
report 'and is as it was' [ "$(stat -c %s "$run/log")" -eq "$size" ]
rm "$run/hold"
systemctl start "$unit"
report 'if somebody kills who trains, the timer goes on: no failure' soon ended
mkdir "/etc/systemd/system/$unit.d"
sed 's/1min/1s/' /root/again-at-once.conf >"/etc/systemd/system/$unit.d/again-at-once.conf"
systemctl daemon-reload
systemctl start "$unit"
report 'with the drop-in it begins again' soon began_again
report 'and trains' soon is active success
systemctl stop "$unit"
report 'and stops when it is told' is inactive success
rm -r "/etc/systemd/system/$unit.d"
systemctl daemon-reload
settings epochs=9999 until=1
systemctl start "$unit"
report 'a time budget that is used up is no failure' soon is inactive success
settings epochs=many
systemctl start "$unit"
report 'an error is a failure' soon is failed exit-code
report 'of which the journal has the reason' soon eval 'journalctl -q -u "$unit" | grep -q "epochs=many: not a whole number"'
systemctl start rote-train@x.timer
report 'the timer has a next time' soon eval 'systemctl list-timers --no-legend | grep -q ":30:00 .*rote-train@x.timer"'
echo done
END_OF_SCRIPT

timeout 240 systemd-nspawn -q --register=no --keep-unit --private-network -D "$PWD" --bind-ro=/usr \
    --bind-ro="$PWD/../installed/usr/local:/usr/local" -b systemd.unit=try.target >../console 2>&1 </dev/null || :
[ -s root/results ] || skip "no container could be booted: $(tail -n 1 ../console)"
grep -v '^done$' root/results
grep -q '^done$' root/results && ! grep -q '^not ok' root/results
