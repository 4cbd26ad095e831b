#!/bin/sh
# Sets up what is missing and shows what fastpyon does with FILE, or with the two examples.
set -eu
here=$(dirname "$0")
start=$PWD
cd "$here"
program=demo
steps=5
. tools/setup.sh

setup cc re2c
setup_fastpyon
step 'the command pyon'
"$venv/bin/pyon" show examples/dataset_db.pyon rabi.ca1.excitation camera.image camera.regions devices.urukul0_ch0
step 'reading and writing files'
python=$PWD/$venv/bin/python
demo=$PWD/tools/demo.py
cd "$start" # FILE is meant from there
exec "$python" "$demo" "$@"
