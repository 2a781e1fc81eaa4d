#include "detectors/calibrated_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace aiops {
namespace {

constexpr std::uint32_t kModelMagic = 0x04435741;  // "AWC", version 4

enum ForestKind : std::uint16_t { kNoForest, kOwnForest, kSharedForest };  // saved: never renumber

void SaveRule(const MetricRule& rule, BlobWriter& out) {
  out.F64(rule.units.center);
  out.F64(rule.units.floor);
  out.F64(rule.burst_from);
  out.F64(rule.usual_mid);
  out.F64(rule.usual_season);
  out.F64(rule.most_lasting);
  out.U16(rule.varies ? 1 : 0);
}

// Direction and least deviation are the configuration's, not the model's.
Result<MetricRule> LoadRule(BlobReader& in, const FeatureRule& feature) {
  MetricRule rule;
  rule.units.center = in.F64();
  rule.units.floor = in.F64();
  rule.burst_from = in.F64();
  rule.usual_mid = in.F64();
  rule.usual_season = in.F64();
  rule.most_lasting = in.F64();
  rule.varies = in.U16() != 0;
  const bool sane = std::isfinite(rule.units.center) && std::isfinite(rule.units.floor) &&
                    rule.units.floor > 0 && rule.burst_from >= 0 && InUnits(rule.burst_from) &&
                    rule.usual_mid >= 1 && InUnits(rule.usual_mid) && rule.usual_season >= 1 &&
                    InUnits(rule.usual_season) && rule.most_lasting >= 0 &&
                    InUnits(rule.most_lasting);
  if (!in.ok() || !sane) return Corruption("calibrated model: an impossible feature");
  rule.direction = feature.direction;
  rule.min_deviation = feature.min_deviation / rule.units.floor;
  rule.min_relative_deviation = feature.min_relative_deviation;
  return rule;
}

}  // namespace

Surprises CalibratedModel::SurpriseOf(const std::array<double, kComponents>& components) const {
  Surprises out{};
  for (size_t c = 0; c < kComponents; ++c) out[c] = tables[c].Surprise(components[c]);
  return out;
}

double CalibratedModel::ForestScore(std::span<const double> residuals) const {
  return forest ? forest->Score(residuals) : 0.5;
}

ModelInfo CalibratedModel::Info() const {
  return {.present = true,
          .rows = rows,
          .trees = forest ? forest->trees() : 0,
          .bytes = (forest && shared_forest == 0 ? forest->bytes() : 0) + sizeof(tables) +
                   sizeof(rules[0]) * rules.size()};
}

void CalibratedModel::Share(const std::shared_ptr<const SharedForest>& shared) {
  forest = std::shared_ptr<const IsolationForest>(shared, &shared->forest());
  shared_forest = shared->id();
}

std::string CalibratedModel::Snapshot() const {
  BlobWriter out(kModelMagic);
  out.U64(rows);
  out.U32(static_cast<std::uint32_t>(rules.size()));
  for (const MetricRule& rule : rules) SaveRule(rule, out);
  for (const SurpriseTable& table : tables) table.Save(out);
  slow_space.Save(out);
  season_space.Save(out);
  start.Save(out);
  out.U16(!forest ? kNoForest : shared_forest == 0 ? kOwnForest : kSharedForest);
  if (shared_forest != 0)
    out.U64(shared_forest);
  else if (forest)
    forest->Save(out);
  return out.Finish();
}

Result<void> CalibratedModel::LoadForest(BlobReader& in, const CalibratedOptions& options) {
  switch (in.U16()) {
    case kNoForest:
      return {};
    case kOwnForest: {
      AIOPS_TRY(auto own, IsolationForest::Load(in));
      forest = std::make_shared<const IsolationForest>(std::move(own));
      break;
    }
    case kSharedForest: {
      const std::uint64_t wanted = in.U64();
      const auto shared =
          std::find_if(options.saved_forests.begin(), options.saved_forests.end(),
                       [&](const auto& candidate) { return candidate->id() == wanted; });
      if (shared == options.saved_forests.end())
        return NotFound("the forest that the saved model shares with others is not there");
      Share(*shared);
      break;
    }
    default:
      return Corruption("calibrated model: a forest of an unknown kind");
  }
  if (forest->width() != kResidualsAMetric * rules.size())
    return Corruption("calibrated model: a foreign forest");
  return {};
}

Result<CalibratedModel> CalibratedModel::Restore(std::string_view blob,
                                                 const DetectorOptions& options) {
  AIOPS_TRY(auto in, BlobReader::Open(blob, kModelMagic, "calibrated model"));
  CalibratedModel model;
  model.id = BlobChecksum(blob);
  model.rows = static_cast<size_t>(in.U64());
  const size_t width = in.U32();
  if (in.ok() && width != options.features.size())
    return InvalidArgument("the saved model has " + std::to_string(width) + " features, not " +
                           std::to_string(options.features.size()));
  for (const FeatureRule& feature : options.features) {
    AIOPS_TRY(const MetricRule rule, LoadRule(in, feature));
    model.rules.push_back(rule);
  }
  for (SurpriseTable& table : model.tables) {
    AIOPS_TRY(table, SurpriseTable::Load(in));
  }
  AIOPS_TRY(model.slow_space, PrincipalSpace::Load(in, width));
  AIOPS_TRY(model.season_space, PrincipalSpace::Load(in, width));
  AIOPS_TRY(model.start, EntityStream::Load(in, width, Memories::For(options.calibrated)));
  AIOPS_TRY_VOID(model.LoadForest(in, options.calibrated));
  if (!in.ok() || in.left() != 0) return Corruption("calibrated model: of the wrong length");
  return model;
}

}  // namespace aiops
