#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/secret_file.h"
#include "config/section.h"
#include "fakes/config_text.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

std::string ProblemsOf(std::string yaml) { return TestConfig(std::move(yaml)).Problems(); }

TEST(Document, SuggestsTheNearestKnownKey) {
  TestConfig config("detect:\n  ewma:\n    lamda: 0.1\n  sigma: 3\nxyzzy: 1\n");
  const Section ewma = config.At("detect.ewma");
  ewma.Number("lambda", 0.2, {});
  ewma.Number("sigma", 3, {});
  EXPECT_EQ(config.Problems(),
            "aiops.yml:3: detect.ewma.lamda: unknown key, did you mean lambda?\n"
            "aiops.yml:4: detect.sigma: unknown key, did you mean detect.ewma.sigma?\n"
            "aiops.yml:5: xyzzy: unknown key\n");
}

TEST(Document, RefusesDuplicateKeysAndKeepsTheFirst) {
  TestConfig config("a:\n  b: 1\n  c: 2\n  b: 3\na: {}\n");
  const Section a = config.At("a");
  EXPECT_EQ(a.Int("b", 0, {}), 1);
  EXPECT_EQ(a.Int("c", 0, {}), 2);
  EXPECT_EQ(config.Problems(),
            "aiops.yml:4: a.b: found twice, first at line 2\n"
            "aiops.yml:5: a: found twice, first at line 1\n");
}

TEST(Document, RefusesWhatYamlAllowsAndWeDoNot) {
  EXPECT_EQ(ProblemsOf("a: &x 1\n"), "aiops.yml:1: a: an anchor (&name) is not supported\n");
  EXPECT_EQ(ProblemsOf("a: &x [*x]\n"), "aiops.yml:1: a: an anchor (&name) is not supported\n");
  EXPECT_EQ(ProblemsOf("a:\n  - !!binary x\n"),
            "aiops.yml:2: a[0]: a tag (!name) is not supported\n");
  EXPECT_EQ(ProblemsOf("a: 1\n---\nb: 1\n"),
            "aiops.yml:2: a second document begins here, want one\n");
  EXPECT_EQ(ProblemsOf("[a]: 1\n"), "aiops.yml:1: a key must be text\n");
  EXPECT_EQ(ProblemsOf("- a\n"), "aiops.yml:1: found a list, want a mapping\n");
  EXPECT_EQ(ProblemsOf("hello\n"), "aiops.yml:1: found 'hello', want a mapping\n");
  EXPECT_EQ(ProblemsOf("a: \"x\\0y\"\n"),
            "aiops.yml:1: a: a control character is not allowed in a value\n");
  EXPECT_EQ(ProblemsOf("a: \xff\n"), "aiops.yml: not valid UTF-8\n");
}

TEST(Document, TellsWhereBrokenYamlIsBroken) {
  EXPECT_EQ(ProblemsOf("a: 1\nb: [1, 2\n"),
            "aiops.yml:3: not valid YAML: end of sequence flow not found\n");
  for (const char* text : {"a:\n\tb: 1\n", "a:\n \tb: 1\n\tc: 2\n"})
    EXPECT_EQ(ProblemsOf(text), "aiops.yml:2: a tab indents this line: use spaces\n") << text;
  EXPECT_EQ(ProblemsOf("a:\n  b: 1\n  c:\n\t  - d\n"),
            "aiops.yml:4: a tab indents this line: use spaces\n");
}

TEST(Document, TellsWhereAQuoteIsOpen) {
  const std::string open = "a quote begins here that nothing closes\n";
  EXPECT_EQ(ProblemsOf("a: 1\nb:\n  c: \"x\n  d: 1\n"), "aiops.yml:3: b.c: " + open);
  EXPECT_EQ(ProblemsOf("a: 'x\n"), "aiops.yml:1: a: " + open);
  EXPECT_EQ(ProblemsOf("a: 'x"), "aiops.yml:1: a: " + open);
  TestConfig closed("a: \"x\n  y\"\nb: |+\n  z\n");
  EXPECT_EQ(closed.Root().String("a", "", {}), "x y");
  EXPECT_EQ(closed.Root().String("b", "", {}), "z\n");
}

