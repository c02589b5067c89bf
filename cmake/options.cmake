# What a build can be asked for, and the flags that keep results the same in every build.
option(PROEFTUIN_TESTS "Build the tests" ON)
option(PROEFTUIN_BENCHMARKS "Build the benchmarks" OFF)
option(PROEFTUIN_FUZZ "Build the fuzzers (clang only)" OFF)
option(PROEFTUIN_CONTRACTS "Check contracts (PT_EXPECT, PT_ASSERT, PT_ENSURE)" ON)
option(PROEFTUIN_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)
set(PROEFTUIN_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Type of build" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_library(proeftuin_flags INTERFACE)
# The same bits everywhere: no contraction but the explicit fma, no reassociation.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    # Explicit fma is an instruction from this level on and a slow call below it; the bits are the same.
    set(PROEFTUIN_X86_LEVEL "x86-64-v3" CACHE STRING "Oldest x86 that the build must run on: x86-64-v3 (AVX2, FMA) or x86-64")
    target_compile_options(proeftuin_flags INTERFACE -march=${PROEFTUIN_X86_LEVEL})
    if(PROEFTUIN_X86_LEVEL STREQUAL "x86-64-v3")
        target_compile_definitions(proeftuin_flags INTERFACE PT_NEEDS_AVX2=1)
    endif()
endif()
target_compile_options(proeftuin_flags INTERFACE -ffp-contract=off -fno-math-errno -fno-trapping-math
                       -Wall -Wextra -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 warns of overlapping copies inside std::string that cannot happen (GCC bug 105329).
    target_compile_options(proeftuin_flags INTERFACE -Wno-restrict)
endif()
if(PROEFTUIN_WARNINGS_AS_ERRORS)
    target_compile_options(proeftuin_flags INTERFACE -Werror)
endif()
target_compile_definitions(proeftuin_flags INTERFACE PT_CONTRACTS=$<BOOL:${PROEFTUIN_CONTRACTS}>)
if(PROEFTUIN_SANITIZE)
    target_compile_options(proeftuin_flags INTERFACE -fsanitize=${PROEFTUIN_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(proeftuin_flags INTERFACE -fsanitize=${PROEFTUIN_SANITIZE})
endif()

find_program(PROEFTUIN_CCACHE ccache)
if(PROEFTUIN_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PROEFTUIN_CCACHE})
endif()
find_program(PROEFTUIN_MOLD mold)
if(PROEFTUIN_MOLD)
    # Before 2.4, mold lets RELRO begin with a .tbss that takes no room: in 1 of 256 layouts the page before the
    # segment, which nothing maps, and then the program does not load (github.com/rui314/mold/issues/1151).
    add_link_options(-fuse-ld=mold -Wl,-z,norelro)
endif()
