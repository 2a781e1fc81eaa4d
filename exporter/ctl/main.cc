#include <iostream>
#include <string>
#include <vector>

#include "ctl/ctl.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return aiops::RunCtl(arguments, AIOPS_VERSION, std::cout, std::cerr, argc > 0 ? argv[0] : "");
}