TEST(Document, ASecretAndAHeaderAreOneLine) {
  TestConfig config("token: |\n  abc\nlong: |\n  a\n  b\nheaders:\n  X: |\n    a\n    b\n");
  EXPECT_EQ(config.Root().Secret("token", {}).Reveal(), "abc");
  config.Root().Secret("long", {});
  config.Root().StringMap("headers", {});
  EXPECT_EQ(config.Problems(),
            "aiops.yml:3: long: found several lines, want one\n"
            "aiops.yml:7: headers.X: found several lines, want one\n");
}

TEST(Document, HasNoSectionsWhenTheFileIsBroken) {
  TestConfig config("a: {b: 1}\nc: [\n");
  EXPECT_FALSE(config.At("a").Present());
}

TEST(Document, AcceptsAnEmptyFile) {
  EXPECT_EQ(ProblemsOf(""), "");
  EXPECT_EQ(ProblemsOf("# nothing\n"), "");
  EXPECT_EQ(ProblemsOf("\xef\xbb\xbf# with a mark\n"), "");
}

TEST(Document, BoundsDepthAndSize) {
  const auto deep = [](int n) { return "a: " + std::string(n, '[') + std::string(n, ']') + "\n"; };
  EXPECT_EQ(ProblemsOf(deep(19)), "aiops.yml:1: a: unknown key\n");
  EXPECT_NE(ProblemsOf(deep(20)).find("nested deeper than 20 levels"), std::string::npos);
  EXPECT_NE(ProblemsOf(deep(100000)), "");
  EXPECT_EQ(ProblemsOf(std::string((1 << 20) + 1, '#')), "aiops.yml: larger than 1 MiB\n");
  std::string wide = "a:\n";
  for (int i = 0; i < 10001; ++i) wide += "  - 1\n";
  EXPECT_NE(ProblemsOf(wide).find("more than 10000 members"), std::string::npos);
}

TEST(Document, RefusesABillionLaughs) {
  EXPECT_EQ(ProblemsOf("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"),
            "aiops.yml:1: a: an anchor (&name) is not supported\n");
}

TEST(Document, TakesFlagBeforeEnvironmentBeforeFileBeforeDefault) {
  Sources sources{.file = "aiops.yml", .text = "web: {a: file, b: file, c: file}\n"};
  sources.env = {{"AGENT_WEB_A", "env"}, {"AGENT_WEB_B", "env"}, {"AGENT_WEB_C", ""}};
  sources.flags = {{"web.a", "flag"}};
  sources.flag_names = {{"web.a", "--web.a"}};
  Document document(std::move(sources));
  const Section web = document.Root().Child("web");
  EXPECT_EQ(web.String("a", "default", {}), "flag");
  EXPECT_EQ(web.String("b", "default", {}), "env");
  EXPECT_EQ(web.String("c", "default", {}), "file");
  EXPECT_EQ(web.String("d", "default", {}), "default");
  std::string origins;
  for (const auto& o : document.origins()) origins += o.key + "=" + o.value + " " + o.from + "\n";
  EXPECT_EQ(origins,
            "web.a=flag flag --web.a\n"
            "web.b=env environment AGENT_WEB_B\n"
            "web.c=file aiops.yml:1\n"
            "web.d=default default\n");
}

TEST(Document, ReadsAliasesInTheirOwnUnit) {
  const Spec spec{.min = "1s", .max = "1h", .env = "AGENT_WAIT_MINUTES", .env_unit = "m"};
  const auto read = [&](std::string text) {
    return TestConfig("", {{"AGENT_WAIT_MINUTES", text}}).Root().Duration("wait", seconds(7), spec);
  };
  EXPECT_EQ(read("5"), minutes(5));
  EXPECT_EQ(read("0.5"), seconds(30));
  TestConfig wrong("", {{"AGENT_WAIT_MINUTES", "5m"}});
  EXPECT_EQ(wrong.Root().Duration("wait", seconds(7), spec), seconds(7));
  EXPECT_EQ(
      wrong.Problems(),
      "environment AGENT_WAIT_MINUTES: wait: found '5m', want a bare number of minutes, in all "
      "from 1s to 1h\n");
  TestConfig both("", {{"AGENT_WAIT_MINUTES", "5"}, {"AGENT_WAIT", "10m"}});
  EXPECT_EQ(both.Root().Duration("wait", seconds(7), spec), minutes(10));
}

