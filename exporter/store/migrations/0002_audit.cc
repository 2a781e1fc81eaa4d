// Version 2: an audit trail of fields instead of sentences. Version 1 wrote acknowledgements only:
// by "http <address or user>", what "acknowledged #<id>: <why>".
namespace aiops {

extern const char kMigration0002[];
const char kMigration0002[] = R"sql(
ALTER TABLE audit RENAME TO audit_of_version_1;

CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  by TEXT NOT NULL,
  address TEXT NOT NULL,
  via TEXT NOT NULL,
  status INTEGER NOT NULL,        -- in HTTP's terms
  result TEXT NOT NULL,
  text TEXT NOT NULL);
CREATE INDEX audit_time ON audit(time);

INSERT INTO audit
  SELECT id, time, 'acknowledge', 'anomaly ' || substr(what, 15, instr(what, ':') - 15),
         substr(by, 6), '', 'http', 200, 'done', substr(what, instr(what, ':') + 2)
  FROM audit_of_version_1 WHERE what GLOB 'acknowledged #*: *' AND by GLOB 'http *';
INSERT INTO audit
  SELECT id, time, 'other', '', by, '', '', 200, 'done', what
  FROM audit_of_version_1 WHERE id NOT IN (SELECT id FROM audit);

DROP TABLE audit_of_version_1;
)sql";

}  // namespace aiops
