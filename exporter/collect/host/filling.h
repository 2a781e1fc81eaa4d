// FillingTrend: whether a file system will be full soon, from what was used in the last hours.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace aiops::host {

// Not thread-safe. At most one point a minute and six hours are kept.
class FillingTrend {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // used, size: bytes. Points that come within a minute of the last one are dropped.
  void Add(Instant at, double used, double size);

  // Whether ten minutes are known, so that silence of SecondsUntilFull() means something.
  bool Ready() const;

  // Seconds until `available` bytes more are used, if that lies ahead. The speed is the median of
  // those in the five fifths of the last half hour, so that one or two big files written at once
  // are no trend. Nothing while not Ready(), while usage does not grow, and while it only regains
  // what was freed before: after a drop of 1 % of the size (a rotated log, a finished build) it
  // must exceed the old peak by as much.
  std::optional<double> SecondsUntilFull(double available) const;

 private:
  struct Point {
    Instant at;
    double used;
    double size;
  };
  double BytesPerSecond() const;
  double UsedAt(Instant at) const;  // interpolated
  bool RegainsOnly() const;

  std::deque<Point> points_;
};

}  // namespace aiops::host
