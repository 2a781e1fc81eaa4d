#include <algorithm>
#include <cmath>

#include "detectors/calibrated_model.h"
#include "detectors/forest_model.h"
#include "detectors/wrapped_detector.h"

namespace aiops {
namespace {

constexpr double kSettling = 0.05;        // of the window, before anything is calibrated
constexpr size_t kMostCells = 4'000'000;  // of the forest's training rows: 32 MB
constexpr size_t kLeastVarying = 5;       // metrics, for a burst to mean something
constexpr size_t kLeastBroad = 2;         // and for breadth: of one metric it repeats the jump

using Components = std::array<double, kComponents>;

std::vector<MetricRule> RulesFor(MatrixView rows, const DetectorOptions& options) {
  std::vector<MetricRule> rules(rows.cols);
  std::vector<double> column(rows.rows);
  for (size_t j = 0; j < rows.cols; ++j) {
    for (size_t i = 0; i < rows.rows; ++i) column[i] = rows.Row(i)[j];
    MetricRule& rule = rules[j];
    // min_deviation must stay within what units can hold (kMostUnits).
    const double least = options.features[j].min_deviation * 1e-6;
    rule.units = StandardUnits::Of(column, std::max(options.ewma.floor_absolute, least));
    rule.direction = options.features[j].direction;
    rule.min_deviation = options.features[j].min_deviation / rule.units.floor;
    rule.min_relative_deviation = options.features[j].min_relative_deviation;
    const double first = rule.units.From(
        *std::find_if(column.begin(), column.end() - 1, [](double v) { return std::isfinite(v); }));
    rule.varies = std::any_of(column.begin(), column.end(), [&](double v) {
      return std::isfinite(v) && rule.units.From(v) != first;
    });
  }
  return rules;
}

// What the memories say of the rows, or of every n-th where they are too many.
struct Sweep {
  size_t rows = 0;
  size_t settled = 0;             // rows of these before anything but the forest is calibrated
  std::vector<double> residuals;  // as Deviations: rows x 3 metrics
  std::vector<double> of_slow;    // rows x metrics
  std::vector<double> of_season;
  std::vector<double> most_lasting;  // a metric, behind the settling part

