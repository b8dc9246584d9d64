#include "role/registry/registry_schema.hpp"

namespace distd::registry {
namespace {

const sqlite::migrations steps{
    R"(CREATE TABLE instances (
         url TEXT PRIMARY KEY,
         name TEXT NOT NULL,
         required TEXT NOT NULL,       -- a JSON list of names
         update_url TEXT NOT NULL,
         heartbeat_url TEXT NOT NULL,
         offered INTEGER NOT NULL,
         generation INTEGER NOT NULL,
         revision INTEGER NOT NULL,
         settled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE TABLE withdrawn (
         name TEXT NOT NULL,
         url TEXT NOT NULL,
         revision INTEGER NOT NULL,
         PRIMARY KEY (name, url)) STRICT, WITHOUT ROWID;
       CREATE INDEX withdrawn_by_revision ON withdrawn (revision);
       CREATE TABLE registry (
         id TEXT NOT NULL,
         revision INTEGER NOT NULL) STRICT)",
    R"(ALTER TABLE instances ADD COLUMN extras TEXT NOT NULL DEFAULT '';  -- a JSON object; empty: none
       ALTER TABLE instances ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE instances ADD COLUMN drained_since INTEGER NOT NULL DEFAULT 0;  -- 0: it is not drained
       ALTER TABLE instances ADD COLUMN drain_reason TEXT NOT NULL DEFAULT '';
       UPDATE instances SET modified = max(revision, generation))",
    R"(CREATE TABLE names (  -- that an instance has left, each with the index of the change
         name TEXT PRIMARY KEY,
         idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE TABLE events (
         idx INTEGER PRIMARY KEY,
         at_ms INTEGER NOT NULL,
         type TEXT NOT NULL,
         name TEXT NOT NULL,
         url TEXT NOT NULL,
         reason TEXT NOT NULL) STRICT;
       ALTER TABLE registry ADD COLUMN names_floor INTEGER NOT NULL DEFAULT 0;
       -- 1 is the index of what has never changed
       UPDATE registry SET revision = max(revision, 1))",
    R"(ALTER TABLE instances ADD COLUMN source TEXT NOT NULL DEFAULT '';  -- the registrant's address
       ALTER TABLE instances ADD COLUMN owner TEXT NOT NULL DEFAULT '';   -- its owner's id
       -- 1: the instance has confirmed it; 2: its URL is vouched for; 3: both
       ALTER TABLE instances ADD COLUMN proof INTEGER NOT NULL DEFAULT 2)",
    R"(CREATE TABLE former (  -- subscribers that were given up, or have changed what they require
         url TEXT PRIMARY KEY,
         required TEXT NOT NULL,       -- a JSON list of names: it may hold entries of these
         revision INTEGER NOT NULL,    -- when that was noted
         settled INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
    R"(ALTER TABLE events ADD COLUMN actor TEXT NOT NULL DEFAULT '';    -- who asked for it
       ALTER TABLE events ADD COLUMN version INTEGER NOT NULL DEFAULT 0;  -- of the key of the configuration
       ALTER TABLE events ADD COLUMN was INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE instances ADD COLUMN registered_at INTEGER NOT NULL DEFAULT 0;  -- ms; 0: not known
       CREATE TABLE health (           -- see core/health_history; minutes since 1970
         url TEXT PRIMARY KEY,         -- empty: of the registry itself
         state INTEGER NOT NULL,
         changed INTEGER NOT NULL,
         buckets BLOB NOT NULL) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE told (  -- by alerts: the latest message of each about a service; times in ms since 1970
         alert TEXT NOT NULL,
         subject TEXT NOT NULL,        -- the service; empty: the guard
         what TEXT NOT NULL,
         service TEXT NOT NULL,
         reason TEXT NOT NULL,
         instances TEXT NOT NULL,
         since_ms INTEGER NOT NULL,
         until_ms INTEGER NOT NULL,
         at_ms INTEGER NOT NULL,
         told_at_ms INTEGER NOT NULL,  -- of the latest one that was not that it is back
         settled INTEGER NOT NULL,     -- it has arrived, or was given up
         PRIMARY KEY (alert, subject)) STRICT, WITHOUT ROWID)"};

}  // namespace

const sqlite::migrations& registry_schema() { return steps; }

}  // namespace distd::registry
