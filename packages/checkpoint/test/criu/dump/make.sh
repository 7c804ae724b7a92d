#!/bin/sh
# Makes the dump beside this script anew, with a CRIU that works on the kernel at hand: CRIU=path/to/criu ./make.sh
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/tiny
mkdir "$work"
trap 'kill -- "-$pid"; rm -rf "$work"' EXIT
cd "$work"
cc -Os -static -nostdlib -fno-stack-protector -fno-asynchronous-unwind-tables -Wl,--build-id=none -Wl,-z,norelro -Wl,-z,noseparate-code \
  -o tiny "$here/tiny.c"
strip tiny
head -c 4096 /dev/zero | tr '\0' f >shared.bin
setsid setarch -R env -i ./tiny </dev/null >/dev/null 2>&1 &
pid=$!
sleep 1
mkdir dump
"${CRIU:-criu}" dump -t "$pid" -D dump -o dump.log --leave-running
cd dump
rm -f "$here"/*.img "$here"/*.gz
cp inventory.img pstree.img files.img memfd.img core-*.img mm-*.img pagemap-*.img "$here"
for pages in pages-*.img; do gzip -9nc "$pages" >"$here/$pages.gz"; done