TEST(Document, SplitsListsFromTheEnvironmentAtCommas) {
  TestConfig config("", {{"AGENT_HOSTS", " a, b ,,c"}});
  EXPECT_EQ(config.Root().Strings("hosts", {}, {}), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Document, WarnsOfUnknownVariables) {
  TestConfig config("", {{"AGENT_OLAMA_MODEL", "x"},
                         {"AGENT_OLLAMA_BASE_URL", "x"},
                         {"AGENT_TELEGRAM_CHAT_ID", "1"},
                         {"AGENT_TELEGRAM_BOT_TOKEN", "1"},
                         {"AGENT_ANOMALY_CONTAMINATION", "0.1"},
                         {"AGENT_EMPTY", ""},
                         {"AGENT_SMITH", "x"}});
  EXPECT_EQ(config.Warnings(),
            "environment AGENT_OLAMA_MODEL: unknown variable, did you mean AGENT_OLLAMA_MODEL?\n"
            "environment AGENT_SMITH: unknown variable\n");
  EXPECT_EQ(config.Problems(), "");
}

TEST(Document, HasNoVariablesBelowListsAndChosenNames) {
  TestConfig config("l: [{a: 1}]\nm: {n: {a: 1}}\n", {{"AGENT_M_N_A", "5"}});
  EXPECT_EQ(config.Root().Map("m", "").at(0).second.Int("a", 0, {}), 1);
  EXPECT_EQ(config.Root().List("l", "").at(0).Int("a", 0, {}), 1);
  EXPECT_EQ(config.Warnings(), "environment AGENT_M_N_A: unknown variable\n");
}

TEST(Document, HidesSecretsAndPasswordsInUrls) {
  TestConfig config("token: [hush]\nurl: redis://me:hush@host/0?key=hush\nheaders: {key: hush}\n",
                    {{"AGENT_OTHER", "hush"}});
  const Section root = config.Root();
  root.Secret("token", {});
  EXPECT_EQ(root.Secret("other", {}).Reveal(), "hush");
  EXPECT_EQ(root.String("url", "", {}), "redis://me:hush@host/0?key=hush");
  root.StringMap("headers", {});
  std::string all = config.Problems() + config.Warnings();
  EXPECT_EQ(all, "aiops.yml:1: token: found a list, want text\n");
  for (const auto& origin : config.document().origins()) all += origin.key + origin.value;
  EXPECT_EQ(all.find("hush"), std::string::npos) << all;
  EXPECT_NE(all.find("<secret>"), std::string::npos);
}

TEST(Document, DocumentsEveryKeyWhenDescribing) {
  Document document(Sources{.describe = true});
  const Section root = document.Root();
  root.Child("a", "About a.")
      .Number("x", 0.5, {.help = "An x.", .min = "0", .max = "1", .env = "AGENT_X"});
  for (const auto& item : root.List("list", "A list.")) item.String("name", "", {});
  for (const auto& [name, item] : root.Map("map", "")) item.Secret("key", {});
  std::string docs;
  for (const auto& d : document.docs())
    docs += d.key + "|" + d.type + "|" + d.default_value + "|" + d.allowed + "|" + d.env + "|" +
            d.help + "\n";
  EXPECT_EQ(
      docs,
      "a|section||||About a.\n"
      "a.x|number|0.5|a number from 0 to 1|AGENT_A_X, AGENT_X|An x.\n"
      "list[]|section||||A list.\n"
      "list[].name|text||text||\n"
      "map.<name>.key|secret||text||\n"
      "map.<name>.key_file|path||a file that can be read||A file that holds map.<name>.key.\n");
}

TEST(Document, SurvivesRandomBytes) {
  const std::string alphabet = "ab: -[]{}&*!|>'\"#%@`\n\n  \t,?0\\x~<=\xc3\xa9";
  std::uint32_t state = 1;
  const auto next = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  size_t accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto n = next() % 60; n > 0; --n) text += alphabet[next() % alphabet.size()];
    TestConfig config(text);
    config.Root().Child("a").String("b", "", {});
    config.Root().Strings("b", {}, {});
    accepted += config.Problems().empty() ? 1 : 0;
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_LT(accepted, 3000u);
}

