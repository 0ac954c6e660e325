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

-- CACHE 1, so that the numbers of one record rise in the order of its writes.
create sequence if not exists relay.change_sequence cache 1;

-- Every write of a captured row, in the transaction of the write. No row is ever updated, and none is
-- written by two transactions, so that no writer waits for another one here.
create table if not exists relay.outbox (
    sequence bigint primary key default nextval('relay.change_sequence'),
    xact xid8 not null default pg_current_xact_id(),
    relation text not null,
    model text not null,
    record_id bigint not null,
    before jsonb,
    after jsonb,
    recorded_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create index if not exists outbox_xact on relay.outbox (xact);

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

-- The trigger of every captured table: arguments are the model and, where there are any, the columns that
-- must not leave the database. SECURITY DEFINER, because Odoo's user needs no right on this schema.
create or replace function relay.capture() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    old_row jsonb;
    new_row jsonb;
    id bigint;
begin
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
    insert into relay.outbox (relation, model, record_id, before, after)
    values (tg_table_name, tg_argv[0], id, old_row, new_row);
    return null;
end
$$;

revoke all on function relay.capture() from public;
