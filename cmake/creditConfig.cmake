# find_package(credit) gives credit::credit (shared) and credit::credit_static.
include("${CMAKE_CURRENT_LIST_DIR}/creditTargets.cmake")
