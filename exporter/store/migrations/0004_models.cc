// Version 4: the models, those in use and those of before, in tables of their own. Version 3 kept
// the ones in use in `state`, as "model", scope and entity with a unit separator between.
namespace aiops {

extern const char kMigration0004[];
const char kMigration0004[] = R"sql(
-- Entities by name: a model outlives the samples of an entity that comes back.
CREATE TABLE models(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scope TEXT NOT NULL,
  entity TEXT NOT NULL,
  state INTEGER NOT NULL,         -- ModelState
  reason TEXT NOT NULL,
  trained_at INTEGER NOT NULL,
  used_from INTEGER,
  why TEXT NOT NULL,
  rows INTEGER NOT NULL,
  first_sample INTEGER NOT NULL,
  last_sample INTEGER NOT NULL,
  excluded BLOB NOT NULL,         -- PackValues, by Exclusion
  held_out INTEGER NOT NULL,
  alerts INTEGER NOT NULL,
  alerts_in_use INTEGER,
  passed INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  schema INTEGER NOT NULL);
CREATE INDEX models_of_entity ON models(scope, entity);
CREATE UNIQUE INDEX models_in_use ON models(scope, entity) WHERE state = 0;

-- Apart from what is said of them, so that a list of thousands reads no model.
CREATE TABLE model_values(model_id INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TRIGGER models_take_their_value AFTER DELETE ON models BEGIN
  DELETE FROM model_values WHERE model_id = OLD.id;
END;

INSERT INTO models(scope, entity, state, reason, trained_at, used_from, why, rows, first_sample,
                   last_sample, excluded, held_out, alerts, alerts_in_use, passed, bytes, schema)
  SELECT substr(name, 7, instr(substr(name, 7), char(31)) - 1),
         substr(name, 7 + instr(substr(name, 7), char(31))),
         0, '', watermark, watermark, '', 0, 0, 0, x'00', 0, 0, NULL, 0, length(value), schema
  FROM state WHERE name GLOB 'model' || char(31) || '*' || char(31) || '*' ORDER BY watermark;
INSERT INTO model_values
  SELECT models.id, value FROM models JOIN state
  ON name = 'model' || char(31) || scope || char(31) || entity;
DELETE FROM state WHERE name GLOB 'model' || char(31) || '*';
)sql";

}  // namespace aiops
