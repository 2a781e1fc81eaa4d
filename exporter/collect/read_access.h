// What makes a file readable that this user may not read.
#pragma once

#include <string>

namespace aiops {

// "add this user to group adm (`sudo usermod -aG adm ann`, then log in again and restart)": the
// group that may read `path`, or, where the way to it is closed, enter the folder that is. Where no
// group but root's may, the command that lets this user.
std::string ReadAccessAdvice(const std::string& path);

}  // namespace aiops
