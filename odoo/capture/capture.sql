-- What Odoo Relay keeps in an Odoo database. May be run again at any time. Needs PostgreSQL 13.
-- To take all of it out again: uninstall.sql.

create schema if not exists relay;
revoke all on schema relay from public;

-- One row: which installation of the capture this is, and in which database it was made.
create table if not exists relay.installation (
    only_row boolean primary key default true check (only_row),
    epoch text not null,
    system_identifier text not null,
    database_oid text not null,
    database_uuid text not null,
    installed_at timestamptz not null default now()
);
alter table relay.installation
    -- Of this script: whoever finds another one runs his own.
    add column if not exists script_version text not null default '',
    -- Beyond it capture stops, because Odoo's disk comes first.
    add column if not exists outbox_max_bytes bigint not null default 4294967296,
    -- Capture was off: all tables are to be loaded for this reason, once the writers of that time have ended.
    add column if not exists loads_due text,
    -- What was published has been taken out of the outbox: should its topics be lost, only loads bring it back.
    add column if not exists outbox_emptied boolean not null default false;

-- CACHE 1, so that the numbers of one record rise in the order of its writes.
create sequence if not exists relay.change_sequence cache 1;

-- Every write of a captured row, in the transaction of the write. No row is ever updated, and none is
-- written by two transactions, so that no writer waits for another one here. This is what is read; the rows
-- stand in its slots, so that they go by TRUNCATE and leave no dead ones.
create table if not exists relay.outbox (
    sequence bigint primary key default nextval('relay.change_sequence'),
    xact xid8 not null default pg_current_xact_id(),
    relation text not null,
    -- Empty of relation tables.
    model text not null,
    -- Of relation tables the pair, see relay.pair_id().
    record_id bigint not null,
    before jsonb,
    after jsonb,
    recorded_at timestamptz not null default clock_timestamp()
);

-- CREATE INDEX IF NOT EXISTS would lock out writers even where there is nothing to do.
do $$
declare
    slot text;
