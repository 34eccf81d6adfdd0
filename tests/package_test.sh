#!/bin/sh
# What is installed is used from outside: pkg-config and the CMake package, the
# shared and the static library, C only.
#
#   package_test.sh INSTALLED WORK SOURCE COMPILER [FLAG…]
set -eu
installed=$1
work=$2
source=$3
shift 3
rm -rf "$work"
mkdir -p "$work"
library=$(dirname "$(find "$installed" -name 'libcredit.so' | head -n 1)")
PKG_CONFIG_PATH=$library/pkgconfig
LD_LIBRARY_PATH=$library
export PKG_CONFIG_PATH LD_LIBRARY_PATH

# shellcheck disable=SC2046 # the flags are words
"$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -o "$work/by-pkg-config" \
    "$source/tests/header_test.c" $(pkg-config --cflags --libs credit)
"$work/by-pkg-config"

cat >"$work/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C)
find_package(credit REQUIRED)
add_executable(by-shared "${TEST_SOURCE}")
target_link_libraries(by-shared PRIVATE credit::credit)
add_executable(by-static "${TEST_SOURCE}")
target_link_libraries(by-static PRIVATE credit::credit_static)
EOF
compiler=$1
shift
cmake -S "$work" -B "$work/build" -DCMAKE_PREFIX_PATH="$installed" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_C_FLAGS="$*" -DTEST_SOURCE="$source/tests/header_test.c" >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/by-shared"
"$work/build/by-static"
for header in credit types; do
    [ -f "$installed/include/credit/$header.h" ] || { echo "credit/$header.h is not installed"; exit 1; }
done
echo "used from outside: pkg-config, CMake shared, CMake static"
