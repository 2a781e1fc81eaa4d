// What people read in Telegram: the text of a message, in Telegram's subset of HTML.
//
// Everything that comes from outside (names, labels, log lines, a model's words) goes through one
// function that leaves no markup, no mention and no link in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/cron.h"
#include "model/anomaly.h"

namespace aiops::telegram {

inline constexpr size_t kMaxUnits = 4096;  // of a message without its markup, in UTF-16

struct MessageContext {
  TimeZone zone;
  std::string external_url;  // for links, without a trailing slash; empty: none
  Time now;
};

// All about one entity, as it is now: whole, for the first message and for edits of it.
std::string TellConversation(const std::vector<Anomaly>& anomalies, const MessageContext& context);

// Several entities at once, a line each, the critical ones first; those that do not fit are
// counted.
std::string TellDigest(const std::vector<Anomaly>& anomalies, const MessageContext& context);

// "nas: over. 03:02-03:21 (19m)", as a reply to what told of it first.
std::string TellEnd(const std::vector<Anomaly>& anomalies, const MessageContext& context);

// Text from outside, escaped and cut. Dots of names and signs that Telegram would make links,
// mentions, commands or hashtags of are kept apart by a zero-width character.
std::string Plain(std::string_view text, size_t max_bytes = 300);

// The text of a message without its markup: for a Telegram that does not like the markup, and for
// counting.
std::string WithoutMarkup(std::string_view html);

}  // namespace aiops::telegram