begin
    foreach slot in array array['outbox', 'outbox_0', 'outbox_1', 'outbox_2', 'outbox_3'] loop
        if to_regclass('relay.' || slot) is null then
            -- Vacuum would be in the way of TRUNCATE, and has nothing to do.
            execute format('create table relay.%I (primary key (sequence)) inherits (relay.outbox)
                with (autovacuum_enabled = false, toast.autovacuum_enabled = false)', slot);
        end if;
        if to_regclass('relay.' || slot || '_xact') is null then
            execute format('create index %I on relay.%I (xact)', slot || '_xact', slot);
        end if;
    end loop;
    -- Which slot is written to; -1: stopped at the size limit, -2: paused by an operator. A sequence, because
    -- its value is the same for all transactions at once, and setting it waits for nobody.
    if to_regclass('relay.outbox_slot') is null then
        create sequence relay.outbox_slot minvalue -2 maxvalue 3 start 0;
        perform setval('relay.outbox_slot', 0);
    end if;
end
$$;

-- What is to be published as it stands (op r): whole tables or some of their records, in the order of the ids.
-- Written by whoever finds that topics and tables may differ: an operator, a TRUNCATE, the end of a gap.
create table if not exists relay.load_request (
    id bigint generated always as identity primary key,
    relation text not null,
    -- Null: the whole table; then records that only the topic has are deleted in it.
    record_ids bigint[],
    reason text not null default 'requested'
        check (reason in ('requested', 'installed', 'truncated', 'gap', 'resumed', 'schema')),
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    rows_estimated bigint,
    rows_done bigint not null default 0,
    -- Why it ended without being done.
    problem text
);

-- Tables that have had their triggers: where one is missing, something may have been missed.
create table if not exists relay.captured_table (
    relation text primary key,
    model text not null,
    captured_since timestamptz not null default now()
);

create or replace function relay.outbox_bytes() returns bigint
language sql set search_path = pg_catalog, pg_temp
as $$
    select sum(pg_total_relation_size(slot))::bigint
    from unnest(array['relay.outbox', 'relay.outbox_0', 'relay.outbox_1', 'relay.outbox_2', 'relay.outbox_3']::regclass[]) slot
$$;

create or replace function relay.stop_when_full() returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_sequence_last_value('relay.outbox_slot') >= 0
            and relay.outbox_bytes() > (select outbox_max_bytes from relay.installation) then
        perform setval('relay.outbox_slot', -1);
        raise log 'Odoo Relay: the outbox has reached its size limit, capture is stopped until ingest has emptied it';
    end if;
end
$$;

-- What all triggers end with.
create or replace function relay.write_change(slot int, relation text, model text, id bigint, old_row jsonb, new_row jsonb)
    returns void
language plpgsql as $$
declare
    number bigint := nextval('relay.change_sequence');
begin
    if number % 1024 = 0 then
        perform relay.stop_when_full();
    end if;
    if slot = 0 then
        insert into relay.outbox_0 (sequence, relation, model, record_id, before, after)
        values (number, relation, model, id, old_row, new_row);
    elsif slot = 1 then
        insert into relay.outbox_1 (sequence, relation, model, record_id, before, after)
        values (number, relation, model, id, old_row, new_row);
    elsif slot = 2 then
        insert into relay.outbox_2 (sequence, relation, model, record_id, before, after)
        values (number, relation, model, id, old_row, new_row);
    else
        insert into relay.outbox_3 (sequence, relation, model, record_id, before, after)
        values (number, relation, model, id, old_row, new_row);
    end if;
end
$$;

-- The trigger of every captured table: arguments are the model and, where there are any, the columns that
-- must not leave the database. SECURITY DEFINER, because Odoo's user needs no right on this schema.
create or replace function relay.capture() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    slot int := pg_sequence_last_value('relay.outbox_slot');
    old_row jsonb;
    new_row jsonb;
    id bigint;
begin
    if slot < 0 then
        return null;
    end if;
    if tg_op <> 'INSERT' then
        old_row := to_jsonb(old);
        id := old.id;
    end if;
    if tg_op <> 'DELETE' then
        new_row := to_jsonb(new);
        id := new.id;
    end if;
    if tg_nargs > 1 then
        old_row := old_row - tg_argv[1]::text[];
        new_row := new_row - tg_argv[1]::text[];
    end if;
    perform relay.write_change(slot, tg_table_name, tg_argv[0], id, old_row, new_row);
    return null;
end
$$;

-- A relation table has no id, but a pair of them: both in one bigint. Null where the columns are no integers.
create or replace function relay.pair_id(relation_row jsonb, first text, second text) returns bigint
language sql immutable
as $$
    select case when jsonb_typeof(relation_row -> first) = 'number' and jsonb_typeof(relation_row -> second) = 'number'
        then ((relation_row -> first)::bigint << 32) | ((relation_row -> second)::bigint & 4294967295) end
$$;

-- The trigger of a captured relation table: arguments are the columns of its pair and, where there are any, those
-- that must not leave the database. An update of the pair is a delete and a create.
create or replace function relay.capture_relation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    slot int := pg_sequence_last_value('relay.outbox_slot');
    old_row jsonb;
    new_row jsonb;
    old_id bigint;
    new_id bigint;
begin
    if slot < 0 then
        return null;
    end if;
    if tg_op <> 'INSERT' then
        old_row := to_jsonb(old);
        old_id := relay.pair_id(old_row, tg_argv[0], tg_argv[1]);
    end if;
    if tg_op <> 'DELETE' then
        new_row := to_jsonb(new);
        new_id := relay.pair_id(new_row, tg_argv[0], tg_argv[1]);
    end if;
    if (old_id is null and old_row is not null) or (new_id is null and new_row is not null) then
        -- Its columns were renamed, and ingest has not looked since. The writer must not fail.
        insert into relay.load_request (relation, reason)
        select tg_table_name, 'gap' where not exists (
            select from relay.load_request
            where relation = tg_table_name and record_ids is null and started_at is null);
        return null;
    end if;
    if tg_nargs > 2 then
        old_row := old_row - tg_argv[2]::text[];
        new_row := new_row - tg_argv[2]::text[];
    end if;
    if old_id <> new_id then
        perform relay.write_change(slot, tg_table_name, '', old_id, old_row, null);
        perform relay.write_change(slot, tg_table_name, '', new_id, null, new_row);
    else
        perform relay.write_change(slot, tg_table_name, '', coalesce(old_id, new_id), old_row, new_row);
    end if;
    return null;
end
$$;

-- A row without the contents of its binary columns, but for those that are asked for and not too large: as base64, and
-- beside it <column>__omitted says what was too large. Large ones are never read: to_jsonb() would double them, and
-- fail beyond 128 MB, and the writer with it. What columns there are is looked up, as Odoo may have changed them.
create or replace function relay.row_with_binary(written record, relation oid, wanted text[], max_bytes bigint) returns jsonb
language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
declare
    result jsonb;
    empty jsonb;
    name text;
    bytes bigint;
    content text;
    omitted text;
begin
    select coalesce(jsonb_object_agg(attname, null), '{}') into empty from pg_attribute
    where attrelid = relation and attnum > 0 and not attisdropped and atttypid = 'bytea'::regtype;
    -- By EXECUTE, because the function keeps what columns the row had where it is called again in a transaction.
    execute 'select to_jsonb(jsonb_populate_record($1, $2))' into result using written, empty;
    foreach name in array wanted loop
        continue when not empty ? name;
        execute format('select octet_length(($1).%I)', name) into bytes using written;
        content := null;
        omitted := null;
        if bytes > max_bytes then
            omitted := format('%s bytes, over the limit of %s', bytes, max_bytes);
        elsif bytes is not null then
            execute format('select translate(encode(($1).%I, ''base64''), E''\n'', '''')', name) into content using written;
        end if;
        result := result || jsonb_build_object(name, content, name || '__omitted', omitted);
    end loop;
    return result;
end
$$;

-- The trigger of a captured table that has binary columns: arguments are the model, the columns that must not leave
-- the database, the binary ones that are asked for, and how many bytes of these.
create or replace function relay.capture_binary() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    slot int := pg_sequence_last_value('relay.outbox_slot');
    old_row jsonb;
    new_row jsonb;
    id bigint;
begin
    if slot < 0 then
        return null;
    end if;
    if tg_op <> 'INSERT' then
        old_row := relay.row_with_binary(old, tg_relid, tg_argv[2]::text[], tg_argv[3]::bigint) - tg_argv[1]::text[];
        id := old.id;
    end if;
    if tg_op <> 'DELETE' then
        new_row := relay.row_with_binary(new, tg_relid, tg_argv[2]::text[], tg_argv[3]::bigint) - tg_argv[1]::text[];
        id := new.id;
    end if;
    perform relay.write_change(slot, tg_table_name, tg_argv[0], id, old_row, new_row);
    return null;
end
$$;

-- What was in a table before a TRUNCATE stands in no row of the outbox.
create or replace function relay.capture_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into relay.load_request (relation, reason) values (tg_table_name, 'truncated');
    return null;
end
$$;

revoke all on all functions in schema relay from public;
