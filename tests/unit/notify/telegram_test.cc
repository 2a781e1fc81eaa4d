// The notifier as the delivery worker sees it, over a scripted client. What the real Bot API
// refuses is tested end to end, over a server that refuses it, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "notify/notifier.h"
#include "notify_testing.h"

namespace aiops {

extern const NotifierDescriptor kTelegramNotifier;

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* kToken = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcde";
const std::string kConfig =
    "notify: {telegram: {bot_token: '" + std::string(kToken) + "', chat_id: '-42'}}";

class TelegramTest : public ::testing::Test {
 protected:
  std::unique_ptr<Notifier> Make(const std::string& yaml = kConfig) {
    config_ = std::make_unique<TestConfig>(yaml);
    auto all = kTelegramNotifier.make(config_->At("notify.telegram"), context_);
    problems_ = config_->Problems();
    return all.empty() ? nullptr : std::move(all.front());
  }
  void Answer(int status, const std::string& body) { answers_.push_back({status, body, {}}); }
  void Refuse(int code, const std::string& description, const Json& parameters = Json::object()) {
    Answer(code, Json{{"ok", false},
                      {"error_code", code},
                      {"description", description},
                      {"parameters", parameters}}
                     .dump());
  }
  static Notification Of(Anomaly a, Occasion occasion = Occasion::kOpened,
                         const std::string& about = "") {
    return {"1", {std::move(a)}, kNow, occasion, {about}};
  }
  static Anomaly Critical() { return Learned(7, Severity::kCritical); }
  Json Body(size_t i) { return Json::parse(http_.sent().at(i).request.body); }
  std::string Method(size_t i) { return http_.sent().at(i).request.path; }

