#include "store/anomaly_id.h"

#include <algorithm>

namespace aiops {
namespace {

constexpr char kCounter[] = "SELECT value FROM counters WHERE name = 'anomaly_id'";
constexpr char kNewest[] = "SELECT max(id) FROM anomalies";

// No sound database gets here: more is damage, and the ids that follow must be numbers in JSON.
constexpr std::int64_t kPlausible = std::int64_t{1} << 52;

}  // namespace

Result<void> SaveAnomalyId(Database& db, std::int64_t id) {
  return db.Run(
      "INSERT INTO counters(name, value) VALUES('anomaly_id', ?1) "
      "ON CONFLICT(name) DO UPDATE SET value = ?1 WHERE value < ?1",
      id);
}

Result<void> AgreeOnAnomalyId(Database& db, std::int64_t& greatest) {
  AIOPS_TRY(const std::int64_t counter, db.QueryInt(kCounter));
  AIOPS_TRY(const std::int64_t newest, db.QueryInt(kNewest));
  greatest = std::max({greatest, counter, newest});
  if (counter == greatest) return {};
  AIOPS_TRY(Transaction transaction, Transaction::Begin(db, Durability::kPower));
  AIOPS_TRY_VOID(SaveAnomalyId(db, greatest));
  return transaction.Commit();
}

std::int64_t SalvageAnomalyId(Database& db) {
  std::int64_t greatest = 0;
  for (const char* sql : {kCounter, kNewest}) {
    const auto id = db.QueryInt(sql);
    if (id && *id <= kPlausible) greatest = std::max(greatest, *id);
  }
  return greatest;
}

}  // namespace aiops
