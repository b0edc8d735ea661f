FROM sqlflow-stand-in/base:1
COPY ceph.conf ceph-bootstrap.py /store/
# The monitor waits for the disk after each change, and there are dozens before the first answer.
RUN ln -s /dev/shm/mon /dev/shm/osd /store && mkdir /store/run /store/rgw && touch /store/keyring \
    && monmaptool --create --fsid "$(sed -n 's/^fsid = //p' /store/ceph.conf)" --addv a '[v2:127.0.0.1:9100/0]' /store/monmap
COPY object-store-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
EXPOSE 9000 9001
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["server", "/data"]
