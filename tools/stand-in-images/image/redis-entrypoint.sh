#!/bin/bash
# What the entry point of the image "redis" does: an argument that is none of its own programs is one of the server's.
set -euo pipefail
case "$1" in -* | *.conf) set -- redis-server "$@" ;; esac
[ "$1" = redis-server ] || exec "$@"
shift
chown redis:redis .
# Published ports come from outside the container, which Redis would refuse without a password.
exec setpriv --reuid redis --regid redis --init-groups redis-server "$@" --protected-mode no
