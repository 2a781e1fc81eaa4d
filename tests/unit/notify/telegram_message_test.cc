#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "notify/telegram/message.h"
#include "notify_testing.h"
#include "text/sanitize.h"
#include "text/utf16.h"

namespace aiops::telegram {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

MessageContext Seoul() { return {*TimeZone::Open("Asia/Seoul"), "https://aiops.home", kNow}; }

Anomaly Critical(Anomaly a) {
  a.severity = Severity::kCritical;
  return a;
}

// What is left when the joiners that keep links apart are taken out.
std::string Joined(std::string text) {
  for (size_t at; (at = text.find("\u2060")) != std::string::npos;) text.erase(at, 3);
  return text;
}

TEST(TelegramMessage, TellsAnEntityInAFewLines) {
  Anomaly learned = Learned();
  learned.root_cause = R"({"root_cause":"somebody uploads a film."})";
  const std::string text = Joined(WithoutMarkup(TellConversation({learned, Down("db")}, Seoul())));
  EXPECT_EQ(text,
            "🔴 nas: db exited with 137 · since 07:03, ongoing\n"
            "request_rate 830 requests/s, usually 3.1 requests/s to 25 requests/s · "
            "network_tx 5.25 MB/s · cpu_percent 93.3 %\n"
            "In order: 07:03 request_rate and network_tx unusual · 07:03 db exited with 137\n"
            "Likely: somebody uploads a film.\n"
            "No. 7, score 1.75 (alert at 1) · No. 8, a known fact · details");
}

TEST(TelegramMessage, SaysWhoTakesCareAndWhatIsOver) {
  Anomaly a = Learned();
  a.acknowledged_at = kNow;
  a.acknowledged_by = "minsu";
  a.acknowledged_why = "the disk";
  EXPECT_THAT(TellConversation({a}, Seoul()), HasSubstr("👀 minsu, "));
  const Anomaly over = Closed(a, kStart + minutes(19));
  EXPECT_THAT(TellConversation({over}, Seoul()), StartsWith("🟢"));
  EXPECT_THAT(WithoutMarkup(TellEnd({over}, Seoul())), HasSubstr("nas: over · "));
  EXPECT_THAT(WithoutMarkup(TellEnd({over}, Seoul())), HasSubstr("(19m)"));
}

TEST(TelegramMessage, ADigestTellsTheCriticalOnesFirstAndCountsTheRest) {
  std::vector<Anomaly> many;
  for (int i = 0; i < 400; ++i) many.push_back(Learned(i + 1));
  many.push_back(Critical(Learned(999)));
  many.back().key.entity = "worst";
  const std::string text = WithoutMarkup(TellDigest(many, Seoul()));
  EXPECT_THAT(text, StartsWith("🔴 401 to know"));
  EXPECT_LT(text.find("worst"), text.find("nas"));
  EXPECT_THAT(text, HasSubstr(" more: "));
  EXPECT_LE(Utf16Length(text), kMaxUnits);
  EXPECT_GT(Utf16Length(text), kMaxUnits - 500);
}

TEST(TelegramMessage, WithoutAnAddressThereIsNoLink) {
  MessageContext context = Seoul();
  context.external_url.clear();
  EXPECT_THAT(TellConversation({Learned()}, context), Not(HasSubstr("href")));
}

TEST(TelegramMessage, TextFromOutsideHasNoMarkupAndNoLink) {
  EXPECT_EQ(Plain("<b>&\""), "&lt;b&gt;&amp;&quot;");
  EXPECT_EQ(Plain("@admin"), "@\u2060admin");
  EXPECT_EQ(Plain("evil.com/x"), "evil.\u2060com/\u2060x");
  EXPECT_EQ(Plain("http://a"), "http:\u2060/\u2060/\u2060a");
  EXPECT_EQ(Plain("/start #tag"), "/\u2060start #\u2060tag");
  EXPECT_EQ(Plain("95.2 %, a.b"), "95.\u20602 %, a.\u2060b");
}

TEST(TelegramMessage, AnyTextComesThroughAsItIs) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"<",      ">",  "&",    "&lt;", "<b>", "</b>", "\"",
                                     "'",      "@a", "a.b",  "/c",   "#d",  "한",   "🔴",
                                     "\u202e", "\n", "\xff", "]]>",  "x"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    EXPECT_EQ(Joined(WithoutMarkup(Plain(text))), Sanitize(text, 300));
  }
}

}  // namespace
}  // namespace aiops::telegram
