#include "web/params.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "web/json_values.h"

namespace aiops {
namespace {

using testing::HasSubstr;

// The sentence of a refusal; empty if it is accepted.
std::string Refusal(const Param& param, const std::string& value) {
  WebRequest request;
  request.params[param.name] = value;
  return CheckParams({param}, request).value_or("");
}

TEST(Params, IntegersAreWholeAndInTheirRange) {
  const Param limit = IntegerParam("limit", "At most so many.", 1000, 100);
  for (const char* good : {"1", "1000", "007"}) EXPECT_EQ(Refusal(limit, good), "") << good;
  for (const char* bad : {"", "0", "-1", "1001", "1.0", "1e2", " 1", "+1", "0x1", "ten",
                          "99999999999999999999999999"}) {
    EXPECT_THAT(Refusal(limit, bad), HasSubstr("limit: found")) << bad;
    EXPECT_THAT(Refusal(limit, bad), HasSubstr("a whole number from 1 to 1000")) << bad;
  }
}

TEST(Params, TimesAreRfc3339HoweverFarAway) {
  const Param from = TimeParam("from", "Not before.");
  for (const char* good : {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
                           "0001-01-01T00:00:00Z", "2026-11-23t03:02:00.123456789+09:00"})
    EXPECT_EQ(Refusal(from, good), "") << good;
  for (const char* bad : {"", "now", "2026-11-23", "1700000000", "2026-02-30T00:00:00Z",
                          "10000-01-01T00:00:00Z", "2026-11-23T03:02:00"})
    EXPECT_THAT(Refusal(from, bad), HasSubstr("want a time like 2026")) << bad;
}

TEST(Params, TextsAreBoundedUtf8) {
  const Param entity = TextParam("entity", "Exactly this one.");
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "é";
  EXPECT_EQ(Refusal(entity, long_text), "");
  EXPECT_THAT(Refusal(entity, long_text + "x"), HasSubstr("1 to 300 characters"));
  EXPECT_NE(Refusal(entity, ""), "");
  EXPECT_NE(Refusal(entity, "\xff"), "");
}

TEST(Params, ChoicesNameWhatIsAllowed) {
  const Param state = ChoiceParam("state", "Its state.", {"open", "closed"});
  EXPECT_EQ(Refusal(state, "open"), "");
  EXPECT_THAT(Refusal(state, "Open"), HasSubstr("want open or closed"));
}

TEST(Params, CursorsComeBackAndOthersAreRefused) {
  for (const std::int64_t id : {1l, 41l, 1l << 52}) {
    WebRequest request;
    request.params["cursor"] = CursorOf(id);
    EXPECT_EQ(CheckParams({CursorParam()}, request), std::nullopt);
    EXPECT_EQ(CursorOf(request), id);
  }
  EXPECT_EQ(Refusal(CursorParam(), "pffffffffffffffff"), "");  // before it is everything
  for (const char* bad : {"", "7", "p7", "p000000000000000G", "p000000000000000A",
                          "p00000000000000007", "q0000000000000007"})
    EXPECT_THAT(Refusal(CursorParam(), bad), HasSubstr("cursor: found")) << bad;
}

TEST(Params, WhatIsMissingIsFilledInOrNamed) {
  WebRequest request;
  EXPECT_EQ(
      CheckParams({IntegerParam("limit", "At most.", 10, 5), TimeParam("to", "Until.")}, request),
      std::nullopt);
  EXPECT_EQ(IntegerOf(request, "limit"), 5);
  EXPECT_EQ(TimeOf(request, "to"), std::nullopt);
  EXPECT_THAT(CheckParams({TextParam("entity", "Whose.", true)}, request).value_or(""),
              HasSubstr("unknown query parameter 'limit'; known: entity"));
  request.params.clear();
  EXPECT_EQ(CheckParams({TextParam("entity", "Whose.", true)}, request),
            "entity: is missing: Whose.");
}

TEST(StrictJson, RefusesWhatTwoReadersCouldReadDifferently) {
  EXPECT_EQ(ParseStrictJson(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})")->size(), 2u);
  EXPECT_THAT(ParseStrictJson(R"({"a":1,"a":2})").error().message, HasSubstr("'a' occurs twice"));
  EXPECT_FALSE(ParseStrictJson(R"({"b":[{"a":1,"c":3,"a":2}]})"));
  EXPECT_FALSE(ParseStrictJson(R"({"a":1,"\u0061":{"b":{}}})"));
  EXPECT_THAT(ParseStrictJson(std::string(60'000, '[')).error().message, HasSubstr("deeper"));
  for (const char* bad : {"", "{", "{} {}", "nul", "\xff", "{\"a\":\"\xff\"}"})
    EXPECT_FALSE(ParseStrictJson(bad)) << bad;
}

}  // namespace
}  // namespace aiops
