// The episodes of a backtest's report: a list, and a card for each.
#pragma once

#include <string>
#include <vector>

#include "ctl/backtest_report.h"

namespace aiops {

// Episodes that are told together. `id` begins the names by which the list finds the cards: those
// of another group begin otherwise.
struct EpisodeGroup {
  std::string heading;
  std::string id;
  const BacktestReport* report = nullptr;
  std::vector<const Episode*> episodes;
};

std::string EpisodeList(const EpisodeGroup& group);

// With curves; folded where an earlier card of the same entity is about the same features.
std::string EpisodeCards(const EpisodeGroup& group);

}  // namespace aiops
