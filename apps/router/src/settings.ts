import { httpSettings, kafkaSettings, type ConfigTable, type ConfigValues } from '#libs/config';

export const routerSettings = { ...kafkaSettings, ...httpSettings } as const satisfies ConfigTable;

export type RouterConfig = ConfigValues<typeof routerSettings>;