class SecretFile : public testing::Test {
 protected:
  std::string Write(const std::string& content) {
    std::ofstream(folder_ + "/token") << content;
    return folder_ + "/token";
  }
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(SecretFile, GivesItsContentWithoutTheNewline) {
  TestConfig config("token_file: " + Write("hush\n"));
  EXPECT_EQ(config.Root().Secret("token", {}).Reveal(), "hush");
  EXPECT_EQ(config.Problems(), "");
  ASSERT_EQ(config.document().origins().size(), 1u);
  EXPECT_EQ(config.document().origins()[0].value, "<secret>");
  EXPECT_EQ(config.document().origins()[0].from, "aiops.yml:1");
}

TEST_F(SecretFile, IsNamedByAVariableOrItsAlias) {
  const auto path = Write("hush");
  EXPECT_EQ(TestConfig("", {{"AGENT_TOKEN_FILE", path}}).Root().Secret("token", {}).Reveal(),
            "hush");
  TestConfig alias("", {{"AGENT_T_FILE", path}});
  EXPECT_EQ(alias.Root().Secret("token", {.env = "AGENT_T"}).Reveal(), "hush");
  EXPECT_EQ(alias.Warnings(), "");
}

TEST_F(SecretFile, YieldsToAValueOfAStrongerSource) {
  TestConfig config("token_file: /nowhere\n", {{"AGENT_TOKEN", "hush"}});
  EXPECT_EQ(config.Root().Secret("token", {}).Reveal(), "hush");
  EXPECT_EQ(config.Problems(), "");
}

TEST_F(SecretFile, ProblemsNameTheReason) {
  const auto problems = [](const std::string& yaml) {
    TestConfig config(yaml);
    config.Root().Secret("token", {});
    return config.Problems();
  };
  EXPECT_EQ(problems("token_file: /nowhere/x\n"),
            "aiops.yml:1: token_file: cannot read '/nowhere/x': no such file\n");
  EXPECT_EQ(problems("token_file: /dev/null\n"),
            "aiops.yml:1: token_file: cannot read '/dev/null': not a regular file\n");
  const auto path = Write("\n");
  EXPECT_EQ(problems("token_file: " + path),
            "aiops.yml:1: token_file: cannot read '" + path + "': the file is empty\n");
  EXPECT_EQ(problems("token: hush\ntoken_file: " + path),
            "aiops.yml:2: token_file: found beside token, want only one of them\n");
}

TEST_F(SecretFile, SourcesComeFromTheFileAndTheEnvironment) {
  setenv("AGENT_TEST_ONLY", "1", 1);
  const auto sources = ReadSources(Write("a: 1\n"));
  unsetenv("AGENT_TEST_ONLY");
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->text, "a: 1\n");
  EXPECT_EQ(sources->env.at("AGENT_TEST_ONLY"), "1");
  EXPECT_EQ(ReadSources("/dev/null").error().message,
            "cannot read /dev/null: it is no regular file");
  const auto missing = ReadSources(folder_ + "/none.yml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message,
            "cannot read " + folder_ + "/none.yml: No such file or directory");
  EXPECT_FALSE(ReadSources(folder_));
}

TEST(Nearest, FindsTyposAndNothingElse) {
  const std::vector<std::string> known{"lambda", "sigma", "on", "url"};
  EXPECT_EQ(Nearest("lamda", known), "lambda");
  EXPECT_EQ(Nearest("labmda", known), "lambda");
  EXPECT_EQ(Nearest("simga", known), "sigma");
  EXPECT_EQ(Nearest("ulr", known), "url");
  EXPECT_EQ(Nearest("xyz", known), "");
  EXPECT_EQ(Nearest("", known), "");
  EXPECT_EQ(Nearest("completely_else", known), "");
}

TEST_F(SecretFile, ATokenInPlaceOfAPathIsNotShown) {
  const std::string said = ReadSecretFile("eyJhbGciOi").error().message;
  EXPECT_EQ(said.find("eyJ"), std::string::npos);
  EXPECT_NE(said.find("./a/path"), std::string::npos);
  EXPECT_NE(ReadSecretFile("./no/such").error().message.find("./no/such"), std::string::npos);
}

}  // namespace
}  // namespace aiops
