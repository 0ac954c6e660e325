-- For a copy of an Odoo database (staging, tests, support), however it was made: after this it captures nothing,
-- holds none of the original's changes, and ingest refuses to publish it. Does nothing where no capture is
-- installed. Wanted after all: run uninstall.sql, then start ingest with a DATABASE_SLUG of its own.
do $$
begin
    if to_regclass('relay.installation') is null then
        return;
    end if;
    -- Their triggers go with them.
    drop function if exists relay.capture() cascade;
    drop function if exists relay.capture_binary() cascade;
    drop function if exists relay.capture_relation() cascade;
    drop function if exists relay.capture_truncate() cascade;
    truncate relay.outbox, relay.load_request;
    update relay.installation set database_oid = 'neutralized';
end
$$;
