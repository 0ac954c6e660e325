import { createHash } from 'node:crypto';
import { declaredParts, tableOf } from '#libs/change';
import { outboxTables } from './outbox-slots.js';

const wholeTables = [...new Set(declaredParts.map(({ whole }) => tableOf(whole)))];
const condition = `relation in (${wholeTables.map((table) => `'${table}'`).join(', ')})`;
const indexColumns = '(relation, record_id, sequence)';
/** Changes with columns and tables, so that an index for others is not taken for this one. */
const indexSuffix = `wholes_${createHash('sha256')
  .update(indexColumns + condition)
  .digest('hex')
  .slice(0, 6)}`;

/** Finds the next change of a whole in the outbox; rows of other tables are not in it and pay nothing. */
export const partIndexSql = `
do $$
declare
    slot text;
    stale text;
begin
    foreach slot in array array[${outboxTables.map((table) => `'${table}'`).join(', ')}] loop
        if to_regclass('relay.' || slot || '_${indexSuffix}') is null then
            execute format('create index %I on relay.%I ${indexColumns} where ${condition.replaceAll("'", "''")}',
                slot || '_${indexSuffix}', slot);
        end if;
        for stale in select indexname from pg_indexes where schemaname = 'relay' and tablename = slot
                and indexname ~ '_wholes' and indexname <> slot || '_${indexSuffix}' loop
            execute format('drop index relay.%I', stale);
        end loop;
    end loop;
end
$$`;
