#include "collect/read_access.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nginx_test_log.h"

namespace aiops {
namespace {

using testing::HasSubstr;
using testing::Not;

// A group that is not root's: one that root may give, or the caller's own.
gid_t SomeGroup() { return ::geteuid() == 0 ? 4 : ::getegid(); }

std::string NameOf(gid_t id) {
  const group* found = ::getgrgid(id);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

TEST(ReadAccess, NamesTheGroupThatMayRead) {
  TestLogFolder folder;
  folder.Append("x");
  ASSERT_EQ(::chown(folder.Path().c_str(), ::geteuid(), SomeGroup()), 0);
  ::chmod(folder.Path().c_str(), 0640);
  EXPECT_THAT(ReadAccessAdvice(folder.Path()),
              HasSubstr("`sudo usermod -aG " + NameOf(SomeGroup()) + " "));
}

TEST(ReadAccess, WhereNoGroupMayTheUserIsLetIn) {
  TestLogFolder folder;
  folder.Append("x");
  ::chmod(folder.Path().c_str(), 0600);
  const std::string advice = ReadAccessAdvice(folder.Path());
  EXPECT_THAT(advice, HasSubstr(":r " + folder.Path()));
  EXPECT_THAT(advice, HasSubstr("sudo setfacl -m u:"));
  EXPECT_THAT(advice, Not(HasSubstr("usermod")));
}

TEST(ReadAccess, OfWhatCannotBeSeenItIsTheFolderThatIs) {
  TestLogFolder folder;
  ::chmod(folder.Path("").c_str(), 0700);
  EXPECT_THAT(ReadAccessAdvice(folder.Path("no/such.log")), HasSubstr(":rx "));
  ASSERT_EQ(::chown(folder.Path("").c_str(), ::geteuid(), SomeGroup()), 0);
  ::chmod(folder.Path("").c_str(), 0750);
  EXPECT_THAT(ReadAccessAdvice(folder.Path("no/such.log")),
              HasSubstr("add this user to group " + NameOf(SomeGroup())));
}

}  // namespace
}  // namespace aiops
