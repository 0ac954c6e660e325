-- Takes the capture out of a database: triggers, outbox and the installation's epoch.
drop schema if exists relay cascade;
