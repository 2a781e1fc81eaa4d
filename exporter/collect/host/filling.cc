#include "collect/host/filling.h"

#include <algorithm>
#include <array>

namespace aiops::host {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr auto kSpacing =
    std::chrono::seconds(55);  // a minute, whose ticks may come a little early
constexpr auto kMemory = hours(6);
constexpr auto kTrendWindow = minutes(30);
constexpr auto kShortestHistory = minutes(10);
constexpr int kParts = 5;
constexpr double kToothShare = 0.01;

double ToSeconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

void FillingTrend::Add(Instant at, double used, double size) {
  // Another size: the volume was grown, or another one is mounted here.
  if (!points_.empty() && points_.back().size != size) points_.clear();
  if (!points_.empty() && at - points_.back().at < kSpacing) return;
  points_.push_back({at, used, size});
  while (points_.front().at < at - kMemory) points_.pop_front();
}

bool FillingTrend::Ready() const {
  return !points_.empty() && points_.back().at - points_.front().at >= kShortestHistory;
}

std::optional<double> FillingTrend::SecondsUntilFull(double available) const {
  if (!Ready()) return std::nullopt;
  const double speed = BytesPerSecond();
  if (!(speed > 0) || RegainsOnly()) return std::nullopt;
  return available / speed;
}

double FillingTrend::BytesPerSecond() const {
  const auto end = points_.back().at;
  const auto part = std::min<Instant::duration>(kTrendWindow, end - points_.front().at) / kParts;
  std::array<double, kParts> speeds{};
  for (int i = 0; i < kParts; ++i)
    speeds[i] = (UsedAt(end - i * part) - UsedAt(end - (i + 1) * part)) / ToSeconds(part);
  std::nth_element(speeds.begin(), speeds.begin() + kParts / 2, speeds.end());
  return speeds[kParts / 2];
}

double FillingTrend::UsedAt(Instant at) const {
  const auto after =
      std::find_if(points_.begin(), points_.end(), [&](const Point& p) { return p.at >= at; });
  if (after == points_.begin() || after == points_.end()) return points_.front().used;
  const auto before = after - 1;
  const double share = ToSeconds(at - before->at) / ToSeconds(after->at - before->at);
  return before->used + share * (after->used - before->used);
}

bool FillingTrend::RegainsOnly() const {
  const double tooth = kToothShare * points_.back().size;
  double peak = 0;     // the highest use before a drop
  double running = 0;  // the highest since the last drop
  bool dropped = false;
  for (const auto& point : points_) {
    if (point.used < running - tooth) {
      dropped = true;
      peak = std::max(peak, running);
      running = point.used;
    }
    running = std::max(running, point.used);
  }
  return dropped && points_.back().used < peak + tooth;
}

}  // namespace aiops::host
