#include "collect/nginx/agent_family.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

namespace aiops {
namespace {

using enum AgentFamily;

constexpr size_t kMaxAgentBytes = 256;
constexpr size_t kMaxWordBytes = 24;

constexpr std::string_view kNames[] = {"scanner", "search bot", "AI bot", "SEO bot", "other bot",
                                       "monitor", "curl",       "wget",   "Python",  "Go",
                                       "Java",    "Node",       "PHP",    "Edge",    "Opera",
                                       "Firefox", "Chrome",     "Safari", "other",   "none"};
static_assert(std::size(kNames) == kAgentFamilyCount);

// In the order of the words.
constexpr std::pair<std::string_view, AgentFamily> kWords[] = {{"ahrefsbot", kSeoBot},
                                                               {"aiohttp", kPython},
                                                               {"amazonbot", kAiBot},
                                                               {"anthropic", kAiBot},
                                                               {"applebot", kSearchBot},
                                                               {"axios", kNode},
                                                               {"baiduspider", kSearchBot},
                                                               {"bingbot", kSearchBot},
                                                               {"blackbox", kMonitor},
                                                               {"bytespider", kAiBot},
                                                               {"ccbot", kAiBot},
                                                               {"censysinspect", kScanner},
                                                               {"chatgpt", kAiBot},
                                                               {"chrome", kChrome},
                                                               {"claudebot", kAiBot},
                                                               {"crios", kChrome},
                                                               {"curl", kCurl},
                                                               {"dirbuster", kScanner},
                                                               {"dotbot", kSeoBot},
                                                               {"duckduckbot", kSearchBot},
                                                               {"edg", kEdge},
                                                               {"edga", kEdge},
                                                               {"edgios", kEdge},
                                                               {"ffuf", kScanner},
                                                               {"firefox", kFirefox},
                                                               {"fxios", kFirefox},
                                                               {"go", kGo},
                                                               {"gobuster", kScanner},
                                                               {"googlebot", kSearchBot},
                                                               {"googlehc", kMonitor},
                                                               {"gptbot", kAiBot},
                                                               {"guzzlehttp", kPhp},
                                                               {"headlesschrome", kOtherBot},
                                                               {"httpclient", kJava},
                                                               {"httpx", kPython},
                                                               {"java", kJava},
                                                               {"kube", kMonitor},
                                                               {"libwww", kOtherBot},
                                                               {"masscan", kScanner},
                                                               {"mj12bot", kSeoBot},
                                                               {"nagios", kMonitor},
                                                               {"nikto", kScanner},
                                                               {"nmap", kScanner},
                                                               {"node", kNode},
                                                               {"nuclei", kScanner},
                                                               {"okhttp", kJava},
                                                               {"opr", kOpera},
                                                               {"perplexitybot", kAiBot},
                                                               {"petalbot", kSearchBot},
                                                               {"php", kPhp},
                                                               {"pingdom", kMonitor},
                                                               {"prometheus", kMonitor},
                                                               {"python", kPython},
                                                               {"requests", kPython},
                                                               {"safari", kSafari},
                                                               {"semrushbot", kSeoBot},
                                                               {"slurp", kSearchBot},
                                                               {"sqlmap", kScanner},
                                                               {"undici", kNode},
                                                               {"uptimerobot", kMonitor},
                                                               {"urllib", kPython},
                                                               {"wget", kWget},
                                                               {"wpscan", kScanner},
                                                               {"yandexbot", kSearchBot},
                                                               {"zabbix", kMonitor},
                                                               {"zgrab", kScanner}};
static_assert(std::is_sorted(std::begin(kWords), std::end(kWords)));

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

AgentFamily OfWord(std::string_view word) {
  const auto found = std::lower_bound(
      std::begin(kWords), std::end(kWords), word,
      [](const auto& known, std::string_view wanted) { return known.first < wanted; });
  if (found != std::end(kWords) && found->first == word) return found->second;
  for (const std::string_view ending : {"bot", "spider", "crawler"}) {
    if (word.ends_with(ending)) return kOtherBot;
  }
  return kOther;
}

}  // namespace

std::string_view ToString(AgentFamily family) { return kNames[static_cast<size_t>(family)]; }

AgentFamily FamilyOf(std::string_view user_agent) {
  if (user_agent.empty() || user_agent == "-") return kNone;
  user_agent = user_agent.substr(0, kMaxAgentBytes);
  AgentFamily family = kOther;
  std::array<char, kMaxWordBytes> word{};
  for (size_t at = 0; at < user_agent.size();) {
    size_t length = 0;
    for (; at < user_agent.size() && IsWordByte(user_agent[at]); ++at, ++length) {
      const char c = user_agent[at];
      const bool upper = c >= 'A' && c <= 'Z';
      if (length < word.size()) word[length] = static_cast<char>(upper ? c + 32 : c);
    }
    if (length == 0) {
      ++at;
    } else if (length <= word.size()) {
      family = std::min(family, OfWord({word.data(), length}));
    }
  }
  return family;
}

AgentFamily AgentFamilies::Of(std::string_view user_agent) {
  // Two texts with one hash: of 64 bits, that is no concern for evidence.
  const std::uint64_t hash = std::hash<std::string_view>()(user_agent);
  Known& known = known_[hash % known_.size()];
  if (known.hash != hash) known = {hash, FamilyOf(user_agent)};
  return known.family;
}

}  // namespace aiops
