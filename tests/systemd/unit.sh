# Runs inside a machine of its own, booted for this: installs comove as a service and tries it.
# usage: unit.sh REPOSITORY WHEEL SITE_PACKAGES
# Prints "== NAME" and what was seen, for tests/systemd/test_unit.py.
set -u
repository=$1 wheel=$2 site=$3
etc=/etc/comove home=/opt/comove

see() { echo "== $1"; shift; "$@" 2>&1; }
now() { date +%s.%N; }
pid() { systemctl show -P MainPID comove; }
show() { systemctl show -P "$1" comove; }
wait_for() { # SECONDS COMMAND…
    end=$(($(date +%s) + $1)); shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.1
    done
}
active() { [ "$(show ActiveState)" = active ]; }
another() { next=$(pid); [ "$next" != 0 ] && [ "$next" != "$1" ] && active; }
logged() { journalctl -u comove --no-pager -o cat | grep -qF -- "$1"; }

# No index is reached from here: what the wheel needs comes from the tests' own environment.
/usr/bin/python3 -m venv "$home"
python=$(ls "$home/lib")
echo "$site" > "$home/lib/$python/site-packages/tests.pth"
export PIP_NO_INDEX=1 PIP_NO_DEPS=1

# Feeds that lead nowhere, no history to wait for, a broker, and a secret.
"$home/bin/pip" install -q "$wheel"
"$home/bin/comove" init "$etc" >/dev/null
printf 'the-password' > "$etc/mqtt-password"
chmod 600 "$etc/mqtt-password"
sed -i -e '/^notifiers:/,/^  log: {}/c\
notifiers:\
  log: {}\
  mqtt: {host: 127.0.0.1, port: 1883, username: comove, password_credential: mqtt-password}' \
    -e 's/^history:$/history:\n  fetch: false/' "$etc/comove.yaml"
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' > /run/broker.conf
mosquitto -c /run/broker.conf >/dev/null 2>&1 &
cat > /run/listen.py <<'P'
import sys
from paho.mqtt import subscribe
def told(client, userdata, message):
    print(message.topic, message.payload.decode(), flush=True)
subscribe.callback(told, "comove/comove/availability", hostname="127.0.0.1")
P
wait_for 5 bash -c ': > /dev/tcp/127.0.0.1/1883'
"$home/bin/python" /run/listen.py > /run/availability 2>&1 &

mkdir -p /etc/systemd/system/comove.service.d
cat > /etc/systemd/system/comove.service.d/tests.conf <<U
[Service]
LoadCredential=mqtt-password:$etc/mqtt-password
WatchdogSec=2
RestartSec=100ms
U

see installed "$repository/systemd/install" "$wheel"
see ready show ActiveState
see started_usec show ActiveEnterTimestampMonotonic
see began_usec show ExecMainStartTimestampMonotonic
see exposure systemd-analyze security --no-pager comove
see user show User
wait_for 15 sh -c '[ -n "$(systemctl show -P StatusText comove)" ]'
see status show StatusText

credentials=$(ls -d /run/credentials/comove.service)
see credential_mode stat -c '%a %U' "$credentials" "$credentials/mqtt-password"
useradd -m ann; useradd -m bob; usermod -aG comove ann
see credential_of_others runuser -u ann -- cat "$credentials/mqtt-password"
see environment_of_others runuser -u ann -- cat "/proc/$(pid)/environ"
see status_of_operator runuser -u ann -- "$home/bin/comove" status --socket /run/comove/control.sock
see status_of_stranger runuser -u bob -- "$home/bin/comove" status --socket /run/comove/control.sock

first=$(pid)
sed -i 's/title: A price feed has gone quiet/title: A feed has gone very quiet/' "$etc/rules.yaml"
see reload_good systemctl reload comove
wait_for 5 logged 'rules are taken over'
see reload_good_log sh -c 'journalctl -u comove --no-pager -o cat | grep -F "reload:"'
sed -i 's/stale(IWM)/stael(IWM)/' "$etc/rules.yaml"
see reload_bad systemctl reload comove
wait_for 5 logged 'nothing was changed'
see reload_bad_log sh -c 'journalctl -u comove --no-pager -o cat | grep -F "reload:" | tail -n 2'
wait_for 5 logged 'A reload was refused'
see reload_alert journalctl COMOVE_RULE=comove/reload --no-pager -o cat
sed -i 's/stael(IWM)/stale(IWM)/' "$etc/rules.yaml"
see same_process test "$(pid)" = "$first"
echo "$?"

[ "$first" -gt 0 ] || exit 1
kill -STOP "$first"
see watchdog wait_for 20 another "$first"
echo "$?"
see watchdog_restarts show NRestarts

second=$(pid)
[ "$second" -gt 0 ] || exit 1
kill -KILL "$second"
see killed wait_for 20 another "$second"
echo "$?"
see restored sh -c 'journalctl -u comove --no-pager -o cat | grep -ciE "set aside|cannot be read"'
see state stat -c '%a %n' /var/lib/private/comove/comove.db

see stop_began now
see stop systemctl stop comove.service
see stop_ended now
see stop_result show Result
sleep 0.3
see availability cat /run/availability

sed -i 's/^step: 1s/step: 1 parsec/' "$etc/comove.yaml"
see refused systemctl start comove.service
sleep 1
see refused_status show ExecMainStatus
see refused_restarts show NRestarts
see refused_state show ActiveState
see refused_log sh -c 'journalctl -u comove --no-pager -o cat | grep -F parsec'

see removed "$repository/systemd/install" --remove
see left ls -d "$home" /etc/systemd/system/comove.service /etc/comove/comove.yaml
