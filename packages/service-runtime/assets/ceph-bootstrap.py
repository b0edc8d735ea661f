"""Gives a new Ceph monitor its one OSD and the pools of a RADOS gateway.

usage: ceph-bootstrap.py CONFIG OSD_UUID SECONDS

One process for all commands: the `ceph` program takes 0.3 s for each. Pools are made while the OSD starts; the
gateway would make them itself, one after the other, with more placement groups than one OSD needs.
"""

import errno
import json
import sys
import time

import rados

POOLS = [
    ".rgw.root",
    "default.rgw.control",
    "default.rgw.meta",
    "default.rgw.log",
    "default.rgw.buckets.index",
    "default.rgw.buckets.data",
    "default.rgw.buckets.non-ec",
]

config, osd_uuid, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])

cluster = rados.Rados(conffile=config, name="client.admin")
cluster.connect(timeout=seconds)


def command(**words):
    deadline = time.monotonic() + seconds
    while True:
        code, _, complaint = cluster.mon_command(json.dumps(words), b"", timeout=seconds)
        if code == 0:
            return
        # A monitor that has only just formed its quorum of one may not be able to write yet.
        if code != -errno.EAGAIN or time.monotonic() > deadline:
            sys.exit("%s: %s (%d)" % (words["prefix"], complaint, code))
        time.sleep(0.01)


command(prefix="osd new", uuid=osd_uuid)
for pool in POOLS:
    command(prefix="osd pool create", pool=pool, pg_num=1, pgp_num=1, size=1)
    command(prefix="osd pool application enable", pool=pool, app="rgw")

cluster.shutdown()
