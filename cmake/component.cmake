# One component = one folder = one target proeftuin_<name>; its headers are checked alone.
# proeftuin_component(<name> USES <targets>...)
function(proeftuin_component name)
    cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    if(NOT sources)  # headers only; an archive wants one object all the same
        set(sources ${CMAKE_CURRENT_BINARY_DIR}/headers_only.cpp)
        file(CONFIGURE OUTPUT ${sources} CONTENT "")
    endif()
    add_library(proeftuin_${name} STATIC ${sources})
    add_library(proeftuin::${name} ALIAS proeftuin_${name})
    set_target_properties(proeftuin_${name} PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME ${name})
    target_sources(proeftuin_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
    # Contracts live in headers too, so whoever uses the library must see the choice it was built with.
    target_compile_definitions(proeftuin_${name} PUBLIC PT_CONTRACTS=$<BOOL:${PROEFTUIN_CONTRACTS}>)
    target_compile_features(proeftuin_${name} PUBLIC cxx_std_20)
    target_link_libraries(proeftuin_${name} PUBLIC ${ARG_USES} PRIVATE $<BUILD_INTERFACE:proeftuin_flags>)
    set_property(GLOBAL APPEND PROPERTY PROEFTUIN_COMPONENTS proeftuin_${name})
endfunction()

# Adds a folder, or goes on without it when it has no CMakeLists.txt.
function(proeftuin_add folder)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
        add_subdirectory(${folder})
    endif()
endfunction()
