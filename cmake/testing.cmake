# Tests: one executable per component, found by folder.
# proeftuin_test(<name> [USES <targets>...]) builds every *_test.cpp of the current folder, and every other
# *.cpp as a part of it, into proeftuin_test_<name> and registers its cases with ctest as <name>.<suite>.<case>.
function(proeftuin_test name)
    if(NOT PROEFTUIN_TESTS)
        return()
    endif()
    cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    add_executable(proeftuin_test_${name} ${sources})
    target_link_libraries(proeftuin_test_${name} PRIVATE ${ARG_USES} proeftuin_flags GTest::gmock GTest::gtest_main)
    target_include_directories(proeftuin_test_${name} PRIVATE ${PROJECT_SOURCE_DIR})
    # PRE_TEST: cases are listed when ctest runs, so that a build under load never times out on it.
    gtest_discover_tests(proeftuin_test_${name} TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT 600)
endfunction()

# What a test of a Python or shell script runs with: Debian's own interpreter, which has Debian's modules.
find_program(PROEFTUIN_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT PROEFTUIN_PYTHON)
    find_program(PROEFTUIN_PYTHON NAMES python3)
endif()
if(PROEFTUIN_TESTS)
    include(GoogleTest)
endif()
