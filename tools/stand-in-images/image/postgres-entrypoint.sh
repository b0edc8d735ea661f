#!/bin/bash
# What the entry point of the image "postgres" does, as far as the tests of this workspace need it: it makes a cluster
# from POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_HOST_AUTH_METHOD and POSTGRES_INITDB_ARGS, runs what lies
# in /docker-entrypoint-initdb.d, and becomes the server.
set -euo pipefail
[ "${1:0:1}" = - ] && set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
password=${POSTGRES_PASSWORD:-}
method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
sql() { as_postgres psql -v ON_ERROR_STOP=1 -X -q -U "$user" -h /var/run/postgresql "$@"; }

mkdir -p "$PGDATA" /var/run/postgresql
chown postgres:postgres "$PGDATA" /var/run/postgresql
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    exit 1
  fi
  if [ "$user" = postgres ] && [ -z "${POSTGRES_INITDB_ARGS:-}" ]; then
    cp -a /postgres-template/. "$PGDATA"/ # initdb with the arguments below, done when the image was built
  else
    # shellcheck disable=SC2086 # several arguments in one variable, as in the image that this stands in for
    as_postgres initdb -U "$user" -E UTF8 --locale=C.UTF-8 --no-sync --auth-local=trust ${POSTGRES_INITDB_ARGS:-} >/dev/null
  fi
  printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  # Nobody gets in by TCP before all is done.
  as_postgres pg_ctl -w -o "-c listen_addresses='' -c fsync=off" start
  if [ -n "$password" ]; then
    sql -d postgres -v user="$user" -v password="$password" <<<'ALTER ROLE :"user" PASSWORD :'"'password'"
  fi
  [ "$database" = postgres ] || sql -d postgres -v name="$database" <<<'CREATE DATABASE :"name"'
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) . "$file" ;;
      *.sql) sql -d "$database" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | sql -d "$database" ;;
    esac
  done
  as_postgres pg_ctl -m fast -w stop
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
fi
exec setpriv --reuid postgres --regid postgres --init-groups "$@" -c listen_addresses='*'
