#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/nginx/options.h"
#include "fakes/config_text.h"

namespace aiops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

NginxOptions OptionsOf(const std::string& yaml, std::string* problems = nullptr) {
  TestConfig config("collect: {nginx: {" + yaml + "}}");
  auto options = ReadNginxOptions(config.At("collect.nginx"), minutes(1), seconds(10));
  if (problems) *problems = config.Problems();
  return options;
}

TEST(NginxContainerOptions, NoEngineIsAskedUnasked) {
  EXPECT_THAT(OptionsOf("format: auto").containers.names, IsEmpty());
  EXPECT_THAT(OptionsOf("format: auto").logs, ElementsAre("/var/log/nginx/access.log"));
}

TEST(NginxContainerOptions, WithContainersThereIsNoDefaultLog) {
  const auto only = OptionsOf("containers: web, wrapper: docker, format: main");
  EXPECT_THAT(only.containers.names, ElementsAre("web"));
  EXPECT_EQ(only.containers.engine.unix_socket, "/var/run/docker.sock");
  EXPECT_EQ(only.containers.lines.format, "main");
  EXPECT_EQ(only.containers.lines.wrapper, Wrapper::kNone);
  EXPECT_THAT(only.logs, IsEmpty());
  const auto both =
      OptionsOf("containers: [a, b], logs: [/x], engine: {socket: 'tcp://proxy:2375'}");
  EXPECT_THAT(both.logs, ElementsAre("/x"));
  EXPECT_EQ(both.containers.engine.base_url, "http://proxy:2375");
}

TEST(NginxContainerOptions, AnAddressThatIsNoneIsReported) {
  std::string problems;
  OptionsOf("containers: [web], engine: {socket: docker.sock}", &problems);
  EXPECT_THAT(problems, HasSubstr("collect.nginx.engine.socket: want the path of a socket"));
}

TEST(NginxContainerOptions, ContainersWithoutAnEngineAreReported) {
  std::string problems;
  OptionsOf("containers: [web], engine: {socket: ''}", &problems);
  EXPECT_THAT(problems, HasSubstr("collect.nginx.containers: want an address in engine.socket"));
}

}  // namespace
}  // namespace aiops
