export { connectPostgres, openPool, type PostgresAddress } from './connection.js';
export { isConnectionLost, isLockTimeout, isNoPermission, sqlStateOf } from './sql-state.js';
