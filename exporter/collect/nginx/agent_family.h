// AgentFamily: what kind of client a User-Agent says it is, from a fixed list.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace aiops {

// In the order in which they decide: a browser that calls itself a bot is one, Chrome says Safari
// too.
enum class AgentFamily : std::uint8_t {
  kScanner,
  kSearchBot,
  kAiBot,
  kSeoBot,
  kOtherBot,
  kMonitor,
  kCurl,
  kWget,
  kPython,
  kGo,
  kJava,
  kNode,
  kPhp,
  kEdge,
  kOpera,
  kFirefox,
  kChrome,
  kSafari,
  kOther,
  kNone,  // "" or "-"
};
inline constexpr size_t kAgentFamilyCount = 20;
std::string_view ToString(AgentFamily family);  // "scanner", "search bot", ...

// By the words in the first 256 bytes, in any case.
AgentFamily FamilyOf(std::string_view user_agent);

// Remembers the families of texts that it met: there are few of them in a log. Not thread-safe.
class AgentFamilies {
 public:
  AgentFamily Of(std::string_view user_agent);

 private:
  struct Known {
    std::uint64_t hash = 0;
    AgentFamily family = AgentFamily::kNone;
  };
  std::array<Known, 256> known_{};
};

}  // namespace aiops
