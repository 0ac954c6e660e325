/** Numbers of Postgres' advisory locks: any that are unlikely elsewhere, each for one thing alone. */
export const locks = {
  /** While the tables are brought up to date. */
  migrations: 7_362_174_001,
  feed: 7_362_174_002,
  redrives: 7_362_174_003,
  replays: 7_362_174_004,
  attemptProjection: 7_362_174_021,
  /** While a partition is made or dropped. */
  attemptPartitions: 7_362_174_022,
  /** While a key that signs ID tokens may be made. */
  oauth2Keys: 7_362_174_031,
  eventReader: 7_362_174_041,
  mailSender: 7_362_174_042,
  webhookSender: 7_362_174_043,
  secretsRotation: 7_362_174_051,
  auditRetention: 7_362_174_061,
  erasures: 7_362_174_062,
} as const;
