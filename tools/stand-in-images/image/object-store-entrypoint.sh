#!/bin/bash
# "server /data --console-address :9001", as for MinIO; what answers on port 9000 is Ceph's RADOS gateway, set up as the
# local provider does it. MINIO_ROOT_USER and MINIO_ROOT_PASSWORD are the account. The data is kept in memory.
set -euo pipefail
[ "${1:-}" = minio ] && shift
[ "${1:-server}" = server ] || exec "$@"
export CEPH_CONF=/store/ceph.conf
osd=$(cat /proc/sys/kernel/random/uuid)
mkdir /dev/shm/mon /dev/shm/osd
ceph-mon --mkfs -i a --monmap /store/monmap
ceph-mon -f -i a &
ceph-osd --no-mon-config --mkfs -i 0 --osd-uuid "$osd"
python3 /store/ceph-bootstrap.py "$CEPH_CONF" "$osd" 30
ceph-osd -f -i 0 &
radosgw -f -n client.rgw &
radosgw-admin -n client.admin user create --uid=root --display-name=root \
  --access-key="${MINIO_ROOT_USER:-minioadmin}" --secret-key="${MINIO_ROOT_PASSWORD:-minioadmin}" >/dev/null
echo 'S3-API: http://0.0.0.0:9000'
wait -n # the first of the three to end takes the container with it
exit 1