  std::deque<HttpResponse> answers_;
  FakeHttpClient http_{[this](const HttpEndpoint&, const HttpRequest&) -> Result<HttpResponse> {
    if (answers_.empty()) return HttpResponse{200, R"({"ok":true,"result":{"message_id":77}})", {}};
    HttpResponse answer = answers_.front();
    answers_.pop_front();
    return answer;
  }};
  ManualClock clock_{kNow};
  NotifierContext context_{clock_, http_, "", {}, *TimeZone::Open("UTC")};
  std::unique_ptr<TestConfig> config_;
  std::string problems_;
};

TEST_F(TelegramTest, WithoutATokenThereIsNone) {
  EXPECT_EQ(Make(""), nullptr);
  EXPECT_EQ(problems_, "");
}

TEST_F(TelegramTest, RefusesWhatIsNoTokenAndNoChat) {
  Make("notify: {telegram: {bot_token: 'abc', chat_id: '1'}}");
  EXPECT_THAT(problems_, HasSubstr("@BotFather"));
  EXPECT_THAT(problems_, Not(HasSubstr("abc")));
  Make("notify: {telegram: {bot_token: '" + std::string(kToken) + "', chat_id: 'me'}}");
  EXPECT_THAT(problems_, HasSubstr("notify.telegram.chat_id"));
  Make("notify: {telegram: {bot_token: '" + std::string(kToken) + "'}}");
  EXPECT_THAT(problems_, HasSubstr("notify.telegram.chat_id"));
}

TEST_F(TelegramTest, CriticalRingsAndAWarningIsSilent) {
  const auto notifier = Make();
  EXPECT_EQ(problems_, "");
  EXPECT_EQ(notifier->name(), "telegram/-42");
  EXPECT_EQ(notifier->Send(Of(Critical()), {})->reference, "77");
  ASSERT_TRUE(notifier->Send(Of(Learned()), {}));
  EXPECT_EQ(Method(0), "/sendMessage");
  EXPECT_EQ(Body(0)["chat_id"], "-42");
  EXPECT_EQ(Body(0)["parse_mode"], "HTML");
  EXPECT_EQ(Body(0)["disable_notification"], false);
  EXPECT_EQ(Body(1)["disable_notification"], true);
  EXPECT_EQ(Body(0)["link_preview_options"]["is_disabled"], true);
  EXPECT_TRUE(http_.sent()[0].request.once);
}

TEST_F(TelegramTest, AnEscalationAndAnEndAreRepliesAndTheRestIsAnEdit) {
  const auto notifier = Make();
  ASSERT_TRUE(notifier->Send(Of(Critical(), Occasion::kEscalated, "5"), {}));
  ASSERT_TRUE(notifier->Send(Of(Closed(Critical(), kNow), Occasion::kClosed, "5"), {}));
  EXPECT_EQ(notifier->Send(Of(Critical(), Occasion::kAnalysed, "5"), {})->reference, "5");
  EXPECT_EQ(Body(0)["reply_parameters"]["message_id"], 5);
  EXPECT_EQ(Body(0)["disable_notification"], false);
  EXPECT_EQ(Body(1)["reply_parameters"]["message_id"], 5);
  EXPECT_EQ(Body(1)["disable_notification"], true);
  EXPECT_EQ(Method(2), "/editMessageText");
  EXPECT_EQ(Body(2)["message_id"], 5);
}

TEST_F(TelegramTest, AnEditThatChangesNothingIsDoneAndOneOfALostMessageIsSentAnew) {
  const auto notifier = Make();
  Refuse(400, "Bad Request: message is not modified: specified new message content ...");
  EXPECT_EQ(notifier->Send(Of(Critical(), Occasion::kChanged, "5"), {})->reference, "5");
  Refuse(400, "Bad Request: message to edit not found");
  EXPECT_EQ(notifier->Send(Of(Critical(), Occasion::kChanged, "5"), {})->reference, "77");
}

TEST_F(TelegramTest, TextThatItCannotParseGoesPlainOnce) {
  const auto notifier = Make();
  Refuse(400, "Bad Request: can't parse entities: unsupported start tag");
  ASSERT_TRUE(notifier->Send(Of(Critical()), {}));
  EXPECT_FALSE(Body(1).contains("parse_mode"));
  EXPECT_THAT(Body(1)["text"].get<std::string>(), Not(HasSubstr("<b>")));
  Refuse(400, "Bad Request: can't parse entities");
  Refuse(400, "Bad Request: can't parse entities");
  EXPECT_EQ(notifier->Send(Of(Critical()), {}).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(http_.sent(), SizeIs(4));
}

TEST_F(TelegramTest, AGroupThatMovedIsFollowed) {
  const auto notifier = Make();
  Refuse(400, "Bad Request: group chat was upgraded to a supergroup chat",
         {{"migrate_to_chat_id", -1007}});
  ASSERT_TRUE(notifier->Send(Of(Critical()), {}));
  EXPECT_EQ(Body(1)["chat_id"], "-1007");
  ASSERT_TRUE(notifier->Send(Of(Critical()), {}));
  EXPECT_EQ(Body(2)["chat_id"], "-1007");
}

TEST_F(TelegramTest, RefusalsSayWhatToDoAndNeverTheToken) {
  const auto notifier = Make();
  const auto error = [&] { return notifier->Send(Of(Critical()), {}).error(); };
  Refuse(401, "Unauthorized");
  EXPECT_THAT(error().message, HasSubstr("@BotFather"));
  Refuse(400, "Bad Request: chat not found");
  EXPECT_THAT(error().message, HasSubstr("write a word to the bot"));
  Refuse(403, "Forbidden: bot was blocked by the user");
  const Error blocked = error();
  EXPECT_EQ(blocked.kind, ErrorKind::kUnauthorized);
  Refuse(429, "Too Many Requests: retry after 17", {{"retry_after", 17}});
  const Error limited = error();
  EXPECT_EQ(limited.kind, ErrorKind::kRateLimited);
  EXPECT_EQ(limited.retry_after, std::chrono::seconds(17));
  Answer(502, "<html>/bot" + std::string(kToken) + "</html>");
  const Error proxy = error();
  EXPECT_EQ(proxy.kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(proxy.perhaps_done);
  EXPECT_THAT(proxy.message, Not(HasSubstr("ABCDEFGHIJ")));
  Answer(200, "{}");
  EXPECT_EQ(error().kind, ErrorKind::kCorruption);
}

TEST_F(TelegramTest, ItIsNotToldWhatIsLessGraveThanConfiguredOrTheEndOfAWarning) {
  const auto notifier = Make();
  EXPECT_TRUE(notifier->Wants(Occasion::kOpened, Learned()));
  EXPECT_FALSE(notifier->Wants(Occasion::kClosed, Learned()));
  EXPECT_TRUE(notifier->Wants(Occasion::kClosed, Critical()));
  const auto grave = Make("notify: {telegram: {bot_token: '" + std::string(kToken) +
                          "', chat_id: '1', min_severity: critical}}");
  EXPECT_FALSE(grave->Wants(Occasion::kOpened, Learned()));
}

TEST_F(TelegramTest, AProbeChangesNothing) {
  const auto notifier = Make();
  EXPECT_TRUE(notifier->Probe({}));
  EXPECT_EQ(Method(0), "/getMe");
  Refuse(401, "Unauthorized");
  EXPECT_FALSE(notifier->Probe({}));
}

}  // namespace
}  // namespace aiops
