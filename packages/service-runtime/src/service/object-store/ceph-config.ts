import { join } from 'node:path';

/** What one throw-away Ceph cluster is made of: one monitor, one OSD that keeps its data in memory, one gateway. */
export interface CephLayout {
  readonly folder: string;
  readonly clusterId: string;
  readonly monitorPort: number;
  readonly gatewayPort: number;
}

/**
 * The configuration of the whole cluster.
 *
 * Three settings decide whether it comes up at all: `ms_bind_msgr1 = false` (the monitor's address below is of the
 * second protocol only), `ms_mon_client_mode = crc` (the gateway insists on encryption otherwise, which needs the keys
 * that we do without, and hangs), and pools with one copy. The rest makes it quick and small.
 */
export function cephConfig({ folder, clusterId, monitorPort, gatewayPort }: CephLayout): string {
  const at = (...parts: string[]): string => join(folder, ...parts);
  return render({
    global: {
      fsid: clusterId,
      mon_host: `[v2:127.0.0.1:${String(monitorPort)}/0]`,
      auth_cluster_required: 'none',
      auth_service_required: 'none',
      auth_client_required: 'none',
      cephx_require_signatures: 'false',
      ms_cluster_mode: 'crc',
      ms_service_mode: 'crc',
      ms_client_mode: 'crc',
      ms_mon_cluster_mode: 'crc',
      ms_mon_service_mode: 'crc',
      ms_mon_client_mode: 'crc',
      ms_bind_msgr1: 'false',
      public_addr: '127.0.0.1',
      cluster_addr: '127.0.0.1',
      run_dir: at('run'),
      admin_socket: at('run', '$name.$pid.asok'),
      crash_dir: at('run'),
      keyring: at('keyring'),
      // Everything goes to standard error, and so into the service's one log.
      log_file: '/dev/null',
      log_to_stderr: 'true',
      err_to_stderr: 'true',
      mon_cluster_log_file: '/dev/null',
      debug_none: '0/0',
      osd_pool_default_size: '1',
      osd_pool_default_min_size: '1',
      osd_pool_default_pg_num: '1',
      osd_pool_default_pgp_num: '1',
      osd_pool_default_pg_autoscale_mode: 'off',
      mon_allow_pool_size_one: 'true',
      mon_allow_pool_delete: 'true',
      osd_crush_chooseleaf_type: '0',
      mon_max_pg_per_osd: '1000',
      // The monitor waits this long to gather changes into one; pools are made one by one.
      paxos_propose_interval: '0.02',
      paxos_min_wait: '0.01',
      mon_osd_report_timeout: '900',
      mon_data_avail_warn: '1',
      mon_data_avail_crit: '0',
    },
    mon: {
      mon_data: at('mon'),
      mon_initial_members: 'a',
      mon_rocksdb_options: 'write_buffer_size=4194304,compression=kNoCompression',
    },
    osd: {
      osd_data: at('osd'),
      osd_objectstore: 'memstore',
      memstore_device_bytes: '8g',
      osd_memory_target: '939524096',
      osd_op_num_shards: '2',
      osd_op_num_threads_per_shard: '1',
      osd_max_scrubs: '0',
    },
    client: {
      rgw_data: at('rgw'),
      rgw_frontends: `beast endpoint=127.0.0.1:${String(gatewayPort)} tcp_nodelay=1`,
      rgw_gc_obj_min_wait: '1',
      rgw_gc_processor_period: '5',
      rgw_gc_processor_max_time: '5',
      rgw_enable_usage_log: 'false',
      rgw_enable_quota_threads: 'false',
      rgw_run_sync_thread: 'false',
      rgw_dynamic_resharding: 'false',
      rgw_override_bucket_index_max_shards: '1',
      rgw_rados_pool_pg_num_min: '1',
      rgw_thread_pool_size: '64',
      rgw_dns_name: 'localhost',
      rgw_s3_auth_use_keystone: 'false',
      rgw_init_timeout: '60',
    },
  });
}

function render(sections: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  return Object.entries(sections)
    .flatMap(([name, settings]) => [
      `[${name}]`,
      ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
    ])
    .join('\n')
    .concat('\n');
}
