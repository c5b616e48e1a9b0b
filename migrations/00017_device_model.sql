-- +goose Up
-- The family or model of a device, which says how commands to it are written.
alter table tracking.device add column model text not null default '';