  // The rows of one of them behind the settling part.
  MatrixView Settled(const std::vector<double>& cells) const {
    const size_t width = cells.size() / rows;
    return {cells.data() + settled * width, rows - settled, width};
  }
};

Sweep SweepThrough(MetricStreams streams, const std::vector<MetricRule>& rules, MatrixView rows,
                   std::span<const Moment> moments, size_t settled) {
  const size_t step = std::max<size_t>(1, rows.rows * kResidualsAMetric * rows.cols / kMostCells);
  Sweep sweep;
  sweep.settled = settled / step;
  sweep.most_lasting.resize(rules.size());
  const auto append = [](std::vector<double>& to, const std::vector<double>& cells) {
    to.insert(to.end(), cells.begin(), cells.end());
  };
  for (size_t i = 0; i < rows.rows; ++i) {
    if (i % step == 0) {
      const auto seen = streams.Look(rows.Row(i), moments[i].of_week, rules);
      append(sweep.residuals, seen.residuals);
      append(sweep.of_slow, seen.of_slow);
      append(sweep.of_season, seen.of_season);
      ++sweep.rows;
    }
    streams.Learn(rows.Row(i), moments[i].of_week, rules, true);
    for (size_t j = 0; i >= settled && j < rules.size(); ++j)
      sweep.most_lasting[j] = std::max(sweep.most_lasting[j], streams.lasting(j));
  }
  return sweep;
}

// The 98 % quantile of a column's |z|, at least 1.
double UsualOf(MatrixView z, size_t column) {
  std::vector<double> depths;
  for (size_t i = 0; i < z.rows; ++i)
    if (const double v = z.Row(i)[column]; std::isfinite(v)) depths.push_back(std::abs(v));
  return depths.empty() ? 1 : std::max(1.0, Quantile(std::move(depths), kTailFrom));
}

void FitDeviations(CalibratedModel& model, const Sweep& sweep) {
  const MatrixView season = sweep.Settled(sweep.of_season);
  const MatrixView residuals = sweep.Settled(sweep.residuals);
  model.slow_space = PrincipalSpace(sweep.Settled(sweep.of_slow));
  model.season_space = PrincipalSpace(season);
  for (size_t j = 0; j < model.rules.size(); ++j) {
    model.rules[j].most_lasting = sweep.most_lasting[j];
    model.rules[j].usual_season = UsualOf(season, j);
    model.rules[j].usual_mid = UsualOf(residuals, 2 * model.rules.size() + j);
  }
}

Result<void> FitForest(CalibratedModel& model, const Sweep& sweep, const DetectorOptions& options) {
  const auto& shared = options.calibrated.forest;
  if (shared && shared->forest().width() == kResidualsAMetric * model.rules.size()) {
    model.Share(shared);
    return {};
  }
  AIOPS_TRY(auto forest, IsolationForest::Fit({sweep.residuals.data(), sweep.rows,
                                               sweep.residuals.size() / sweep.rows},
                                              options.forest));
  model.forest = std::make_shared<const IsolationForest>(std::move(forest));
  return {};
}

// Runs the window through the stream; what the components say behind the settling part.
std::vector<Components> RunThrough(EntityStream& stream, const CalibratedModel& model,
                                   MatrixView rows, std::span<const Moment> moments,
                                   size_t settled) {
  std::vector<Components> out;
  for (size_t i = 0; i < rows.rows; ++i) {
    const Duration of_week = moments[i].of_week;
    const double forest = i < settled ? 0.5 : kMissing;  // nobody asks what it says before
    const StreamReading reading = stream.Look(rows.Row(i), of_week, model, forest);
    if (i >= settled) out.push_back(reading.components);
    stream.Learn(reading, rows.Row(i), of_week, model, true);
  }
  return out;
}

constexpr double kLeastScale = 2;

// Of parts that gates can silence for a whole week: so many standard deviations of three metrics.
// What passes the gates at last must be heard.
double LeastScale(Part part, size_t width) {
  switch (part) {
    case Part::kShift:
    case Part::kJump:
    case Part::kSeason:
      return kLeastScale;
    case Part::kBreadth:
      return kLeastScale * 3 / std::max(3.0, static_cast<double>(width));
    default:
      return 0;
  }
}

void FitTables(CalibratedModel& model, const std::vector<Components>& seen,
               const DetectorOptions& options) {
  const auto varying = static_cast<size_t>(std::count_if(
      model.rules.begin(), model.rules.end(), [](const MetricRule& r) { return r.varies; }));
  std::vector<double> values(seen.size());
  for (size_t c = 0; c < kComponents; ++c) {
    if (options.calibrated.without.test(c)) continue;
    if (c == static_cast<size_t>(Part::kBurst) && varying < kLeastVarying) continue;
    if (c == static_cast<size_t>(Part::kBreadth) && varying < kLeastBroad) continue;
    std::transform(seen.begin(), seen.end(), values.begin(),
                   [&](const Components& row) { return row[c]; });
    model.tables[c] = SurpriseTable(values, LeastScale(static_cast<Part>(c), model.rules.size()));
  }
}

void CalibrateGates(CalibratedModel& model, const std::vector<Components>& seen,
                    std::span<const Moment> moments, const CalibratedOptions& options) {
  std::vector<GateValues> values;
  JointScore& joint = model.start.joint;
  for (const Components& components : seen) {
    values.push_back(joint.Look(model.SurpriseOf(components), options.interval));
    joint.Learn(values.back(), {}, false, false);
  }
  joint.Calibrate(values, moments, TailExcesses(options.interval, model.rows));
}

}  // namespace

Result<UsableRows> SelectUsable(MatrixView samples, std::span<const Moment> moments,
                                const DetectorOptions& options) {
  UsableRows out;
  AIOPS_TRY(out.rows, SelectCovered(samples, options.features.size(), options.min_coverage));
  for (const size_t place : out.rows.places) out.moments.push_back(moments[place]);
  return out;
}

namespace {

// What a fit begins with: the units of each metric and the memories before the first row.
Result<CalibratedModel> Begin(MatrixView rows, const DetectorOptions& options) {
  const size_t least = std::max<size_t>(2, options.calibrated.min_rows);
  if (rows.rows < least)
    return InvalidArgument(std::to_string(rows.rows) + " usable training rows; a calibrated " +
                           "model needs " + std::to_string(least));
  CalibratedModel model;
  model.rows = rows.rows;
  model.rules = RulesFor(rows, options);
  model.start.metrics = MetricStreams(rows, Memories::For(options.calibrated), model.rules);
  if (std::none_of(model.rules.begin(), model.rules.end(), [](const auto& r) { return r.varies; }))
    return InvalidArgument("no feature varies in the training window; nothing can be calibrated");
  return model;
}

}  // namespace

Result<std::vector<double>> DrawResiduals(MatrixView samples, std::span<const Moment> moments,
                                          const DetectorOptions& options, size_t count,
                                          Xoshiro256pp& random) {
  const std::vector<double> screened = ScreenedRows(samples, options.features);
  AIOPS_TRY(const UsableRows usable,
            SelectUsable({screened.data(), samples.rows, samples.cols}, moments, options));
  AIOPS_TRY(const CalibratedModel model, Begin(usable.rows.view(), options));
  const Sweep sweep =
      SweepThrough(model.start.metrics, model.rules, usable.rows.view(), usable.moments, 0);
  const size_t width = sweep.residuals.size() / sweep.rows;
  std::vector<double> drawn;
  // Selection sampling: of the rows that are left, as many as are still wanted.
  size_t wanted = std::min(count, sweep.rows);
  for (size_t row = 0; row < sweep.rows && wanted > 0; ++row) {
    if (random.Below(static_cast<std::uint32_t>(sweep.rows - row)) >= wanted) continue;
    const double* cells = sweep.residuals.data() + row * width;
    drawn.insert(drawn.end(), cells, cells + width);
    --wanted;
  }
  return drawn;
}

Result<CalibratedModel> CalibratedModel::Fit(MatrixView rows, std::span<const Moment> moments,
                                             const DetectorOptions& options) {
  AIOPS_CHECK(moments.size() == rows.rows);
  AIOPS_TRY(CalibratedModel model, Begin(rows, options));
  const auto settled = static_cast<size_t>(kSettling * static_cast<double>(rows.rows));
  const Sweep sweep = SweepThrough(model.start.metrics, model.rules, rows, moments, settled);
  FitDeviations(model, sweep);
  if (!options.calibrated.without.test(static_cast<size_t>(Part::kForest)))
    AIOPS_TRY_VOID(FitForest(model, sweep, options));
  const auto seen = RunThrough(model.start, model, rows, moments, settled);
  FitTables(model, seen, options);
  CalibrateGates(model, seen, moments.subspan(settled), options.calibrated);
  model.id = BlobChecksum(model.Snapshot());
  return model;
}

}  // namespace aiops
