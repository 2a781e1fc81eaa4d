// Version 5: a judgement names the features that it was about.
namespace aiops {

extern const char kMigration0005[];
const char kMigration0005[] = R"sql(
-- PackContributions; empty where all was usual, and of judgements of before.
ALTER TABLE judgements ADD COLUMN features BLOB NOT NULL DEFAULT x'';
)sql";

}  // namespace aiops
