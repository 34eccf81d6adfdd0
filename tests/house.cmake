# Tests of the house itself: walls, header, symbols, example, packages, program.
set(scripts "${CMAKE_CURRENT_SOURCE_DIR}")

# Outside programs see the compiler and the sanitizers of this build.
set(outside_compiler "${CMAKE_C_COMPILER}")
foreach(pair ASAN:address UBSAN:undefined TSAN:thread)
    string(REPLACE ":" ";" pair "${pair}")
    list(GET pair 0 name)
    list(GET pair 1 sanitizer)
    if(CREDIT_${name})
        list(APPEND outside_compiler "-fsanitize=${sanitizer}")
    endif()
endforeach()

add_test(NAME layers COMMAND "${scripts}/layers_test.sh" "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
set_tests_properties(layers PROPERTIES ENVIRONMENT "CC=${CMAKE_C_COMPILER}" TIMEOUT 300)

find_program(SHELLCHECK shellcheck)
if(SHELLCHECK)
    file(GLOB_RECURSE shell_scripts CONFIGURE_DEPENDS "${scripts}/*.sh")
    foreach(extra dev .ci/run tests/demo/run tests/bench/run tests/soak/run tests/tck/run)
        if(EXISTS "${CMAKE_SOURCE_DIR}/${extra}")
            list(APPEND shell_scripts "${CMAKE_SOURCE_DIR}/${extra}")
        endif()
    endforeach()
    add_test(NAME shellcheck COMMAND "${SHELLCHECK}" ${shell_scripts})
endif()

if(CREDIT_API_COMPLETE)
    enable_language(CXX)
    add_test(NAME symbols COMMAND "${scripts}/symbols_test.sh"
        $<TARGET_FILE:credit_shared> "${CMAKE_SOURCE_DIR}/api/credit.h"
        "${CMAKE_SOURCE_DIR}/engine/types.h")

    add_executable(header_c header_test.c)
    target_compile_options(header_c PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
        -Wstrict-prototypes -Wmissing-prototypes $<$<C_COMPILER_ID:Clang>:-Wdocumentation>
        -Werror)
    set_target_properties(header_c PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/header_test.cpp.in" "#include \"@CMAKE_CURRENT_SOURCE_DIR@/header_test.c\"\n")
    configure_file("${CMAKE_CURRENT_BINARY_DIR}/header_test.cpp.in" header_test.cpp @ONLY)
    add_executable(header_cxx "${CMAKE_CURRENT_BINARY_DIR}/header_test.cpp")
    target_compile_options(header_cxx PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
    set_target_properties(header_cxx PROPERTIES CXX_STANDARD 11 CXX_EXTENSIONS OFF)
    foreach(language c cxx)
        target_link_libraries(header_${language} PRIVATE credit::credit)
        if(CREDIT_ASAN OR CREDIT_UBSAN OR CREDIT_TSAN)
            list(SUBLIST outside_compiler 1 -1 sanitizer_flags)
            target_link_options(header_${language} PRIVATE ${sanitizer_flags})
        endif()
        add_test(NAME header_${language} COMMAND header_${language})
    endforeach()

    # One installation, used by the tests that stand outside.
    set(installed "${CMAKE_BINARY_DIR}/test-root")
    add_test(NAME install COMMAND "${CMAKE_COMMAND}" --install "${CMAKE_BINARY_DIR}"
        --prefix "${installed}")
    set_tests_properties(install PROPERTIES FIXTURES_SETUP installation)
    add_test(NAME package COMMAND "${scripts}/package_test.sh" "${installed}"
        "${CMAKE_CURRENT_BINARY_DIR}/package" "${CMAKE_SOURCE_DIR}" ${outside_compiler})
    add_test(NAME example COMMAND "${scripts}/example_test.sh" "${CMAKE_SOURCE_DIR}/README.md"
        "${installed}" "${CMAKE_CURRENT_BINARY_DIR}/example" "${scripts}/demo/register.csv"
        ${outside_compiler})
    add_test(NAME cli COMMAND "${scripts}/cli_test.sh" "${installed}" "${CMAKE_SOURCE_DIR}")
    add_test(NAME catalogs COMMAND Python3::Interpreter -B "${scripts}/catalogs_test.py"
        "${installed}" "${CMAKE_SOURCE_DIR}")
    add_test(NAME rules_page COMMAND Python3::Interpreter -B "${scripts}/rules_page_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}/packs/jingzhou")
    add_test(NAME golden COMMAND Python3::Interpreter -B "${scripts}/golden_test.py"
        "${installed}/bin/credit" $<TARGET_FILE:rows_hit> "${CMAKE_SOURCE_DIR}")
    add_test(NAME manual COMMAND "${scripts}/manual_test.sh" "${installed}" "${CMAKE_SOURCE_DIR}")
    add_test(NAME nights COMMAND Python3::Interpreter -B "${scripts}/nights_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME exchange COMMAND Python3::Interpreter -B "${scripts}/exchange_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME undo COMMAND Python3::Interpreter -B "${scripts}/undo_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME rehearse COMMAND Python3::Interpreter -B "${scripts}/rehearse_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}" $<TARGET_FILE:workload>)
    add_test(NAME whose_record COMMAND Python3::Interpreter -B "${scripts}/matching_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME forbidden COMMAND Python3::Interpreter -B "${scripts}/forbidden_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME whynot_really COMMAND Python3::Interpreter -B "${scripts}/whynot/really.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    add_test(NAME messages COMMAND Python3::Interpreter -B "${scripts}/messages_test.py"
        "${installed}/bin/credit" "${CMAKE_SOURCE_DIR}")
    set_tests_properties(package example cli manual nights whose_record catalogs messages undo
        exchange rehearse rules_page golden forbidden whynot_really
        PROPERTIES FIXTURES_REQUIRED installation TIMEOUT 600)
endif()
