import {
  httpSettings,
  kafkaSettings,
  tracingSettings,
  type ConfigTable,
  type ConfigValues,
} from '#libs/config';

export const routerSettings = {
  ...kafkaSettings,
  ...httpSettings,
  ...tracingSettings,
} as const satisfies ConfigTable;

export type RouterConfig = ConfigValues<typeof routerSettings>;
