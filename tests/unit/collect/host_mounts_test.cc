#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/host/mounts.h"

namespace aiops::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Points(const std::vector<Mount>& mounts) {
  std::vector<std::string> points;
  for (const auto& mount : mounts) points.push_back(mount.mount_point);
  return points;
}

std::vector<std::string> Selected(std::string_view mountinfo,
                                  std::vector<std::string> ignored = {}) {
  return Points(SelectMounts(ParseMountinfo(mountinfo), ignored, 100));
}

TEST(HostMounts, ReadsALineWithOptionalFields) {
  const auto mounts = ParseMountinfo(
      "36 35 98:0 /sub /mnt rw,noatime master:1 shared:2 - ext3 /dev/root ro,errors=x\n");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].device, "98:0");
  EXPECT_EQ(mounts[0].root, "/sub");
  EXPECT_EQ(mounts[0].mount_point, "/mnt");
  EXPECT_EQ(mounts[0].type, "ext3");
  EXPECT_EQ(mounts[0].source, "/dev/root");
  EXPECT_TRUE(mounts[0].read_only) << "the file system itself is";
}

TEST(HostMounts, DecodesOctalEscapes) {
  const auto mounts =
      ParseMountinfo("1 2 8:1 / /my\\040disk\\134\\012x\\9\\04 rw - ext4 /dev/sda1 rw\n");
  EXPECT_THAT(Points(mounts), ElementsAre("/my disk\\\nx\\9\\04"));
}

TEST(HostMounts, SkipsLinesThatAreCutOrNonsense) {
  EXPECT_THAT(
      ParseMountinfo("\n-\n1 2 3\n1 2 8:1 / /a rw -\n1 2 8:1 / /a rw - ext4\n"
                     "1 2 eight / /a rw - ext4 /dev/a rw\n1 2 8:1 / relative rw - ext4 /dev/a rw\n"
                     "1 2 8:1 / /nul\\000 rw - ext4 /dev/a rw\n"
                     "1 2 8:1 / /cut rw - ext4 /dev/sda1 r"),
      IsEmpty());
}

TEST(HostMounts, CountsABindMountOfADeviceOnce) {
  EXPECT_THAT(Selected("1 0 8:1 /etc/hosts /a rw - ext4 /dev/sda1 rw\n"
                       "2 0 8:1 / /srv/long/path rw - ext4 /dev/sda1 rw\n"
                       "3 0 8:1 / /srv rw - ext4 /dev/sda1 rw\n"),
              ElementsAre("/srv"));
}

TEST(HostMounts, WhatLiesUnderALaterMountIsNotSeen) {
  EXPECT_THAT(
      Selected("1 0 0:1 / / rw - rootfs rootfs rw\n2 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
               "3 0 8:2 / /data rw - ext4 /dev/sdb1 rw\n4 0 0:9 / /data rw - nfs4 nas:/d rw\n"),
      ElementsAre("/"));
}

TEST(HostMounts, NetworkAndFuseFileSystemsAreNeverTouched) {
  EXPECT_THAT(Selected("1 0 0:1 / /n rw - nfs4 nas:/export rw\n"
                       "2 0 0:2 / /c rw - cifs //nas/share rw\n"
                       "3 0 0:3 / /s rw - fuse.sshfs /dev/looks-local rw\n"
                       "4 0 0:4 / /9 rw - 9p /dev/share rw\n"
                       "5 0 0:5 / /auto rw - autofs /dev/auto rw\n"
                       "6 0 0:6 / /new rw - futurefs host:/x rw\n"),
              IsEmpty());
}

TEST(HostMounts, LocalDisksPoolsAndNtfsAreWatched) {
  EXPECT_THAT(Selected("1 0 8:1 / /ntfs rw - fuseblk /dev/sdb1 rw\n"
                       "2 0 0:2 / /tank rw - zfs tank rw\n"
                       "3 0 0:3 / /b rw - btrfs /dev/sdc rw\n"
                       "4 0 8:4 / /new rw - futurefs /dev/sdd rw\n"),
              ElementsAre("/b", "/new", "/ntfs", "/tank"));
}

TEST(HostMounts, IgnoredTypesAreLeftOut) {
  EXPECT_THAT(
      Selected("1 0 8:1 / /a rw - ext4 /dev/a rw\n2 0 7:0 / /snap ro - squashfs /dev/loop0 ro\n",
               {"squash*"}),
      ElementsAre("/a"));
}

TEST(HostMounts, TheirNumberIsBounded) {
  std::string many;
  for (int i = 0; i < 500; ++i) {
    const auto n = std::to_string(i);
    many += "1 0 8:" + n + " / /m" + n + " rw - ext4 /dev/a rw\n";
  }
  EXPECT_EQ(SelectMounts(ParseMountinfo(many), {}, 256).size(), 256u);
}

}  // namespace
}  // namespace aiops::host
